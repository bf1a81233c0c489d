import { Chunk } from './chunk.ts';
import type { Level } from './level.ts';
import type { Lines, Sifted } from './lines.ts';
import type { Row } from './row.ts';

/** A row, by where it lies. */
export interface Place {
  readonly chunk: Chunk;
  readonly index: number;
}

/** A stretch of rows of one chunk that have come. */
export interface Added {
  readonly chunk: Chunk;
  readonly from: number;
}

/** Where an answer of the service lies in the feed, in bytes. */
export interface Extent {
  readonly from: number;
  readonly until?: number;
  readonly of: number;
}

/**
 * What of a feed is loaded: chunks in its order, where between two of them some may be missing (`hasHoleBefore`). The last one grows by what
 * comes. Beyond `maxBytes` the chunks farthest from the view are dropped: they can be fetched again.
 */
export class ChunkStore {
  chunks: Chunk[] = [];
  maxBytes: number;
  lines = 0;
  bytes = 0;
  /** The service has said where the chunks lie among the bytes of the feed: until then the first begins at 0. */
  isMeasured = false;
  /** Nothing that can be read lies before the first chunk. */
  startsAtOldest = false;
  readonly levels: Record<Level, number> = { error: 0, warn: 0, debug: 0 };
  /** Called before a chunk goes. */
  onDrop: (chunk: Chunk) => void = () => undefined;

  constructor(maxBytes: number) {
    this.maxBytes = maxBytes;
  }

  get first(): Chunk | undefined {
    return this.chunks[0];
  }

  get last(): Chunk | undefined {
    return this.chunks.at(-1);
  }

  /** Bytes of the feed up to the last line there is. */
  get feedBytes(): number {
    return this.last?.untilByte ?? 0;
  }

  /** What comes at the end. */
  append(lines: Lines): Added[] {
    const added: Added[] = [];
    for (let row = 0; row < lines.count; ) {
      const chunk = this.#open(lines.since);
      const from = chunk.count;
      row = this.#account(chunk, () => chunk.append(lines, row));
      if (added.at(-1)?.chunk !== chunk) added.push({ chunk, from });
    }
    return added;
  }

  /** Rows that end where `next` begins. */
  insertBefore(next: Chunk, lines: Lines, extent: Extent | undefined): Chunk[] {
    const chunks = this.#made(lines, extent?.from ?? 0);
    this.#place(this.chunks.indexOf(next), chunks, extent, next);
    return chunks;
  }

  /** Of the rows that end where `next` begins those that a filter shows: one chunk, also where it has none. */
  insertSifted(next: Chunk, lines: Lines, sifted: Sifted, extent: Extent | undefined): void {
    this.#place(this.chunks.indexOf(next), [this.#madeSifted(lines, sifted)], extent, next);
  }

  /** The same for all that lies between two chunks. */
  fillSifted(chunk: Chunk, next: Chunk, lines: Lines, sifted: Sifted): void {
    const between = this.#madeSifted(lines, sifted);
    between.fromByte = chunk.untilByte;
    between.feedBytes = next.fromByte - chunk.untilByte;
    this.chunks.splice(this.chunks.indexOf(next), 0, between);
    next.hasHoleBefore = false;
  }

  /** What has been sifted is of use only with its filter. */
  dropSifted(): void {
    for (const chunk of this.chunks.filter(({ sifted }) => sifted !== undefined)) this.drop(chunk);
  }

  /** Rows that begin where `chunk` ends. `isJoined`: they reach to the chunk behind. */
  insertAfter(chunk: Chunk, lines: Lines, isJoined: boolean): Chunk[] {
    const chunks = this.#made(lines, chunk.untilByte);
    const at = this.chunks.indexOf(chunk) + 1;
    this.chunks.splice(at, 0, ...chunks);
    chunks[0]?.continueLevel(levelAtEnd(chunk));
    const next = this.chunks[at + chunks.length];
    if (next !== undefined) next.hasHoleBefore = !isJoined;
    return chunks;
  }

  /** Rows from somewhere else, with a hole before them; behind them comes `next`, without one where `isJoined`. */
  insertApart(next: Chunk | undefined, lines: Lines, { from }: Extent, isJoined: boolean): Chunk[] {
    const chunks = this.#made(lines, from);
    const at = next === undefined ? this.chunks.length : this.chunks.indexOf(next);
    const [first] = chunks;
    if (first === undefined) return chunks;
    this.chunks.splice(at, 0, ...chunks);
    first.hasHoleBefore = true;
    if (next !== undefined) next.hasHoleBefore = !isJoined;
    if (at === 0) this.startsAtOldest = from === 0;
    return chunks;
  }

  /** The first chunk that reaches from this one without a hole, back or forth. */
  runStart(chunk: Chunk): Chunk {
    let at = this.chunks.indexOf(chunk);
    while (at > 0 && this.chunks[at]?.hasHoleBefore === false) at -= 1;
    return this.chunks[at] ?? chunk;
  }

  runEnd(chunk: Chunk): Chunk {
    let at = this.chunks.indexOf(chunk);
    while (this.chunks[at + 1]?.hasHoleBefore === false) at += 1;
    return this.chunks[at] ?? chunk;
  }

  ahead(chunk: Chunk): Chunk | undefined {
    return this.chunks[this.chunks.indexOf(chunk) - 1];
  }

