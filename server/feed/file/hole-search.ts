import type { ByteScan } from './byte-scan.ts';
import type { Generation } from './generation.ts';

/** Large, since each read waits for a thread; compared in smaller pieces. */
const BLOCK_BYTES = 8 * 1024 * 1024;
const ZEROS = Buffer.alloc(256 * 1024);
/** Of a file that ends with NULs, the end is looked at before anything else. */
const TAIL_BYTES = 4 * 1024;
/** NULs that are known are read again after so many times the time that took: a twentieth of a core at most. */
const REST_FACTOR = 20;

/** NULs that have been seen from `from` up to `to`, where the file ended if `isWhole`. */
interface KnownNuls {
  from: number;
  to: number;
  isWhole: boolean;
  mtimeMs: number;
  /** Not read again before, performance.now(). */
  restUntil: number;
}

/** How a search came out: where other bytes begin, that none do before the end of the file, or that it has not got there yet. */
export type HoleEnd = number | 'none' | 'searching';

export interface SearchOptions {
  /** Stops for now after this long, ms. */
  readonly sliceMs: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Where the NULs of one file are, as far as somebody had to know: holes of many gigabytes are gone through once, in blocks that
 * do not hold the loop. Room that a writer has made in advance is used from its start, so what is known of it stays good.
 */
export class HoleSearch {
  #known: KnownNuls | undefined;

  /** Finds the first byte at or behind `offset` that is no NUL; those at `offset` are NULs now. */
  async endOf(generation: Generation, offset: number, { sliceMs, signal }: SearchOptions): Promise<HoleEnd> {
    const startedAt = performance.now();
    await generation.look();
    const known = await this.#knownAt(generation, offset, startedAt);
    if (known.isWhole && generation.size <= known.to) return 'none';
    known.isWhole = false;
    const scan = await generation.openScan();
    try {
      while (known.to < generation.size) {
        if (signal?.aborted || performance.now() - startedAt > sliceMs) return 'searching';
        const found = await firstOther(scan, known.to, Math.min(generation.size, nextBlock(known.to)));
        if (found.at !== undefined) return found.at;
        if (found.end === known.to) break;
        known.to = found.end;
      }
    } finally {
      await scan.close();
    }
    known.isWhole = true;
    known.mtimeMs = generation.mtimeMs;
    known.restUntil = performance.now() + REST_FACTOR * (performance.now() - startedAt);
    return 'none';
  }

  /** Where the NULs begin that lie before `end`; `end` where none do. */
  async startOf(generation: Generation, end: number): Promise<number> {
    const startedAt = performance.now();
    let at = end;
    const scan = await generation.openScan();
    try {
      while (at > 0) {
        const known = this.#known;
        const isIn = known?.isWhole && known.from < at && at <= known.to;
        if (isIn && !(await this.#isStale(generation, known, startedAt))) at = known.from;
        const start = at === end ? Math.max(0, end - TAIL_BYTES) : Math.floor((at - 1) / BLOCK_BYTES) * BLOCK_BYTES;
        const block = await scan.read(start, at - start);
        const behind = behindLastOther(block);
        at = start + behind;
        if (behind > 0) break;
      }
    } finally {
      await scan.close();
    }
    const restUntil = performance.now() + REST_FACTOR * (performance.now() - startedAt);
    if (end - at > TAIL_BYTES) this.#known = { from: at, to: end, isWhole: true, mtimeMs: generation.mtimeMs, restUntil };
    return at;
  }

  async #knownAt(generation: Generation, offset: number, now: number): Promise<KnownNuls> {
    const known = this.#known;
    if (known !== undefined && known.from <= offset && offset <= known.to && !(await this.#isStale(generation, known, now)))
      return known;
    this.#known = { from: offset, to: offset, isWhole: false, mtimeMs: generation.mtimeMs, restUntil: 0 };
    return this.#known;
  }

  /** A file that has been written to may hold something in what were NULs: at its end, or, found out later, anywhere. */
  async #isStale(generation: Generation, known: KnownNuls, now: number): Promise<boolean> {
    if (!known.isWhole || generation.mtimeMs === known.mtimeMs) return false;
    if (now >= known.restUntil) return true;
    const scan = await generation.openScan();
    try {
      const tail = Math.max(known.from, known.to - TAIL_BYTES);
      return behindLastOther(await scan.read(tail, known.to - tail)) > 0;
    } finally {
      await scan.close();
    }
  }
}

/** The end of the block of a file that `offset` lies in. */
function nextBlock(offset: number): number {
  return (Math.floor(offset / BLOCK_BYTES) + 1) * BLOCK_BYTES;
}

async function firstOther(scan: ByteScan, start: number, end: number): Promise<{ at: number | undefined; end: number }> {
  const block = await scan.read(start, end - start);
  const at = firstOtherIn(block);
  return { at: at === block.length ? undefined : start + at, end: start + block.length };
}

/** The index of the first byte that is no NUL; the length where there is none. */
function firstOtherIn(block: Buffer): number {
  let at = 0;
  while (at < block.length && isAllNul(block.subarray(at, at + ZEROS.length))) at += ZEROS.length;
  while (at < block.length && block[at] === 0) at += 1;
  return Math.min(at, block.length);
}

/** The index behind the last byte that is no NUL; 0 where there is none. */
function behindLastOther(block: Buffer): number {
  let at = block.length;
  while (at > 0 && isAllNul(block.subarray(Math.max(0, at - ZEROS.length), at))) at = Math.max(0, at - ZEROS.length);
  while (at > 0 && block[at - 1] === 0) at -= 1;
  return at;
}

function isAllNul(piece: Buffer): boolean {
  return piece.equals(ZEROS.subarray(0, piece.length));
}
