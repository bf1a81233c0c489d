import type { EventBatch, Notice } from './batch.ts';
import { formatMemoryCursor } from './memory-cursor.ts';
import type { MemoryEvent } from './memory-event.ts';
import type { MemoryRing } from './memory-ring.ts';
import type { Position } from './position.ts';

export const MAX_BATCH_BYTES = 256 * 1024;
const MAX_BATCH_EVENTS = 4096;

/** The events of `ring` from `from` (which it still has) up to `until`, as many as fit one batch and at least one. */
export function makeBatch(epoch: string, ring: MemoryRing, from: number, until: number): EventBatch {
  const events: MemoryEvent[] = [];
  let bytes = 0;
  for (let at = from; at < until && events.length < MAX_BATCH_EVENTS; at += 1) {
    const event = ring.at(at);
    if (event === undefined || (events.length > 0 && bytes + event.data.length > MAX_BATCH_BYTES)) break;
    events.push(event);
    bytes += event.data.length;
  }
  return new MemoryBatch(epoch, from, events, bytes);
}

/** "What lies between `from` and `to` has been dropped": delivery goes on at `to`. */
export function makeGap(epoch: string, from: number, to: number, bytes: number | null): Notice {
  return {
    kind: 'notice',
    from: { generation: 0, offset: from },
    to: { generation: 0, offset: to },
    type: 'feed.gap',
    data: { reason: 'expired', bytes, events: to - from },
    cursor: formatMemoryCursor(epoch, to),
  };
}

/** Copies the data, so that a batch on its way to a slow reader does not keep the ring's events alive one by one. */
class MemoryBatch implements EventBatch {
  readonly kind = 'events';
  readonly from: Position;
  readonly to: Position;
  readonly count: number;
  readonly bytes: Buffer;
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
  readonly hasBreaks: boolean;
  readonly #epoch: string;
  readonly #times: Float64Array;
  readonly #types: (string | undefined)[];
  readonly #cuts: boolean[];

  constructor(epoch: string, from: number, events: readonly MemoryEvent[], byteLength: number) {
    this.#epoch = epoch;
    this.from = { generation: 0, offset: from };
    this.to = { generation: 0, offset: from + events.length };
    this.count = events.length;
    this.bytes = Buffer.allocUnsafe(byteLength);
    this.starts = new Uint32Array(events.length);
    this.ends = new Uint32Array(events.length);
    this.hasBreaks = events.some((event) => event.hasBreaks);
    this.#times = Float64Array.from(events, (event) => event.timeMs);
    this.#types = events.map((event) => event.type);
    this.#cuts = events.map((event) => event.cut);
    this.#copy(events);
  }

  #copy(events: readonly MemoryEvent[]): void {
    let at = 0;
    for (const [index, { data }] of events.entries()) {
      this.starts[index] = at;
      data.copy(this.bytes, at);
      at += data.length;
      this.ends[index] = at;
    }
  }

  isCut(index: number): boolean {
    return this.#cuts[index] ?? false;
  }

  time(index: number): number | null {
    return this.#times[index] ?? null;
  }

  type(index: number): string | undefined {
    return this.#types[index];
  }

  writeCursor(index: number, target: Buffer, at: number): number {
    return at + target.write(formatMemoryCursor(this.#epoch, this.from.offset + index + 1), at, 'latin1');
  }
}
