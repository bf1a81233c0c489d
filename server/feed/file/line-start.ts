import type { Position } from '../position.ts';
import { MAX_JOINED_BYTES } from './container-events.ts';
import { unitBytesOf } from './encoding.ts';
import type { Generation } from './generation.ts';
import { LF } from './line-scan.ts';
import { endsPart, lastCharacterEnd, readUnits, textEnd, type Units } from './line-units.ts';
import { longestBytes } from './text-scan.ts';

const BLOCK_BYTES = 256 * 1024;
/** Parts of a container's line are joined from so far back at most. */
const JOINED_BLOCK_BYTES = MAX_JOINED_BYTES + BLOCK_BYTES;

/** A place some lines back. */
export interface LinesBack {
  readonly position: Position;
  /** Lines that there were not. */
  readonly missing: number;
  /** Whether one of the lines may be given in pieces: it is too long, or a container's. */
  readonly hasPieces: boolean;
}

/**
 * The offset behind the last LF before `end` that ends an event; where the last line is longer than a block, behind its last
 * character; 0 where there is no line. NULs at the end are room for lines to come.
 */
export async function lastLineEnd(generation: Generation, end: number): Promise<number> {
  const behind = await textEnd(generation, end);
  const { encoding, wrapping } = generation.form;
  const units = await readUnits(generation, behind - (wrapping === undefined ? BLOCK_BYTES : JOINED_BLOCK_BYTES), behind);
  const starts = lineStartsIn(generation, units, units.start);
  const last = starts.at(-1);
  if (last !== undefined) return last;
  if (units.start === 0) return 0;
  const { view, start, unit } = units;
  return start + (wrapping === undefined ? lastCharacterEnd(view, encoding) : view.lastIndexOf(LF) + 1) * unit;
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
    hasPieces ||= found.longest > longestBytes(generation.form.encoding) || generation.form.wrapping !== undefined;
    missing = found.missing;
  }
  return { position, missing, hasPieces };
}

/** The first place in `[from, end)` at which a line begins; undefined where none does. */
export async function nextLineStart(
  generation: Generation,
  from: number,
  end: number,
  signal: AbortSignal,
): Promise<number | undefined> {
  const unit = unitBytesOf(generation.form.encoding);
  // A line that begins exactly there is told by the line feed before it.
  let at = Math.max(0, from - (from % unit) - unit);
  if (from === 0 && end > 0) return 0;
  for (; at < end; at += BLOCK_BYTES) {
    signal.throwIfAborted();
    const starts = await lineStarts(generation, at, Math.min(at + BLOCK_BYTES, end));
    const found = starts.find((start) => start >= from && start < end);
    if (found !== undefined) return found;
  }
  return undefined;
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
  const behind = await textEnd(generation, end);
  let missing = count;
  let longest = 0;
  let lineEnd = behind;
  for (let blockEnd = behind; blockEnd > 0; blockEnd = Math.max(0, blockEnd - BLOCK_BYTES)) {
    signal.throwIfAborted();
    const starts = await lineStarts(generation, Math.max(0, blockEnd - BLOCK_BYTES), blockEnd);
    for (const start of starts.reverse()) {
      if (start === behind) continue;
      longest = Math.max(longest, lineEnd - start);
      lineEnd = start;
      missing -= 1;
      if (missing === 0) return { offset: start, missing, longest };
    }
  }
  return { offset: 0, missing: behind > 0 ? missing - 1 : missing, longest: Math.max(longest, lineEnd) };
}

/** The same for what can only be read forward: remembers where the last `count` lines have begun. */
async function forwardTo(generation: Generation, end: number, count: number, signal: AbortSignal): Promise<FoundIn> {
  const last = new Float64Array(count);
  let lines = end > 0 ? 1 : 0;
  let longest = 0;
  let lineStart = 0;
  for (let from = 0; from < end; from += BLOCK_BYTES) {
    signal.throwIfAborted();
    for (const start of await lineStarts(generation, from, Math.min(from + BLOCK_BYTES, end))) {
      if (start === end) continue;
      longest = Math.max(longest, start - lineStart);
      lineStart = start;
      last[lines % count] = start;
      lines += 1;
    }
  }
  longest = Math.max(longest, end - lineStart);
  if (lines < count) return { offset: 0, missing: count - lines, longest };
  return { offset: last[lines % count] as number, missing: 0, longest };
}

/** Where lines begin behind the line feeds in `[from, to)`, in order. What ends there may have begun a block before. */
async function lineStarts(generation: Generation, from: number, to: number): Promise<number[]> {
  const overlap = generation.form.wrapping === undefined ? 0 : BLOCK_BYTES;
  return lineStartsIn(generation, await readUnits(generation, from - overlap, to), from);
}

function lineStartsIn(generation: Generation, units: Units, from: number): number[] {
  const { view, start, unit } = units;
  const starts: number[] = [];
  for (let lf = view.indexOf(LF, (from - start) / unit); lf >= 0; lf = view.indexOf(LF, lf + 1))
    if (!endsPart(generation, units, lf)) starts.push(start + (lf + 1) * unit);
  return starts;
}
