import type { Generation } from './generation.ts';
import { lineTimeMs, TIMED_BYTES } from './line-time.ts';

const LF = 10;
const BLOCK_BYTES = 32 * 1024;

/** A line that tells a time. */
export interface TimedLine {
  readonly offset: number;
  readonly ms: number;
}

/** Where a search may look: not behind `end`, and not at more than `bytesLeft`, which it counts down. */
export interface Look {
  readonly end: number;
  readonly signal: AbortSignal;
  bytesLeft: number;
}

/** The lines that begin in `[from, to)` and tell a time, in order. Ends before its time where it has looked at too much. */
export async function* timedLines(
  generation: Generation,
  from: number,
  to: number,
  look: Look,
): AsyncGenerator<TimedLine, void, undefined> {
  // One byte earlier, so that a line feed before `from` shows that a line begins there.
  for (let start = Math.max(0, from - 1); start < to && look.bytesLeft > 0; start += BLOCK_BYTES) {
    look.signal.throwIfAborted();
    const { bytes, start: at } = await generation.readChunk(start, Math.min(start + BLOCK_BYTES + TIMED_BYTES, look.end));
    look.bytesLeft -= BLOCK_BYTES;
    const block = bytes.subarray(at);
    const lastStart = Math.min(BLOCK_BYTES, to - 1 - start);
    for (const { offset, ms } of linesIn(block, from === 0 && start === 0, lastStart, generation.mtimeMs))
      yield { offset: start + offset, ms };
  }
}

/** The time of the first line of `start`, the first bytes of a file, that tells one. */
export function firstTimeMs(start: Buffer, writtenMs: number): number | undefined {
  for (const { ms } of linesIn(start, true, start.length, writtenMs)) return ms;
  return undefined;
}

/** Those that begin at `lastStart` or before. Of the line that ends the block, no more than is there is looked at. */
function* linesIn(block: Buffer, isStart: boolean, lastStart: number, writtenMs: number): Generator<TimedLine> {
  for (let at = isStart ? 0 : block.indexOf(LF) + 1; (at > 0 || isStart) && at <= lastStart && at < block.length; ) {
    const lf = block.indexOf(LF, at);
    const end = lf < 0 ? block.length : lf;
    const ms = lineTimeMs(block.subarray(at, Math.min(end, at + TIMED_BYTES)), writtenMs);
    if (ms !== undefined) yield { offset: at, ms };
    if (lf < 0) return;
    at = lf + 1;
  }
}
