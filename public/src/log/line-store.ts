import { hasAnsi, plainText } from './ansi.ts';
import { findLevel, isContinuation, type Level } from './level.ts';
import type { LineRow, NoteRow, Row } from './row.ts';

export interface StoreBounds {
  readonly maxRows: number;
  /** UTF-16 units of text: 50,000 lines of 200 kB would fill any tab. */
  readonly maxCharacters: number;
}

export const DEFAULT_BOUNDS: StoreBounds = { maxRows: 50_000, maxCharacters: 64_000_000 };

export interface IncomingLine {
  readonly text: string;
  readonly time: number | null;
  readonly cut: boolean;
}

/** The newest rows of one feed. Beyond its bounds the oldest are dropped, and counted in `droppedLines`. */
export class LineStore {
  readonly #bounds: StoreBounds;
  /** Dropped rows leave holes until the next compaction, so that their text is free at once. */
  #rows: (Row | undefined)[] = [];
  #first = 0;
  #nextSeq = 0;
  #characters = 0;
  #lastLevel: Level | undefined;
  lines = 0;
  droppedLines = 0;
  readonly levels: Record<Level, number> = { error: 0, warn: 0, debug: 0 };

  constructor(bounds: StoreBounds = DEFAULT_BOUNDS) {
    this.#bounds = bounds;
  }

  addLine({ text, time, cut }: IncomingLine): LineRow {
    const readable = hasAnsi(text) ? plainText(text) : text;
    const continued = isContinuation(readable);
    const level = continued ? this.#lastLevel : findLevel(readable).level;
    this.#lastLevel = level;
    const row: LineRow = { kind: 'line', seq: this.#nextSeq, text, time, cut, level, continued };
    if (level !== undefined && !continued) this.levels[level] += 1;
    this.lines += 1;
    this.#characters += text.length;
    this.#append(row);
    return row;
  }

  addNote(tone: NoteRow['tone'], words: string): NoteRow {
    const row: NoteRow = { kind: 'note', seq: this.#nextSeq, tone, words };
    this.#append(row);
    return row;
  }

  /** The number of the oldest row kept, and that of the next to come. */
  get firstSeq(): number {
    return this.#rows[this.#first]?.seq ?? this.#nextSeq;
  }

  get nextSeq(): number {
    return this.#nextSeq;
  }

  /** Row `seq`: they are numbered without holes, so it is found at once. */
  get(seq: number): Row | undefined {
    return this.#rows[this.#first + seq - this.firstSeq];
  }

  *rows(): IterableIterator<Row> {
    for (let index = this.#first; index < this.#rows.length; index += 1) {
      const row = this.#rows[index];
      if (row !== undefined) yield row;
    }
  }

  #append(row: Row): void {
    this.#rows.push(row);
    this.#nextSeq += 1;
    while (this.#rows.length - this.#first > 1 && this.#isOver()) this.#dropOldest();
    if (this.#first > 4096 && this.#first * 2 > this.#rows.length) this.#compact();
  }

  #isOver(): boolean {
    return this.#rows.length - this.#first > this.#bounds.maxRows || this.#characters > this.#bounds.maxCharacters;
  }

  #dropOldest(): void {
    const row = this.#rows[this.#first];
    this.#rows[this.#first] = undefined;
    this.#first += 1;
    if (row?.kind !== 'line') return;
    this.lines -= 1;
    this.droppedLines += 1;
    this.#characters -= row.text.length;
    if (row.level !== undefined && !row.continued) this.levels[row.level] -= 1;
  }

  #compact(): void {
    this.#rows = this.#rows.slice(this.#first);
    this.#first = 0;
  }
}
