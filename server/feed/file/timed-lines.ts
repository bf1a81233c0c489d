import { type Encoding, unitBytesOf, unitsOf } from './encoding.ts';
import type { Generation } from './generation.ts';
import { LF } from './line-scan.ts';
import { lineTimeMs, TIMED_BYTES } from './line-time.ts';

const BLOCK_BYTES = 32 * 1024;
/** Of a line in any encoding. */
const LINE_BYTES = 2 * TIMED_BYTES;

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
  const { form, mtimeMs } = generation;
  const unit = unitBytesOf(form.encoding);
  // One unit earlier, so that a line feed before `from` shows that a line begins there.
  for (let start = Math.max(0, from - (from % unit) - unit); start < to && look.bytesLeft > 0; start += BLOCK_BYTES) {
    look.signal.throwIfAborted();
    const end = Math.min(start + BLOCK_BYTES + LINE_BYTES, look.end);
    const { bytes, start: at } = await generation.readChunk(start, end, end - start);
    look.bytesLeft -= BLOCK_BYTES;
    const lastStart = Math.min(BLOCK_BYTES, to - 1 - start);
    const markBytes = from === 0 && start === 0 ? form.markBytes : undefined;
    for (const { offset, ms } of linesIn(bytes.subarray(at), { encoding: form.encoding, markBytes, mtimeMs })) {
      if (offset > lastStart) break;
      yield { offset: start + offset, ms };
    }
  }
}

/** The time of the first line of `start`, the first bytes of a file or of what stands behind a hole, that tells one. */
export function firstTimeMs(start: Buffer, { form, mtimeMs }: Generation): number | undefined {
  for (const { ms } of linesIn(start, { ...form, mtimeMs })) return ms;
  return undefined;
}

interface LinesIn {
  readonly encoding: Encoding;
  /** Where a line begins with the block: bytes of the byte order mark before its text. Undefined where none may. */
  readonly markBytes: number | undefined;
  readonly mtimeMs: number;
}

/** Of the line that ends the block, no more than is there is looked at. */
function* linesIn(block: Buffer, { encoding, markBytes, mtimeMs }: LinesIn): Generator<TimedLine> {
  const unit = unitBytesOf(encoding);
  const view = unitsOf(block, 0, block.length, encoding);
  const first = markBytes === undefined ? undefined : markBytes / unit;
  for (let at = first ?? view.indexOf(LF) + 1; (at > 0 || at === first) && at < view.length; ) {
    const lf = view.indexOf(LF, at);
    const end = Math.min(lf < 0 ? view.length : lf, at + TIMED_BYTES);
    const ms = lineTimeMs(view.subarray(at, end), mtimeMs);
    if (ms !== undefined) yield { offset: at === first ? 0 : at * unit, ms };
    if (lf < 0) return;
    at = lf + 1;
  }
}
