import type { Level } from './level.ts';
import { CONTINUED, CUT, FRAME, LATE, LEVEL_BITS, LEVELS, type Lines, NOTE, type Note, type Sifted } from './lines.ts';
import type { Row } from './row.ts';

/** More than this, and another chunk begins: small enough to be gone through within a frame. */
const MAX_ROWS = 1_000;
const MAX_BYTES = 256 * 1024;
/** Rows of the page are numbered by their chunk and their place in it. */
export const NUMBERS_A_CHUNK = 65_536;
/** What a row takes besides its text. */
const ROW_BYTES = 4 + 8 + 1;

const ESC = 0x1b;

/** A byte order mark in front of a line is of the line. */
const decoder = new TextDecoder(undefined, { ignoreBOM: true });
let made = 0;

/** Some rows that follow one another, kept as columns. It grows at its end until it is full. */
export class Chunk {
  readonly id: number;
  readonly since: string;
  until: string;
  /** Where among the bytes of the feed it begins. */
  fromByte = 0;
  /** How many bytes of the feed it holds, as far as the page can tell: a line feed for each line. */
  feedBytes = 0;
  /** What lies before it has been dropped or was never loaded. */
  hasHoleBefore = false;
  /** It has only some of the lines between its ends. */
  sifted: Sifted | undefined;
  /** There are escape sequences in its text. */
  hasEscapes = false;
  count = 0;
  lines = 0;
  readonly levels: Record<Level, number> = { error: 0, warn: 0, debug: 0 };
  #text: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  #length = 0;
  #ends = new Uint32Array(0);
  #times = new Float64Array(0);
  #flags = new Uint8Array(0);
  /** Empty where all lines are of one feed. */
  #sources = new Uint8Array(0);
  readonly #notes = new Map<number, Note>();

  constructor(since: string) {
    made += 1;
    this.id = made;
    this.since = since;
    this.until = since;
  }

  /** What it takes of memory. */
  get bytes(): number {
    return this.#text.length + this.#flags.length * ROW_BYTES + this.#sources.length;
  }

  get isFull(): boolean {
    return this.count >= MAX_ROWS || this.#length >= MAX_BYTES;
  }

  get untilByte(): number {
    return this.fromByte + this.feedBytes;
  }

