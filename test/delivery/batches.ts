import type { Batch, EventBatch, Notice } from '../../server/feed/batch.ts';
import { MemoryLog } from '../../server/feed/memory-log.ts';
import { type Position, samePosition } from '../../server/feed/position.ts';

export interface Given {
  readonly data: string | Buffer;
  readonly type?: string | undefined;
  readonly cut?: boolean;
}

/** Events as a real log gives them. */
export async function batchesOf(events: readonly (Given | string)[]): Promise<EventBatch[]> {
  const log = new MemoryLog({ maxBytes: 1 << 26, maxEvents: 1 << 20 });
  for (const event of events) {
    const { data, type, cut }: Given = typeof event === 'string' ? { data: event } : event;
    log.append(data, type, cut);
  }
  return (await read(log)).filter((batch) => batch.kind === 'events');
}

async function read(log: MemoryLog): Promise<Batch[]> {
  const batches: Batch[] = [];
  const { position } = await log.locate({ at: 'oldest' });
  for await (const batch of log.read(position, { signal: new AbortController().signal })) batches.push(batch);
  return batches;
}

export function at(offset: number, generation = 0): Position {
  return { generation, offset };
}

/** News of a log that takes no room in it, like an unfinished line or a path that is gone. */
export function notice(place: Position, to: Position = place): Notice {
  const type = samePosition(place, to) ? 'feed.gone' : 'feed.rotated';
  return { kind: 'notice', from: place, to, type, data: { time: '2026-11-23T14:31:02.118Z' } };
}
