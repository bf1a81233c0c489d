import type { Extent } from '../log.ts';
import type { Position } from '../position.ts';
import type { Generation } from './generation.ts';
import { canRead, nextLineStart } from './line-start.ts';

interface Places {
  readonly from: Position;
  readonly until?: Position;
  readonly head: Position;
}

/** Where places lie among all bytes of the generations, oldest first. */
export async function extentOf(generations: readonly Generation[], { from, until, head }: Places): Promise<Extent> {
  const before = await bytesBefore(generations);
  const byteOf = ({ generation, offset }: Position) => (before.get(generation) ?? 0) + offset;
  return { from: byteOf(from), ...(until === undefined ? {} : { until: byteOf(until) }), of: byteOf(head) };
}

/** The start of the first line that begins at the byte or behind it, up to `head`. */
export async function findByte(
  generations: readonly Generation[],
  head: Position,
  byte: number,
  signal: AbortSignal,
): Promise<Position> {
  const before = await bytesBefore(generations);
  const last = generations.findLastIndex(({ ordinal }) => (before.get(ordinal) ?? 0) <= byte);
  for (const generation of generations.slice(Math.max(0, last))) {
    if (generation.ordinal >= head.generation) break;
    const offset = await lineStartIn(generation, Math.max(0, byte - (before.get(generation.ordinal) ?? 0)), signal);
    if (offset !== undefined) return { generation: generation.ordinal, offset };
  }
  const current = generations.find(({ ordinal }) => ordinal === head.generation);
  if (current === undefined) return head;
  const offset = Math.max(0, byte - (before.get(head.generation) ?? 0));
  return { ...head, offset: (await nextLineStart(current, offset, head.offset, signal)) ?? head.offset };
}

/** Undefined where no line begins so late in it. */
async function lineStartIn(generation: Generation, offset: number, signal: AbortSignal): Promise<number | undefined> {
  if (offset === 0) return 0;
  if (!(await canRead(generation))) return undefined;
  return nextLineStart(generation, offset, generation.size, signal);
}

/** How many bytes lie before each, by ordinal. */
async function bytesBefore(generations: readonly Generation[]): Promise<ReadonlyMap<number, number>> {
  const before = new Map<number, number>();
  let bytes = 0;
  for (const generation of generations) {
    before.set(generation.ordinal, bytes);
    bytes += await generation.lengthNow();
  }
  return before;
}
