import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Cursor } from '../feed/cursor.ts';
import type { Reader } from './reader.ts';

/** How long a case waits for its live reader, all waits together; then it goes on as it is, and the verdict will say what is missing. */
const PATIENCE_MS = 12_000;
const LOOK_MS = 10;

export interface TrialOptions {
  readonly folder: string;
  readonly signal: AbortSignal;
  /** Ends the log that the live reader follows, as the end of the service would. */
  readonly endLive: () => Promise<void>;
}

/** A file that a case does its worst to, while a live reader follows it. Its lines are numbered, and of one length. */
export class Trial {
  readonly folder: string;
  readonly path: string;
  readonly live: Reader;
  readonly signal: AbortSignal;
  readonly #endLive: () => Promise<void>;
  /** What a reader who follows should see, in this order. */
  readonly #written: string[] = [];
  readonly #late: string[] = [];
  readonly #giveUpAt = performance.now() + PATIENCE_MS;
  #mark: { readonly cursor: Cursor; readonly lines: number } | undefined;
  #leftAt: number | undefined;
  #number = 0;

  constructor({ folder, signal, endLive }: TrialOptions, live: Reader) {
    this.folder = folder;
    this.path = join(folder, 'a.log');
    this.live = live;
    this.signal = signal;
    this.#endLive = endLive;
  }

  /** The text of `count` more lines, which count as written. `padding` makes each that much longer. */
  text(count: number, padding = 0): string {
    return this.#lines(count)
      .map((line) => this.line(line + '.'.repeat(padding)))
      .join('');
  }

  /** The text of a line of one's own choice. */
  line(line: string): string {
    this.#written.push(line);
    return `${line}\n`;
  }

  /** The text of lines that come to a file when its successor has been read: told as a range, not as lines. */
  lateText(count: number): string {
    const lines = this.#lines(count);
    this.#late.push(...lines);
    return lines.map((line) => `${line}\n`).join('');
  }

  /** Appends `text` and waits until the live reader has it: from there on another reader will read when all is over. */
  async begin(text = this.text(10)): Promise<void> {
    await appendFile(this.path, text);
    await this.seen();
    if (this.live.cursor !== undefined) this.#mark = { cursor: this.live.cursor, lines: this.#written.length };
  }

  /** From here on nobody follows. */
  async leave(): Promise<void> {
    await this.seen();
    this.#leftAt = this.#written.length;
    await this.#endLive();
  }

  /** Waits until the live reader has the last line that was written. */
  async seen(): Promise<void> {
    if (this.#leftAt === undefined) await this.until(() => this.live.lines.at(-1) === this.#written.at(-1));
  }

  async until(condition: () => boolean): Promise<void> {
    while (!condition() && performance.now() < this.#giveUpAt) {
      await delay(LOOK_MS);
      this.signal.throwIfAborted();
    }
  }

  get late(): readonly string[] {
    return this.#late;
  }

  /** The cursor with which a reader comes back when all is over. */
  get mark(): Cursor | undefined {
    return this.#mark?.cursor;
  }

  /** What a live reader should have been given. */
  get forLive(): readonly string[] {
    return this.#written.slice(0, this.#leftAt);
  }

  /** What a reader should be given who comes back from the mark: for him the late lines are in their place. */
  get forResumed(): readonly string[] {
    return [...this.#late, ...this.#written.slice(this.#mark?.lines ?? 0)];
  }

  #lines(count: number): string[] {
    return Array.from({ length: count }, () => {
      this.#number += 1;
      return `line ${String(this.#number).padStart(6, '0')}`;
    });
  }
}

/** One thing that happens to logs. */
export interface Case {
  readonly title: string;
  /** Whether it destroys bytes, or takes them out of reach, so that a gap may be told. */
  readonly destroys?: boolean;
  /** Whether the file is not there yet when the readers come. */
  readonly startsMissing?: boolean;
  /** Throws where the file system will not do it. */
  readonly run: (trial: Trial) => Promise<void>;
}
