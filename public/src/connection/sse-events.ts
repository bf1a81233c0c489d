/** One event of a stream, as it was sent. */
export interface StreamEvent {
  readonly type: string;
  readonly data: string;
  /** The id that it carries, if it carries one. */
  readonly id: string | undefined;
}

/** Splits an event stream (WHATWG, "Server-sent events") that comes in pieces. Line feeds only: the service sends no others. */
export class SseEvents {
  #rest = '';
  #type = 'message';
  #data: string[] = [];
  #id: string | undefined;

  /** The events that end in this piece. */
  *push(piece: string): IterableIterator<StreamEvent> {
    let from = 0;
    for (let end = piece.indexOf('\n'); end >= 0; end = piece.indexOf('\n', from)) {
      const line = this.#rest + piece.slice(from, end);
      this.#rest = '';
      from = end + 1;
      if (line !== '') this.#field(line);
      else if (this.#data.length > 0) yield this.#take();
      else this.#type = 'message';
    }
    this.#rest += piece.slice(from);
  }

  #field(line: string): void {
    const colon = line.indexOf(':');
    if (colon <= 0) return;
    const name = line.slice(0, colon);
    const value = line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1);
    if (name === 'data') this.#data.push(value);
    else if (name === 'event') this.#type = value;
    else if (name === 'id') this.#id = value;
  }

  #take(): StreamEvent {
    const event = { type: this.#type, data: this.#data.join('\n'), id: this.#id };
    this.#type = 'message';
    this.#data = [];
    this.#id = undefined;
    return event;
  }
}