  /** Adds rows of `lines` from row `from` on, as many as fit; answers which is the next. */
  append(lines: Lines, from: number): number {
    const [until, cursor] = this.#fitting(lines, from);
    const start = from === 0 ? 0 : (lines.ends[from - 1] ?? 0);
    const end = lines.ends[until - 1] ?? start;
    this.#makeRoom(until - from, end - start);
    if (lines.sources.length > 0 && this.#sources.length === 0) this.#sources = new Uint8Array(this.#flags.length);
    const text = lines.text.subarray(start, end);
    this.#text.set(text, this.#length);
    this.hasEscapes ||= text.includes(ESC);
    for (let row = from; row < until; row += 1) this.#add(lines, row, this.#length - start);
    for (const [row, note] of lines.notes) if (row >= from && row < until) this.#notes.set(this.count - until + row, note);
    this.#length += end - start;
    this.feedBytes += end - start;
    this.until = cursor;
    return until;
  }

  /** Nothing more comes: gives back the room that was kept for it. */
  close(): void {
    this.#resize(this.count, this.#length);
  }

  row(index: number): Row {
    const seq = this.id * NUMBERS_A_CHUNK + index;
    const note = this.#notes.get(index);
    if (note !== undefined) return { kind: 'note', seq, ...note };
    const flags = this.#flags[index] ?? 0;
    const time = this.#times[index] ?? Number.NaN;
    return {
      kind: 'line',
      seq,
      text: this.text(index),
      time: Number.isNaN(time) ? null : time,
      cut: (flags & CUT) !== 0,
      level: LEVELS[flags & LEVEL_BITS],
      continued: (flags & CONTINUED) !== 0,
      ...(this.#sources.length === 0 ? {} : { source: this.#sources[index] ?? 0, late: (flags & LATE) !== 0 }),
    };
  }

  text(index: number): string {
    return decoder.decode(this.#text.subarray(index === 0 ? 0 : this.#ends[index - 1], this.#ends[index]));
  }

  /** The texts of rows from `from` on, decoded at once where that can be taken apart again. */
  texts(from: number): (index: number) => string {
    const start = from === 0 ? 0 : (this.#ends[from - 1] ?? 0);
    const all = decoder.decode(this.#text.subarray(start, this.#length));
    if (all.length !== this.#length - start) return (index) => this.text(index);
    return (index) => all.slice((index === 0 ? 0 : (this.#ends[index - 1] ?? 0)) - start, (this.#ends[index] ?? 0) - start);
  }

  isNote(index: number): boolean {
    return ((this.#flags[index] ?? 0) & NOTE) !== 0;
  }

  isGap(index: number): boolean {
    return this.#notes.get(index)?.tone === 'gap';
  }

  get hasNotes(): boolean {
    return this.#notes.size > 0;
  }

  /** Its errors, warnings and notes. */
  remarkable(): number[] {
    const { error, warn } = this.levels;
    const rows = [...this.#notes.keys()];
    if (error + warn === 0) return rows;
    for (let index = 0; index < this.count; index += 1) {
      const level = this.level(index);
      if ((level === 'error' || level === 'warn') && !this.isContinued(index)) rows.push(index);
    }
    return rows;
  }

  level(index: number): Level | undefined {
    return LEVELS[(this.#flags[index] ?? 0) & LEVEL_BITS];
  }

  isContinued(index: number): boolean {
    return ((this.#flags[index] ?? 0) & CONTINUED) !== 0;
  }

  /** Says where in a program it was, after the line that says what. */
  isFrame(index: number): boolean {
    return ((this.#flags[index] ?? 0) & FRAME) !== 0;
  }

  /** Where among the bytes of the feed the row begins. */
  byteOf(index: number): number {
    const share = this.#length + this.count === 0 ? 0 : ((this.#ends[index - 1] ?? 0) + index) / (this.#length + this.count);
    return this.fromByte + share * this.feedBytes;
  }

  /** The row that lies at the byte of the feed. */
  indexAt(byte: number): number {
    let low = 0;
    let high = this.count - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (this.byteOf(middle) <= byte) low = middle;
      else high = middle - 1;
    }
    return Math.max(0, low);
  }

  /** The rows at its start that go on with a line before it are as bad as that line. */
  continueLevel(level: Level | undefined): void {
    for (let index = 0; index < this.count && this.isContinued(index); index += 1)
      this.#flags[index] = ((this.#flags[index] ?? 0) & ~LEVEL_BITS) | LEVELS.indexOf(level);
  }

  #add(lines: Lines, row: number, shift: number): void {
    const flags = lines.flags[row] ?? 0;
    this.#ends[this.count] = (lines.ends[row] ?? 0) + shift;
    this.#times[this.count] = lines.times[row] ?? Number.NaN;
    this.#flags[this.count] = flags;
    if (this.#sources.length > 0) this.#sources[this.count] = lines.sources[row] ?? 0;
    this.count += 1;
    if ((flags & NOTE) !== 0) return;
    this.lines += 1;
    this.feedBytes += 1;
    const level = LEVELS[flags & LEVEL_BITS];
    if (level !== undefined && (flags & CONTINUED) === 0) this.levels[level] += 1;
  }

  /** Up to the last place where it can be cut that has room, or to the first. */
  #fitting({ count, ends, cuts, until }: Lines, from: number): readonly [row: number, cursor: string] {
    const start = from === 0 ? 0 : (ends[from - 1] ?? 0);
    const places = [...cuts.filter(([row]) => row > from), [count, until] as const];
    const hasRoom = (row: number) =>
      this.count + row - from <= MAX_ROWS && this.#length + (ends[row - 1] ?? 0) - start <= MAX_BYTES;
    return places.findLast(([row]) => hasRoom(row)) ?? places[0] ?? [count, until];
  }

  #makeRoom(rows: number, bytes: number): void {
    const [needRows, needBytes] = [this.count + rows, this.#length + bytes];
    const isEnough = needRows <= this.#flags.length && needBytes <= this.#text.length;
    if (!isEnough) this.#resize(grown(needRows, this.#flags.length), grown(needBytes, this.#text.length));
  }

  #resize(rows: number, bytes: number): void {
    if (rows !== this.#flags.length) {
      this.#ends = resized(this.#ends, new Uint32Array(rows), this.count);
      this.#times = resized(this.#times, new Float64Array(rows), this.count);
      this.#flags = resized(this.#flags, new Uint8Array(rows), this.count);
      if (this.#sources.length > 0) this.#sources = resized(this.#sources, new Uint8Array(rows), this.count);
    }
    if (bytes !== this.#text.length) this.#text = resized(this.#text, new Uint8Array(bytes), this.#length);
  }
}

function grown(needed: number, now: number): number {
  return needed <= now ? now : Math.max(needed, 2 * now);
}

function resized<T extends Uint8Array | Uint32Array | Float64Array>(from: T, to: T, length: number): T {
  to.set(from.subarray(0, length));
  return to;
}
