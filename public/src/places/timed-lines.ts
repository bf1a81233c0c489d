import type { Chunk } from '../log/chunk.ts';
import type { ChunkStore, Place } from '../log/chunk-store.ts';
import { toldMs } from '../log/line-reading.ts';

/** Of lines in the order of their times the first of that time or later, of those that are loaded. */
export function firstAt({ chunks }: Pick<ChunkStore, 'chunks'>, ms: number): Place | undefined {
  const from = chunks.findLastIndex((chunk) => beginsBefore(chunk, ms));
  for (const chunk of chunks.slice(Math.max(0, from)))
    for (let index = 0; index < chunk.count; index += 1) if ((timeOf(chunk, index) ?? Number.NaN) >= ms) return { chunk, index };
  return undefined;
}

/** Whether lines from before that time are loaded. */
export function reachesBack({ chunks }: Pick<ChunkStore, 'chunks'>, ms: number): boolean {
  return chunks.some((chunk) => beginsBefore(chunk, ms));
}

function beginsBefore(chunk: Chunk, ms: number): boolean {
  for (let index = 0; index < chunk.count; index += 1) {
    const time = timeOf(chunk, index);
    if (time !== undefined) return time < ms;
  }
  return false;
}

/** By which it stands where it does: neither a line that goes on with one before it has such a time, nor one that came late. */
function timeOf(chunk: Chunk, index: number): number | undefined {
  const row = chunk.row(index);
  return row.kind === 'note' || row.continued || row.late === true ? undefined : toldMs(row, Date.now());
}