  /** The chunk behind this one, whether or not there is a hole between them. */
  behind(chunk: Chunk): Chunk | undefined {
    const at = this.chunks.indexOf(chunk);
    return at < 0 ? undefined : this.chunks[at + 1];
  }

  /** The service says where `chunk` begins: the others move with it. */
  align(chunk: Chunk, fromByte: number): void {
    this.#alignOthers(chunk, fromByte, []);
  }

  drop(chunk: Chunk): void {
    this.onDrop(chunk);
    const at = this.chunks.indexOf(chunk);
    this.chunks.splice(at, 1);
    const next = this.chunks[at];
    if (next !== undefined) next.hasHoleBefore = true;
    if (at === 0) this.startsAtOldest = false;
    this.lines -= chunk.lines;
    this.bytes -= chunk.bytes;
    for (const level of ['error', 'warn', 'debug'] as const) this.levels[level] -= chunk.levels[level];
  }

  /** Drops what is farthest from `view` (from the end, where that is not given), never that itself or what grows. */
  makeRoom(view: Chunk | undefined): void {
    while (this.bytes > this.maxBytes && this.chunks.length > 2) {
      const at = view === undefined ? this.chunks.length - 1 : this.chunks.indexOf(view);
      const isOldestFarther = at >= this.chunks.length - 1 - at;
      const farthest = this.chunks[isOldestFarther ? 0 : this.chunks.length - 2];
      if (farthest === undefined || farthest === view) return;
      this.drop(farthest);
    }
  }

  /** The row at the byte of the feed, if it is loaded. */
  placeAt(byte: number): Place | undefined {
    const chunk = this.chunks.find(({ fromByte, untilByte }) => fromByte <= byte && byte < untilByte);
    return chunk === undefined ? undefined : { chunk, index: chunk.indexAt(byte) };
  }

  *rows(): IterableIterator<Row> {
    for (const chunk of this.chunks) for (let index = 0; index < chunk.count; index += 1) yield chunk.row(index);
  }

  #open(since: string): Chunk {
    const { last } = this;
    if (last !== undefined && !last.isFull) return last;
    if (last !== undefined) this.#account(last, () => last.close());
    const chunk = new Chunk(last?.until ?? since);
    chunk.fromByte = last?.untilByte ?? 0;
    this.chunks.push(chunk);
    return chunk;
  }

  /** Keeps the sums while a chunk changes. */
  #account<T>(chunk: Chunk, change: () => T): T {
    this.#count(chunk, -1);
    const result = change();
    this.#count(chunk, 1);
    return result;
  }

  #count(chunk: Chunk, sign: 1 | -1): void {
    this.lines += sign * chunk.lines;
    this.bytes += sign * chunk.bytes;
    for (const level of ['error', 'warn', 'debug'] as const) this.levels[level] += sign * chunk.levels[level];
  }

  #made(lines: Lines, fromByte: number): Chunk[] {
    const chunks: Chunk[] = [];
    for (let row = 0; row < lines.count; ) {
      const chunk = new Chunk(chunks.at(-1)?.until ?? lines.since);
      row = chunk.append(lines, row);
      chunk.close();
      chunk.fromByte = chunks.at(-1)?.untilByte ?? fromByte;
      this.#count(chunk, 1);
      chunks.push(chunk);
    }
    return chunks;
  }

  #madeSifted(lines: Lines, sifted: Sifted): Chunk {
    const chunk = new Chunk(lines.since);
    chunk.append(lines, 0);
    chunk.close();
    chunk.sifted = sifted;
    this.#count(chunk, 1);
    return chunk;
  }

  #alignOthers(chunk: Chunk, fromByte: number, aligned: readonly Chunk[]): void {
    const shift = fromByte - chunk.fromByte;
    for (const each of this.chunks) if (!aligned.includes(each)) each.fromByte += shift;
    this.isMeasured = true;
  }

  #place(at: number, chunks: Chunk[], extent: Extent | undefined, next: Chunk): void {
    const [first] = chunks;
    if (first === undefined) return;
    this.chunks.splice(at, 0, ...chunks);
    first.hasHoleBefore = next.hasHoleBefore;
    next.hasHoleBefore = false;
    next.continueLevel(levelAtEnd(chunks.at(-1)));
    const size = chunks.reduce((sum, { feedBytes }) => sum + feedBytes, 0);
    const { from, until } =
      extent?.until === undefined ? { from: next.fromByte - size, until: next.fromByte } : { ...extent, until: extent.until };
    // What the service has counted is right; a container's lines are longer there than here.
    stretch(chunks, from, until);
    if (extent?.until !== undefined) this.#alignOthers(next, until, chunks);
  }
}

function stretch(chunks: readonly Chunk[], from: number, until: number): void {
  const told = chunks.reduce((sum, { feedBytes }) => sum + feedBytes, 0);
  let at = from;
  for (const chunk of chunks) {
    chunk.fromByte = at;
    chunk.feedBytes = told === 0 ? (until - from) / chunks.length : (chunk.feedBytes * (until - from)) / told;
    at = chunk.untilByte;
  }
}

function levelAtEnd(chunk: Chunk | undefined): Level | undefined {
  return chunk === undefined || chunk.count === 0 || chunk.sifted !== undefined ? undefined : chunk.level(chunk.count - 1);
}
