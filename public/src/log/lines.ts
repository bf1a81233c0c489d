import { readable } from './ansi.ts';
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
  /** Which of several feeds it is of, from 0; and whether it came after a newer line. */
  readonly source?: number;
  readonly late?: boolean;
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
  /** Which of several feeds each is of; empty where all are of one. */
  readonly sources: Uint8Array<ArrayBuffer>;
  readonly notes: readonly (readonly [row: number, note: Note])[];
  /** The cursors before the first row and behind the last, and those before some in between: there it can be cut. */
  readonly since: string;
  readonly until: string;
  readonly cuts: readonly (readonly [row: number, cursor: string])[];
}

/** What the service has sifted: of the lines from `since` to `until` those that a filter shows. */
export interface Sifted {
  /** The cursor behind each row. */
  readonly ids: readonly string[];
  /** Lines between them that are not here. */
  readonly hidden: number;
}

/** A row's flags: its level in the lowest bits, and what else it is. */
export const LEVEL_BITS = 0b11;
export const CUT = 4;
export const CONTINUED = 8;
export const NOTE = 16;
export const FRAME = 32;
export const LATE = 64;

export const LEVELS: readonly (Level | undefined)[] = [undefined, 'error', 'warn', 'debug'];

/** A cursor is kept for every so many rows or characters. */
const ROWS_A_CUT = 250;
const CHARACTERS_A_CUT = 64 * 1024;

const encoder = new TextEncoder();

/** Who writes the lines of one feed, as far as it is known from them. */
class Writer {
  readonly traces = new TraceLines();
  level = 0;
}

/** Collects rows as they come, and gives them as columns. */
export class LinesBuilder {
  /** Encoded together, since to do it line by line costs more than all else. */
  #texts: string[] = [];
  /** UTF-16 units. */
  #length = 0;
  #ends: number[] = [];
  #times: number[] = [];
  #flags: number[] = [];
  #sources: number[] = [];
  #notes: [number, Note][] = [];
  #cuts: [number, string][] = [];
  #cutAt = 0;
  #writer = new Writer();
  /** Of several feeds, each writes its own stack traces. */
  readonly #writers = new Map<number, Writer>();
  #since: string;
  #until: string;
  /** The cursors behind the rows, where these do not follow one another. */
  readonly ids: string[] | undefined;

  constructor(since = '', isSifted = false) {
    this.#since = since;
    this.#until = since;
    this.ids = isSifted ? [] : undefined;
  }

  get count(): number {
    return this.#ends.length;
  }

  /** Of text: how many bytes that will be is not known yet. */
  get characters(): number {
    return this.#length;
  }

  addLine({ text, time, cut, id, source, late = false }: IncomingLine): void {
    this.#cutHere();
    const read = readable(text);
    const { level } = findLevel(read);
    const isSame = this.#turnTo(source);
    const writer = this.#writer;
    const told = writer.traces.next(read, level === 'error' || level === 'warn');
    if (told === undefined || this.ids !== undefined) writer.level = LEVELS.indexOf(level);
    // Behind a line of another feed, or where what it went on with was sifted out, it cannot be shown as one with that.
    const continuation = isSame && this.ids === undefined ? told : undefined;
    this.#texts.push(text);
    this.#length += text.length;
    const kind = (cut ? CUT : 0) | (continuation === undefined ? 0 : CONTINUED) | (continuation === 'frame' ? FRAME : 0);
    this.#add(time ?? Number.NaN, writer.level | kind | (late ? LATE : 0), source);
    this.#until = id;
    this.ids?.push(id);
  }

  addNote(note: Note): void {
    this.#notes.push([this.count, note]);
    this.#add(Number.NaN, NOTE);
    this.ids?.push(this.#until);
  }

  /** The place moves without a row: the start of a stream, or events that are not shown. */
  moveTo(cursor: string): void {
    if (this.count === 0) this.#since = cursor;
    this.#until = cursor;
  }

  /** What has been looked at ends there. */
  endAt(cursor: string): void {
    this.#until = cursor;
  }

  /** What has been collected; it begins again behind that. */
  take(): Lines {
    const lines: Lines = {
      count: this.count,
      ...this.#encode(),
      times: Float64Array.from(this.#times),
      flags: Uint8Array.from(this.#flags),
      sources: Uint8Array.from(this.#sources),
      notes: this.#notes,
      since: this.#since,
      until: this.#until,
      cuts: this.#cuts,
    };
    this.#texts = [];
    this.#length = 0;
    this.#ends = [];
    this.#times = [];
    this.#flags = [];
    this.#sources = [];
    this.#notes = [];
    this.#cuts = [];
    this.#cutAt = 0;
    this.#since = this.#until;
    return lines;
  }

  #cutHere(): void {
    if (this.ids !== undefined) return;
    const [row] = this.#cuts.at(-1) ?? [0];
    if (this.count - row < ROWS_A_CUT && this.#length - this.#cutAt < CHARACTERS_A_CUT) return;
    this.#cuts.push([this.count, this.#until]);
    this.#cutAt = this.#length;
  }

  /** False where the line before is of another feed. */
  #turnTo(source: number | undefined): boolean {
    if (source === undefined) return true;
    const writer = this.#writers.get(source) ?? new Writer();
    this.#writers.set(source, writer);
    const isSame = writer === this.#writer;
    this.#writer = writer;
    return isSame;
  }

  #add(time: number, flags: number, source?: number): void {
    // Notes stand between lines of several feeds, too.
    if (source !== undefined) for (let row = this.#sources.length; row < this.count; row += 1) this.#sources.push(0);
    if (source !== undefined) this.#sources.push(source);
    this.#ends.push(this.#length);
    this.#times.push(time);
    this.#flags.push(flags);
  }

  /** Where all is ASCII, which is nearly always, each character is a byte. */
  #encode(): Pick<Lines, 'text' | 'ends'> {
    const text = encoder.encode(this.#texts.join(''));
    const ends = Uint32Array.from(this.#ends);
    if (text.length !== this.#length) {
      const lengths = this.#texts.map((each) => encoder.encode(each).length);
      let [line, end] = [0, 0];
      for (let row = 0; row < ends.length; row += 1) {
        const isLine = ((this.#flags[row] ?? 0) & NOTE) === 0;
        if (isLine) end += lengths[line] ?? 0;
        if (isLine) line += 1;
        ends[row] = end;
      }
    }
    return { text, ends };
  }
}
