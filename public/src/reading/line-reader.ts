import { CONTROL_TYPES, type ControlData, type ControlType, parseBatch, parseControl } from '../connection/protocol.ts';
import { type ReadStream, readDirectly } from '../connection/read-stream.ts';
import type { StreamEvent } from '../connection/sse-events.ts';
import type { Seen } from '../feeds/last-seen.ts';
import { LinesBuilder } from '../log/lines.ts';
import { noteWords, restartWords } from '../status/note-words.ts';
import { SeenMark } from '../status/seen-mark.ts';
import { buffersOf, type Post } from './messages.ts';

/** Lines go to the page so often at most: once a frame is as often as it can draw them. */
const EVERY_MS = 16;
/** Answers that the page has not taken yet. */
const MAX_UNTAKEN = 2;
/** With so much more waiting, nothing more is taken: then the service waits, or whoever reads for all tabs, and keeps the place. */
const MAX_WAITING_CHARACTERS = 4_000_000;

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
  readonly #builder = new LinesBuilder();
  #head: string | undefined;
  #headRow: number | undefined;
  #lastTime: number | null = null;
  #untaken = 0;
  #postedMs = Number.NEGATIVE_INFINITY;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #resume: (() => void) | undefined;

  constructor(stream: number, memo: FeedMemo, post: Post) {
    this.#stream = stream;
    this.#memo = memo;
    this.#post = post;
  }

  async open(url: string, read: ReadStream = readDirectly): Promise<void> {
    const { signal } = this.#abort;
    const end = await read(url, { signal, take: (events) => this.#take(events) });
    if (signal.aborted) return;
    this.#give();
    this.#post({ is: 'failed', stream: this.#stream, end });
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#abort.abort();
    this.#resume?.();
  }

  /** The page has taken an answer. */
  taken(): void {
    this.#untaken -= 1;
    this.#giveSoon();
  }

  #take(events: readonly StreamEvent[]): Promise<void> | undefined {
    for (const event of events) this.#event(event);
    this.#giveSoon();
    if (this.#builder.characters <= MAX_WAITING_CHARACTERS || this.#abort.signal.aborted) return undefined;
    return new Promise((resolve) => (this.#resume = resolve));
  }

  #event({ type, data, id }: StreamEvent): void {
    if (type === 'message') this.#lines(data);
    else if ((CONTROL_TYPES as readonly string[]).includes(type)) this.#control(type as ControlType, parseControl(data), id);
  }

  #lines(data: string): void {
    for (const { id, time, data: text, cut } of parseBatch(data)) {
      const words = this.#memo.seenMark.before(id, time);
      if (words !== undefined) this.#builder.addNote({ tone: 'plain', words });
      if (id === this.#head) this.#headRow = this.#builder.count;
      this.#builder.addLine({ text, time, cut, id });
      this.#lastTime = time;
    }
  }

  /** What is told comes behind the lines before it, and its row at its place. */
  #control(type: ControlType, data: ControlData, id = ''): void {
    const nowMs = Date.now();
    if (type === 'feed.open') {
      this.#builder.moveTo(id);
      this.#open(data, nowMs);
    }
    const note = noteWords(type, data, this.#memo.feed, nowMs);
    if (note !== undefined) this.#builder.addNote(note);
    this.#give();
    this.#post({ is: 'control', stream: this.#stream, type, data, id });
  }

  #open(data: ControlData, nowMs: number): void {
    const { seenMark, instance } = this.#memo;
    const openMs = Date.parse(data.time ?? '');
    this.#head = data.head;
    seenMark.open(data.head, Number.isNaN(openMs) ? nowMs : openMs);
    if (instance !== undefined && instance !== data.instance) {
      this.#builder.addNote(restartWords(data.start === 'resumed', nowMs));
    }
    this.#memo.instance = data.instance;
  }

  #giveSoon(): void {
    if (this.#timer !== undefined || this.#untaken >= MAX_UNTAKEN || this.#builder.count === 0) return;
    const waitMs = this.#postedMs + EVERY_MS - performance.now();
    if (waitMs <= 0) this.#give();
    else
      this.#timer = setTimeout(() => {
        this.#timer = undefined;
        if (this.#untaken < MAX_UNTAKEN) this.#give();
      }, waitMs);
  }

  #give(): void {
    if (this.#builder.count === 0 || this.#abort.signal.aborted) return;
    const lines = this.#builder.take();
    const arrival = { lines, lastTime: this.#lastTime, headRow: this.#headRow };
    this.#headRow = undefined;
    this.#untaken += 1;
    this.#postedMs = performance.now();
    this.#post({ is: 'lines', stream: this.#stream, arrival }, buffersOf(lines));
    this.#resume?.();
    this.#resume = undefined;
  }
}
