import type { Position } from '../position.ts';
import type { Generation } from './generation.ts';
import { MAX_LINE_BYTES } from './line-scan.ts';

const LF = 10;
const BLOCK_BYTES = 256 * 1024;

/** A place some lines back. */
export interface LinesBack {
  readonly position: Position;
  /** Lines that there were not. */
  readonly missing: number;
  /** Whether one of the lines is so long that it is given in pieces. */
  readonly hasPieces: boolean;
}

/** The offset behind the last LF before `end`; `end` where the last line is longer than a block; 0 where there is no line. */
export async function lastLineEnd(generation: Generation, end: number): Promise<number> {
  const start = Math.max(0, end - BLOCK_BYTES);
  const block = await readBlock(generation, start, end);
  const lf = block.lastIndexOf(LF);
  if (lf >= 0) return start + lf + 1;
  return start === 0 ? 0 : end;
}

/**
 * The position `count` lines before `from`, over the generations given, oldest first; the start of the oldest that can be read
 * where there are not so many. `signal` ends it between two blocks.
 */
export async function linesBack(
  generations: readonly Generation[],
  from: Position,
  count: number,
  signal: AbortSignal,
): Promise<LinesBack> {
  let missing = count;
  let position = from;
  let hasPieces = false;
  for (const generation of generations.toReversed()) {
    if (missing === 0) break;
    if (generation.ordinal > from.generation) continue;
    if (!(await canRead(generation))) break;
    const end = generation.ordinal === from.generation ? from.offset : generation.size;
    const found = await (generation.isLinear ? forwardTo : backFrom)(generation, end, missing, signal);
    position = { generation: generation.ordinal, offset: found.offset };
    hasPieces ||= found.longest > MAX_LINE_BYTES;
    missing = found.missing;
  }
  return { position, missing, hasPieces };
}

/** An archive that is not whole is found out only by inflating it. */
export async function canRead(generation: Generation): Promise<boolean> {
  try {
    await generation.look();
  } catch (error) {
    generation.failed(error);
  }
  return generation.fate === 'readable';
}

interface FoundIn {
  readonly offset: number;
  readonly missing: number;
  /** Bytes of the longest line that was passed. */
  readonly longest: number;
}

/** Reads backwards, block by block: a line begins behind each line feed, except the one that ends the last line. */
async function backFrom(generation: Generation, end: number, count: number, signal: AbortSignal): Promise<FoundIn> {
  let missing = count;
  let longest = 0;
  let lineEnd = end;
  for (let blockEnd = end - 1; blockEnd > 0; ) {
    signal.throwIfAborted();
    const start = Math.max(0, blockEnd - BLOCK_BYTES);
    const block = await readBlock(generation, start, blockEnd);
    for (let lf = block.lastIndexOf(LF); lf >= 0; lf = lf === 0 ? -1 : block.lastIndexOf(LF, lf - 1)) {
      longest = Math.max(longest, lineEnd - (start + lf + 1));
      lineEnd = start + lf + 1;
      missing -= 1;
      if (missing === 0) return { offset: lineEnd, missing, longest };
    }
    blockEnd = start;
  }
  return { offset: 0, missing: end > 0 ? missing - 1 : missing, longest: Math.max(longest, lineEnd) };
}

/** The same for what can only be read forward: remembers where the last `count` lines have begun. */
async function forwardTo(generation: Generation, end: number, count: number, signal: AbortSignal): Promise<FoundIn> {
  const starts = new Float64Array(count);
  let lines = end > 0 ? 1 : 0;
  let longest = 0;
  let lineStart = 0;
  for (let start = 0; start < end - 1; start += BLOCK_BYTES) {
    signal.throwIfAborted();
    const block = await readBlock(generation, start, Math.min(start + BLOCK_BYTES, end - 1));
    for (let lf = block.indexOf(LF); lf >= 0; lf = block.indexOf(LF, lf + 1)) {
      longest = Math.max(longest, start + lf + 1 - lineStart);
      lineStart = start + lf + 1;
      starts[lines % count] = lineStart;
      lines += 1;
    }
  }
  longest = Math.max(longest, end - lineStart);
  if (lines < count) return { offset: 0, missing: count - lines, longest };
  return { offset: starts[lines % count] as number, missing: 0, longest };
}

async function readBlock(generation: Generation, start: number, end: number): Promise<Buffer> {
  const chunk = await generation.readChunk(start, end);
  return chunk.bytes.subarray(chunk.start);
}
