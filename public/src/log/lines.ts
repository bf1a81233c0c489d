import { hasAnsi, plainText } from './ansi.ts';
import { findLevel, type Level } from './level.ts';
import { TraceLines } from './trace-lines.ts';

/** A row between lines, in words: a rotation, a restart, a gap. */
export interface Note {
  readonly tone: 'plain' | 'gap';
  readonly words: string;
}

export interface IncomingLine {
  readonly text: string;
  readonly time: number | null;
  readonly cut: boolean;
  /** The cursor behind it. */
  readonly id: string;
}

/**
 * Rows that follow one another, as columns: a million of them are a few arrays, and go from a worker to the page without being copied. The
 * text of row `i` is `text[ends[i - 1], ends[i])` in UTF-8.
 */
export interface Lines {
  readonly count: number;
  readonly text: Uint8Array<ArrayBuffer>;
  readonly ends: Uint32Array<ArrayBuffer>;
  /** Milliseconds since the epoch; NaN where the service does not know. */
  readonly times: Float64Array<ArrayBuffer>;
  readonly flags: Uint8Array<ArrayBuffer>;
  readonly notes: readonly (readonly [row: number, note: Note])[];
  /** The cursors before the first row and behind the last, and those before some in between: there it can be cut. */
  readonly since: string;
  readonly until: string;
  readonly cuts: readonly (readonly [row: number, cursor: string])[];
}

/** A row's flags: its level in the lowest bits, and what else it is. */
export const LEVEL_BITS = 0b11;
export const CUT = 4;
export const CONTINUED = 8;
export const NOTE = 16;
export const FRAME = 32;

export const LEVELS: readonly (Level | undefined)[] = [undefined, 'error', 'warn', 'debug'];

/** A cursor is kept for every so many rows or bytes. */
const ROWS_A_CUT = 250;
const BYTES_A_CUT = 64 * 1024;

const encoder = new TextEncoder();

/** Collects rows as they come, and gives them as columns. */
export class LinesBuilder {
  #text = new Uint8Array(16 * 1024);
  #length = 0;
  #ends: number[] = [];
  #times: number[] = [];
  #flags: number[] = [];
  #notes: [number, Note][] = [];
  #cuts: [number, string][] = [];
  #cutAt = 0;
  #lastLevel = 0;
  readonly #traces = new TraceLines();
  #since: string;
  #until: string;

  constructor(since = '') {
    this.#since = since;
    this.#until = since;
  }

  get count(): number {
    return this.#ends.length;
  }

  get bytes(): number {
    return this.#length;
  }

  addLine({ text, time, cut, id }: IncomingLine): void {
    this.#cutHere();
    const readable = hasAnsi(text) ? plainText(text) : text;
    const { level } = findLevel(readable);
    const continuation = this.#traces.next(readable, level === 'error' || level === 'warn');
    if (continuation === undefined) this.#lastLevel = LEVELS.indexOf(level);
    this.#write(text);
    const kind = (cut ? CUT : 0) | (continuation === undefined ? 0 : CONTINUED) | (continuation === 'frame' ? FRAME : 0);
    this.#add(time ?? Number.NaN, this.#lastLevel | kind);
    this.#until = id;
  }

  addNote(note: Note): void {
    this.#notes.push([this.count, note]);
    this.#add(Number.NaN, NOTE);
  }

  /** The place moves without a row: the start of a stream, or events that are not shown. */
  moveTo(cursor: string): void {
    if (this.count === 0) this.#since = cursor;
    this.#until = cursor;
  }

  /** What has been collected; it begins again behind that. */
  take(): Lines {
    const lines: Lines = {
      count: this.count,
      text: this.#text.slice(0, this.#length),
      ends: Uint32Array.from(this.#ends),
      times: Float64Array.from(this.#times),
      flags: Uint8Array.from(this.#flags),
      notes: this.#notes,
      since: this.#since,
      until: this.#until,
      cuts: this.#cuts,
    };
    this.#length = 0;
    this.#ends = [];
    this.#times = [];
    this.#flags = [];
    this.#notes = [];
    this.#cuts = [];
    this.#cutAt = 0;
    this.#since = this.#until;
    return lines;
  }

  #cutHere(): void {
    const [row] = this.#cuts.at(-1) ?? [0];
    if (this.count - row < ROWS_A_CUT && this.#length - this.#cutAt < BYTES_A_CUT) return;
    this.#cuts.push([this.count, this.#until]);
    this.#cutAt = this.#length;
  }

  #add(time: number, flags: number): void {
    this.#ends.push(this.#length);
    this.#times.push(time);
    this.#flags.push(flags);
  }

  /** A UTF-16 unit takes three bytes of UTF-8 at most. */
  #write(text: string): void {
    const most = this.#length + 3 * text.length;
    if (most > this.#text.length) {
      const grown = new Uint8Array(Math.max(most, 2 * this.#text.length));
      grown.set(this.#text.subarray(0, this.#length));
      this.#text = grown;
    }
    this.#length += encoder.encodeInto(text, this.#text.subarray(this.#length)).written;
  }
}
