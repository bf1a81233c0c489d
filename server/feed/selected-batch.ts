import type { EventBatch } from './batch.ts';

/** Some of the events of a batch, in their order: `indices` are theirs in `batch`. */
export function selectedBatch(batch: EventBatch, indices: readonly number[]): EventBatch {
  const at = (index: number) => indices[index] as number;
  return {
    kind: 'events',
    from: batch.from,
    to: batch.to,
    count: indices.length,
    bytes: batch.bytes,
    starts: Uint32Array.from(indices, (index) => batch.starts[index] as number),
    ends: Uint32Array.from(indices, (index) => batch.ends[index] as number),
    hasBreaks: batch.hasBreaks,
    isCut: (index) => batch.isCut(at(index)),
    time: (index) => batch.time(at(index)),
    stream: (index) => batch.stream?.(at(index)),
    type: (index) => batch.type(at(index)),
    writeCursor: (index, target, place) => batch.writeCursor(at(index), target, place),
  };
}
