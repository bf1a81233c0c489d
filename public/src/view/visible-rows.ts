import type { Row } from '../log/row.ts';

const BLOCK = 128;

/**
 * The rows that the filter lets through, and how high each is, so that any place of a long log can be found without drawing it.
 * Rows are numbered from the first ever appended; numbers stay when older rows are dropped. Sums are kept for blocks of rows.
 */
export class VisibleRows {
  readonly #heightOf: (row: Row) => number;
  /** `#rows[0]` has the number `#base`, a multiple of BLOCK; those before `first` are dropped and have no height. */
  #rows: (Row | undefined)[] = [];
  #heights: number[] = [];
  #sums: number[] = [];
  #base = 0;
  #first = 0;
  /** Lines among the rows: the others are notes. */
  lines = 0;

  constructor(heightOf: (row: Row) => number) {
    this.#heightOf = heightOf;
  }

  get first(): number {
    return this.#first;
  }

  get end(): number {
    return this.#base + this.#rows.length;
  }

  get total(): number {
    return this.#sums.reduce((sum, height) => sum + height, 0);
  }

  at(index: number): Row | undefined {
    return this.#rows[index - this.#base];
  }

  append(row: Row): void {
    const block = Math.floor(this.#rows.length / BLOCK);
    const height = this.#heightOf(row);
    this.#rows.push(row);
    this.#heights.push(height);
    this.#sums[block] = (this.#sums[block] ?? 0) + height;
    if (row.kind === 'line') this.lines += 1;
  }

  /** Forgets all rows and begins again with these. */
  replace(rows: Iterable<Row>): void {
    this.#rows = [];
    this.#heights = [];
    this.#sums = [];
    this.#base = 0;
    this.#first = 0;
    this.lines = 0;
    for (const row of rows) this.append(row);
  }

  /** Drops the rows that the store has dropped. */
  dropBefore(seq: number): void {
    for (let row = this.at(this.#first); row !== undefined && row.seq < seq; row = this.at(this.#first)) {
      this.setHeight(this.#first, 0);
      this.#rows[this.#first - this.#base] = undefined;
      this.#first += 1;
      if (row.kind === 'line') this.lines -= 1;
    }
    const whole = Math.floor((this.#first - this.#base) / BLOCK) * BLOCK;
    if (whole > 32 * BLOCK) this.#compact(whole);
  }

  setHeight(index: number, height: number): void {
    const place = index - this.#base;
    const block = Math.floor(place / BLOCK);
    this.#sums[block] = (this.#sums[block] ?? 0) + height - (this.#heights[place] ?? 0);
    this.#heights[place] = height;
  }

  /** All heights anew: the text size, the width or the wrapping has changed. */
  measureAgain(): void {
    for (let index = this.#first; index < this.end; index += 1) {
      const row = this.at(index);
      if (row !== undefined) this.setHeight(index, this.#heightOf(row));
    }
  }

  /** How far below the first row `index` begins. */
  offsetOf(index: number): number {
    const place = Math.min(index, this.end) - this.#base;
    const block = Math.floor(place / BLOCK);
    let offset = 0;
    for (let before = 0; before < block; before += 1) offset += this.#sums[before] ?? 0;
    for (let before = block * BLOCK; before < place; before += 1) offset += this.#heights[before] ?? 0;
    return offset;
  }

  /** The row at `offset` below the first; the last one for all offsets beyond. */
  indexAt(offset: number): number {
    let rest = offset;
    let block = 0;
    while (block < this.#sums.length - 1 && rest >= (this.#sums[block] ?? 0)) {
      rest -= this.#sums[block] ?? 0;
      block += 1;
    }
    let place = block * BLOCK;
    while (place < this.#rows.length - 1 && rest >= (this.#heights[place] ?? 0)) {
      rest -= this.#heights[place] ?? 0;
      place += 1;
    }
    return Math.max(this.#first, this.#base + place);
  }

  /** The number of the row `seq`, or of the next one that is visible. Rows are in order, so halving finds it. */
  indexOfSeq(seq: number): number {
    let low = this.#first;
    let high = this.end;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.at(middle)?.seq ?? 0) < seq) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #compact(whole: number): void {
    this.#rows = this.#rows.slice(whole);
    this.#heights = this.#heights.slice(whole);
    this.#sums = this.#sums.slice(whole / BLOCK);
    this.#base += whole;
  }
}
