import type { Cursor } from '../feed/cursor.ts';
import { comparePositions, type Position, samePosition } from '../feed/position.ts';
import { bodyOf, chunkOf } from './chunked.ts';
import { type CrcSum, joined } from './gzip/crc-sum.ts';
import type { Place } from './place.ts';

/** A stretch of a feed as framed bytes, shared by all who read the same format. */
export interface Chunk {
  readonly from: Position;
  readonly to: Position;
  readonly bytes: Buffer;
  /** Where the bytes are encoded: of what they were. */
  readonly sum?: CrcSum | undefined;
  /** The cursor at `to`; undefined where the chunk has none of its own (a notice). */
  readonly cursor: Cursor | undefined;
}

/** Chunks that follow one another, as one write. */
export interface Stretch {
  /** As one chunk of the chunked transfer coding: whoever needs no more than the bytes takes them out (`bodyOf`). */
  readonly framed: Buffer;
  readonly sum: CrcSum | undefined;
  /** The number of the chunk behind it. */
  readonly end: number;
  readonly to: Position;
  /** The newest cursor in it; undefined where none of its chunks has one. */
  readonly cursor: Cursor | undefined;
  /** Behind it, for all who come there; undefined where it has no cursor. */
  readonly place: Place | undefined;
}

type Kept = Omit<Chunk, 'bytes'> & { readonly framed: Buffer; readonly length: number };

/** One write carries at most this much, so that a slice of writes stays short. */
const MAX_MERGED_BYTES = 256 * 1024;
/** Formats that do not show some news have chunks of no bytes for them. */
const MAX_CHUNKS = 16_384;

/**
 * The newest chunks of a feed in one format, numbered from 0 on. When they exceed their share, or are very many, the oldest are dropped:
 * a subscriber that is still there reads from the log instead.
 */
export class Window {
  readonly #share: { readonly bytes: number };
  readonly #chunks: Kept[] = [];
  #first = 0;
  #bytes = 0;
  #head: Position;
  #cursor: Cursor | undefined;
  #pushedAt = Number.NEGATIVE_INFINITY;
  /** The last that was asked for: all subscribers at the same place get the same Buffer. */
  #asked: { readonly from: number; readonly windowEnd: number; readonly stretch: Stretch } | undefined;

  constructor(start: Position, share: { readonly bytes: number }) {
    this.#head = start;
    this.#share = share;
  }

  /** The number of the oldest chunk that is kept. */
  get first(): number {
    return this.#first;
  }

  /** The number that the next chunk will get. */
  get end(): number {
    return this.#first + this.#chunks.length;
  }

  get head(): Position {
    return this.#head;
  }

  /** When the newest chunk came (performance.now). */
  get pushedAt(): number {
    return this.#pushedAt;
  }

  push({ from, to, bytes, sum, cursor }: Chunk): void {
    this.#chunks.push({ from, to, cursor, sum, framed: chunkOf([bytes]), length: bytes.length });
    this.#bytes += bytes.length;
    this.#head = to;
    this.#cursor = cursor ?? this.#cursor;
    this.#pushedAt = performance.now();
    while ((this.#bytes > this.#share.bytes || this.#chunks.length > MAX_CHUNKS) && this.#chunks.length > 1) {
      this.#bytes -= (this.#chunks.shift() as Kept).length;
      this.#first += 1;
    }
  }

  /** Lets go of what there is, and goes on at `to`: whoever is not there yet reads from the log. */
  jump(to: Position, cursor: Cursor): void {
    this.#first = this.end + 1;
    this.#chunks.length = 0;
    this.#asked = undefined;
    this.#bytes = 0;
    this.#head = to;
    this.#cursor = cursor;
  }

  /** The number of the chunk that begins at `position` (`end` at the head); undefined where none does. */
  find(position: Position): number | undefined {
    if (samePosition(position, this.#head)) return this.end;
    for (let index = this.#firstFrom(position); ; index += 1) {
      const chunk = this.#chunks[index];
      if (chunk === undefined || !samePosition(chunk.from, position)) return undefined;
      // News are at one place, which has been passed.
      if (!samePosition(chunk.to, position)) return this.#first + index;
    }
  }

  /** The first place at or after `position` at which a chunk begins or the window ends; undefined where that is beyond the head. */
  boundaryFrom(position: Position): Position | undefined {
    const chunk = this.#chunks[this.#firstFrom(position)];
    if (chunk !== undefined) return chunk.from;
    return comparePositions(this.#head, position) >= 0 ? this.#head : undefined;
  }

  /** Of the first chunk that begins at or after `position`, by halving: there are thousands, and places in several feeds are slow to compare. */
  #firstFrom(position: Position): number {
    let [before, at] = [-1, this.#chunks.length];
    while (at - before > 1) {
      const middle = (before + at) >> 1;
      if (comparePositions((this.#chunks[middle] as Kept).from, position) >= 0) at = middle;
      else before = middle;
    }
    return at;
  }

  /** Bytes from chunk `number` on, as one Buffer, and the place behind them. */
  from(number: number): Stretch {
    if (this.#asked?.from !== number || this.#asked.windowEnd !== this.end)
      this.#asked = { from: number, windowEnd: this.end, stretch: this.#stretchFrom(number) };
    return this.#asked.stretch;
  }

  #stretchFrom(number: number): Stretch {
    const first = number - this.#first;
    let next = first;
    let length = 0;
    let cursor: Cursor | undefined;
    do {
      const chunk = this.#chunks[next] as Kept;
      length += chunk.length;
      cursor = chunk.cursor ?? cursor;
      next += 1;
    } while (next < this.#chunks.length && length + (this.#chunks[next] as Kept).length <= MAX_MERGED_BYTES);
    const chunks = this.#chunks.slice(first, next);
    const { to, framed } = chunks.at(-1) as Kept;
    const merged = chunks.length === 1 ? framed : chunkOf(chunks.map((chunk) => bodyOf(chunk.framed)));
    const end = this.#first + next;
    const place = cursor && { next: end, position: to, cursor };
    return { framed: merged, sum: sumOfAll(chunks), end, to, cursor, place };
  }

  /** Framed bytes from chunk `number` on, as they were before they were encoded. */
  bytesFrom(number: number): number {
    let bytes = 0;
    for (let index = Math.max(0, number - this.#first); index < this.#chunks.length; index += 1)
      bytes += plainLength(this.#chunks[index] as Kept);
    return bytes;
  }

  /** The cursor of the newest chunk that has one, also where that has been dropped; undefined where none has had one. */
  get cursor(): Cursor | undefined {
    return this.#cursor;
  }
}

/** Where one is who was at `from` and has been given `stretch`. */
export function placeBehind({ place, end, to }: Stretch, { cursor }: Place): Place {
  return place ?? { next: end, position: to, cursor };
}

function plainLength({ sum, length }: Kept): number {
  return sum?.length ?? length;
}

function sumOfAll(chunks: readonly Kept[]): CrcSum | undefined {
  return chunks.map(({ sum }) => sum).reduce((all, next) => all && next && joined(all, next));
}
