/** An event as it came over the wire. */
export interface Frame {
  readonly type: string;
  readonly id: string | undefined;
  readonly data: string;
}

/** Takes bytes as they come and gives whole events; what is unfinished when the connection is cut is dropped, as EventSource does. */
export interface FrameReader {
  take(bytes: Buffer): Frame[];
}

/** What comes between two separators, over any number of reads. */
class Pieces {
  readonly #separator: Buffer;
  #rest: Buffer[] = [];

  constructor(separator: string) {
    this.#separator = Buffer.from(separator);
  }

  take(bytes: Buffer): string[] {
    this.#rest.push(bytes);
    // A separator may lie over two reads: the last byte of the one before is looked at again.
    const before = this.#rest.at(-2)?.subarray(-this.#separator.length + 1) ?? Buffer.alloc(0);
    if (!Buffer.concat([before, bytes]).includes(this.#separator)) return [];
    const all = Buffer.concat(this.#rest);
    const end = all.lastIndexOf(this.#separator) + this.#separator.length;
    this.#rest = [all.subarray(end)];
    return all.toString('utf8', 0, end - this.#separator.length).split(this.#separator.toString());
  }
}

export class SseFrames implements FrameReader {
  readonly #pieces = new Pieces('\n\n');

  take(bytes: Buffer): Frame[] {
    return this.#pieces.take(bytes).flatMap((text) => frameOf(text) ?? []);
  }
}

function frameOf(text: string): Frame | undefined {
  let type = 'message';
  let id: string | undefined;
  const data: string[] = [];
  for (const line of text.split('\n')) {
    const colon = line.indexOf(':');
    const value = line.slice(colon + 1).replace(/^ /, '');
    const name = colon < 0 ? line : line.slice(0, colon);
    if (name === 'event') type = value;
    else if (name === 'id') id = value;
    else if (name === 'data') data.push(value);
  }
  return data.length === 0 ? undefined : { type, id, data: data.join('\n') };
}

export class NdjsonFrames implements FrameReader {
  readonly #pieces = new Pieces('\n');

  take(bytes: Buffer): Frame[] {
    return this.#pieces
      .take(bytes)
      .filter((line) => line !== '')
      .map((line) => {
        const { type, id, data } = JSON.parse(line) as { type: string; id?: string; data: unknown };
        return { type, id, data: typeof data === 'string' ? data : JSON.stringify(data) };
      });
  }
}
