import type { Position } from '../position.ts';
import { eventsBack } from './events-back.ts';
import type { Generation } from './generation.ts';
import type { Generations } from './generations.ts';
import { canRead } from './line-start.ts';

/** Where a page begins, and whether nothing that can be read lies before it. */
export interface PageStart {
  readonly position: Position;
  readonly isOldest: boolean;
}

/** The page of at most `count` events that ends at `end`. */
export async function pageBefore(
  generations: Generations,
  end: Position,
  count: number,
  signal: AbortSignal,
): Promise<PageStart> {
  const { position } = await eventsBack(generations, end, count, signal);
  if (position.offset > 0) return { position, isOldest: false };
  // The start of a file has no content before it that a cursor could rest on: the end of the file before is the same place.
  const before = await lastWithContent(generations.readable.filter(({ ordinal }) => ordinal < position.generation));
  if (before === undefined) return { position, isOldest: true };
  return { position: { generation: before.ordinal, offset: before.size }, isOldest: false };
}

async function lastWithContent(generations: readonly Generation[]): Promise<Generation | undefined> {
  for (const generation of generations.toReversed()) {
    if (!(await canRead(generation))) return undefined;
    if (generation.size > 0) return generation;
  }
  return undefined;
}
