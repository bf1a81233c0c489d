import { CONTROL_TYPES, type ControlData, type ControlType, parseBatch, parseControl } from '../connection/protocol.ts';
import { type ReadStream, readDirectly } from '../connection/read-stream.ts';
import type { StreamEvent } from '../connection/sse-events.ts';
import type { Seen } from '../feeds/last-seen.ts';
import { noteWords, restartWords } from '../status/note-words.ts';
import { SeenMark } from '../status/seen-mark.ts';
import { LinesOut } from './lines-out.ts';
import type { Post } from './messages.ts';

/** What is known of a feed from one connection to the next. */
export class FeedMemo {
  readonly feed: string;
  readonly seenMark: SeenMark;
  instance: string | undefined;

  constructor(feed: string, seen: Seen | undefined) {
    this.feed = feed;
    this.seenMark = new SeenMark(seen);
  }
}

/** Reads a feed once, until its stream ends; turns its lines into columns, and gives them to the page as fast as that takes them. */
export class LineReader {
  readonly #stream: number;
  readonly #memo: FeedMemo;
  readonly #post: Post;
  readonly #abort = new AbortController();
  readonly #out: LinesOut;
  #head: string | undefined;

  constructor(stream: number, memo: FeedMemo, post: Post) {
    this.#stream = stream;
    this.#memo = memo;
    this.#post = post;
    this.#out = new LinesOut(stream, post);
  }

  async open(url: string, read: ReadStream = readDirectly): Promise<void> {
    const { signal } = this.#abort;
    const end = await read(url, { signal, take: (events) => this.#take(events) });
    if (signal.aborted) return;
    this.#out.give();
    this.#post({ is: 'failed', stream: this.#stream, end });
  }

  close(): void {
    this.#abort.abort();
    this.#out.close();
  }

  /** The page has taken an answer. */
  taken(): void {
    this.#out.taken();
  }

  #take(events: readonly StreamEvent[]): Promise<void> | undefined {
    for (const event of events) this.#event(event);
    this.#out.giveSoon();
    return this.#out.room();
  }

  #event({ type, data, id }: StreamEvent): void {
    if (type === 'message') this.#lines(data);
    else if ((CONTROL_TYPES as readonly string[]).includes(type)) this.#control(type as ControlType, parseControl(data), id);
  }

  #lines(data: string): void {
    const { builder } = this.#out;
    for (const { id, time, data: text, cut } of parseBatch(data)) {
      const words = this.#memo.seenMark.before(id, time);
      if (words !== undefined) builder.addNote({ tone: 'plain', words });
      if (id === this.#head) this.#out.headRow = builder.count;
      builder.addLine({ text, time, cut, id });
      this.#out.lastTime = time;
    }
  }

  /** What is told comes behind the lines before it, and its row at its place. */
  #control(type: ControlType, data: ControlData, id = ''): void {
    const nowMs = Date.now();
    if (type === 'feed.open') {
      this.#out.builder.moveTo(id);
      this.#open(data, nowMs);
    }
    const note = noteWords(type, data, this.#memo.feed, nowMs);
    if (note !== undefined) this.#out.builder.addNote(note);
    this.#out.tell(type, data, id);
  }

  #open(data: ControlData, nowMs: number): void {
    const { seenMark, instance } = this.#memo;
    const openMs = Date.parse(data.time ?? '');
    this.#head = data.head;
    seenMark.open(data.head, Number.isNaN(openMs) ? nowMs : openMs);
    if (instance !== undefined && instance !== data.instance) {
      this.#out.builder.addNote(restartWords(data.start === 'resumed', nowMs));
    }
    this.#memo.instance = data.instance;
  }
}
