import type { Batch, EventBatch, Notice, Origin } from '../batch.ts';
import { type Cursor, MAX_CURSOR_LENGTH } from '../cursor.ts';
import { lastCursorOf } from '../cursor-of.ts';
import type { Feed } from '../registry.ts';
import type { SetPosition } from './set-position.ts';
import { lengthDigit } from './vector.ts';

export type SetStep = Batch & { readonly to: SetPosition };

/** A batch of one feed's log as one of all feeds that are read together: with places and cursors in all of them. */
export function stepOf(from: SetPosition, feed: Feed, batch: Batch): SetStep {
  return batch.kind === 'events' ? new SetBatch(from, feed, batch) : feedNotice(from, feed, batch);
}

function feedNotice(from: SetPosition, feed: Feed, notice: Notice): SetStep {
  const cursor = notice.cursor ?? from.of.get(feed)?.cursor;
  const to = cursor === undefined ? from : from.with(feed, { position: notice.to, cursor });
  const id = notice.cursor === undefined ? {} : { id: notice.cursor };
  return tell(from, to, notice.type, { feed: feed.name, ...id, ...notice.data }, notice.cursor !== undefined);
}

/** News that lie between two places. Only gaps have an id (P10). */
export function tell(
  from: SetPosition,
  to: SetPosition,
  type: Notice['type'],
  data: Readonly<Record<string, unknown>>,
  hasId = false,
): SetStep {
  return { kind: 'notice', from, to, type, data, ...(hasId ? { cursor: to.cursor } : {}) };
}

class SetBatch implements EventBatch {
  readonly kind = 'events';
  readonly from: SetPosition;
  readonly to: SetPosition;
  readonly origin: Origin;
  readonly count: number;
  readonly bytes: Buffer;
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
  readonly hasBreaks: boolean;
  readonly #feed: Feed;
  readonly #batch: EventBatch;
  #around: { readonly before: Buffer; readonly after: Buffer } | undefined;

  constructor(from: SetPosition, feed: Feed, batch: EventBatch) {
    this.from = from;
    this.to = from.with(feed, { position: batch.to, cursor: lastCursorOf(batch) });
    this.count = batch.count;
    this.bytes = batch.bytes;
    this.starts = batch.starts;
    this.ends = batch.ends;
    this.hasBreaks = batch.hasBreaks;
    this.#feed = feed;
    this.#batch = batch;
    this.origin = { feed: feed.name, batch, maxCursorLength: from.textLength + MAX_CURSOR_LENGTH };
  }

  get cursor(): Cursor {
    return this.to.cursor;
  }

  isCut(index: number): boolean {
    return this.#batch.isCut(index);
  }

  time(index: number): number | null {
    return this.#batch.time(index);
  }

  stream(index: number): 'stderr' | undefined {
    return this.#batch.stream?.(index);
  }

  type(index: number): string | undefined {
    return this.#batch.type(index);
  }

  writeCursor(index: number, target: Buffer, at: number): number {
    const { before, after } = this.#aroundCursor();
    const digitAt = at + before.copy(target, at);
    const end = this.#batch.writeCursor(index, target, digitAt + 1);
    target.write(lengthDigit(end - digitAt - 1), digitAt, 'latin1');
    return end + after.copy(target, end);
  }

  /** Made when it is needed: of events that are gathered, few have their ids written. */
  #aroundCursor(): { readonly before: Buffer; readonly after: Buffer } {
    if (this.#around !== undefined) return this.#around;
    const { before, after } = this.from.cursorAround(this.#feed);
    this.#around = { before: Buffer.from(before, 'latin1'), after: Buffer.from(after, 'latin1') };
    return this.#around;
  }
}
