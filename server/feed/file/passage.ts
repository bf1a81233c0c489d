import type { Batch, Notice } from '../batch.ts';
import type { Cursor } from '../cursor.ts';
import type { Gap } from '../log.ts';
import type { Position } from '../position.ts';
import type { Generation } from './generation.ts';

/** From the end of a generation to the start of the next. */
export interface Step {
  readonly from: Position;
  readonly to: Position;
  readonly time: string;
}

export function passage(type: Notice['type'], { from, to, time }: Step): Notice {
  return { kind: 'notice', from, to, type, data: { time } };
}

/** Between two generations something may be missing: it is said where, and how much where that can be known. */
export function missing(generation: Generation | undefined, { from, to, time }: Step, cursor: Cursor): Batch[] {
  const gap = (reason: Gap['reason'], bytes: number | null): Notice => {
    return { kind: 'notice', from, to, type: 'feed.gap', data: { reason, bytes, events: null, time }, cursor };
  };
  if (generation === undefined) return [gap('removed', null)];
  if (generation.isPerhapsFollowed) return [gap('unknown', null)];
  if (!generation.wasTruncated) return [gap('unreadable', null)];
  const length = generation.cutFrom ?? null;
  const unread = length === null ? 0 : length - from.offset;
  const truncated: Notice = { kind: 'notice', from, to: from, type: 'feed.truncated', data: { time, bytes: length } };
  return [truncated, gap('truncated', unread > 0 ? unread : null)];
}
