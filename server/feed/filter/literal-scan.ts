import type { EventBatch } from '../batch.ts';
import { lookedAtEnd } from './looked-at.ts';

type Searched = Pick<EventBatch, 'count' | 'bytes' | 'starts' | 'ends'>;

/** Calls `found` once with each event, in order, whose data holds `text` in what is looked at of it. */
export function eachWith(text: Buffer, batch: Searched, found: (index: number) => void): void {
  const { bytes, starts, ends, count } = batch;
  let index = 0;
  let at = bytes.indexOf(text, starts[0] ?? 0);
  while (at >= 0) {
    while (index < count && (ends[index] as number) <= at) index += 1;
    if (index === count) return;
    const start = starts[index] as number;
    const end = lookedAtEnd(bytes, start, ends[index] as number);
    if (at >= start && at + text.length <= end) {
      found(index);
      at = bytes.indexOf(text, ends[index] as number);
    } else {
      // Between events, over the end of one, or in what is not looked at.
      at = bytes.indexOf(
        text,
        at < start ? start : at + text.length <= (ends[index] as number) ? (ends[index] as number) : at + 1,
      );
    }
  }
}
