/** No event is longer than this many bytes of its line; a longer line is given in pieces. */
export const MAX_LINE_BYTES = 256 * 1024;
/** At most so many are found at a time: each costs an id of 34 characters, and framing half a million empty lines would hold the loop. */
export const MAX_LINES = 8_192;

/**
 * A line is cut only once so many units beyond its longest piece are there: then it is known whether they end it (CRLF), and whether
 * NULs at the cut are a long run. So where a line is cut does not depend on how much of it was there at the time.
 */
export const LOOKAHEAD = 16;

export const LF = 10;
export const CR = 13;

/** The lines of a stretch of bytes: line `i` is `[starts[i], ends[i])`, and the next one begins at `nexts[i]`. */
export interface Lines {
  readonly count: number;
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
  readonly nexts: Uint32Array;
  /** The lines that are only pieces: the next one goes on with the same line. Undefined where none is. */
  readonly cuts: ReadonlySet<number> | undefined;
  /** Bytes of NULs that are no part of the text of a line (holes in it, or at its start), by the line. Undefined where there are none. */
  readonly nuls?: ReadonlyMap<number, number> | undefined;
}

/**
 * Finds the lines in `bytes[start, end)`, which holds no NUL. A line ends at LF; a CR before it is no part of it. What follows the
 * last LF is left, unless it is longer than MAX_LINE_BYTES: then it is cut at a character. With `final`, it counts as a line too.
 */
export function scanLines(bytes: Buffer, start: number, end: number, final = false): LineTable {
  const table = new LineTable(end - start);
  let lineStart = start;
  while (lineStart < end && table.count < MAX_LINES) {
    const lf = bytes.indexOf(LF, lineStart);
    const found = lf >= 0 && lf < end;
    if (!found && !final && end - lineStart < MAX_LINE_BYTES + LOOKAHEAD) break;
    const lineEnd = !found ? end : lf > lineStart && bytes[lf - 1] === CR ? lf - 1 : lf;
    if (lineEnd - lineStart > MAX_LINE_BYTES) {
      const cut = characterBoundary(bytes, lineStart, lineStart + MAX_LINE_BYTES);
      table.addCut(lineStart, cut, cut);
      lineStart = cut;
      continue;
    }
    const next = found ? lf + 1 : end;
    table.add(lineStart, lineEnd, next);
    lineStart = next;
  }
  return table;
}

/** The last place at or before `at`, and behind `start`, that does not split a UTF-8 character (RFC 3629 §3). */
export function characterBoundary(bytes: Buffer, start: number, at: number): number {
  for (let place = at; place > at - 4 && place > start; place -= 1) {
    if (((bytes[place] as number) & 0xc0) !== 0x80) return place;
  }
  return at;
}

/** Lines as they are found. */
export class LineTable implements Lines {
  count = 0;
  starts: Uint32Array;
  ends: Uint32Array;
  nexts: Uint32Array;
  cuts: Set<number> | undefined;
  nuls: Map<number, number> | undefined;

  constructor(bytes: number) {
    const room = Math.max(4, Math.ceil(bytes / 64));
    this.starts = new Uint32Array(room);
    this.ends = new Uint32Array(room);
    this.nexts = new Uint32Array(room);
  }

  add(start: number, end: number, next: number): void {
    if (this.count === this.starts.length) this.#grow();
    this.starts[this.count] = start;
    this.ends[this.count] = end;
    this.nexts[this.count] = next;
    this.count += 1;
  }

  addCut(start: number, end: number, next: number): void {
    this.cuts ??= new Set();
    this.cuts.add(this.count);
    this.add(start, end, next);
  }

  addNuls(bytes: number): void {
    if (bytes === 0) return;
    this.nuls ??= new Map();
    this.nuls.set(this.count - 1, bytes);
  }

  #grow(): void {
    const grow = (old: Uint32Array): Uint32Array => {
      const larger = new Uint32Array(old.length * 2);
      larger.set(old);
      return larger;
    };
    this.starts = grow(this.starts);
    this.ends = grow(this.ends);
    this.nexts = grow(this.nexts);
  }
}
