import type { ControlData, ControlType } from '../connection/protocol.ts';
import { LinesBuilder } from '../log/lines.ts';
import { buffersOf, type Post } from './messages.ts';

/** Lines go to the page so often at most: once a frame is as often as it can draw them. */
const EVERY_MS = 16;
/** Answers that the page has not taken yet. */
const MAX_UNTAKEN = 2;
/** With so much more waiting, nothing more is taken: then the service waits, or whoever reads for all tabs, and keeps the place. */
export const MAX_WAITING_CHARACTERS = 4_000_000;

/** Gives the lines of one stream to the page as columns, as fast as that takes them. */
export class LinesOut {
  readonly builder = new LinesBuilder();
  /** Up to where all has been given, where that is not behind the last line. */
  place: string | undefined;
  lastTime: number | null = null;
  headRow: number | undefined;
  readonly #stream: number;
  readonly #post: Post;
  #untaken = 0;
  #postedMs = Number.NEGATIVE_INFINITY;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #resume: (() => void) | undefined;
  #isClosed = false;

  constructor(stream: number, post: Post) {
    this.#stream = stream;
    this.#post = post;
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#resume?.();
  }

  /** The page has taken an answer. */
  taken(): void {
    this.#untaken -= 1;
    this.giveSoon();
  }

  /** What is told comes behind the lines before it. */
  tell(type: ControlType, data: ControlData, id: string): void {
    this.give();
    this.#post({ is: 'control', stream: this.#stream, type, data, id });
  }

  /** When there is room for more. */
  room(): Promise<void> | undefined {
    if (this.builder.characters <= MAX_WAITING_CHARACTERS || this.#isClosed) return undefined;
    return new Promise((resolve) => (this.#resume = resolve));
  }

  giveSoon(): void {
    if (this.#timer !== undefined || this.#untaken >= MAX_UNTAKEN || this.builder.count === 0) return;
    const waitMs = this.#postedMs + EVERY_MS - performance.now();
    if (waitMs <= 0) this.give();
    else
      this.#timer = setTimeout(() => {
        this.#timer = undefined;
        if (this.#untaken < MAX_UNTAKEN) this.give();
      }, waitMs);
  }

  give(): void {
    if (this.builder.count === 0 || this.#isClosed) return;
    const { lastTime, headRow, place } = this;
    const lines = this.builder.take();
    this.headRow = undefined;
    this.#untaken += 1;
    this.#postedMs = performance.now();
    const arrival = { lines, lastTime, headRow, ...(place === undefined ? {} : { place }) };
    this.#post({ is: 'lines', stream: this.#stream, arrival }, buffersOf(lines));
    this.#resume?.();
    this.#resume = undefined;
  }
}
