import type { Batch } from '../feed/batch.ts';
import { selectedBatch } from '../feed/selected-batch.ts';

/** As many events as there is room for, with the notices between them; `room.left` says how many more would have fitted. */
export async function* firstEvents(batches: AsyncIterable<Batch>, room: { left: number }): AsyncGenerator<Batch> {
  for await (const batch of batches) {
    if (batch.kind === 'notice') {
      yield batch;
      continue;
    }
    const { count } = batch;
    yield count <= room.left ? batch : selectedBatch(batch, [...Array(room.left).keys()]);
    room.left = Math.max(0, room.left - count);
    if (room.left === 0) return;
  }
}
