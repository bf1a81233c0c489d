import type { Batch, EventBatch, Notice, PartialLine } from '../feed/batch.ts';
import { type Cursor, MAX_CURSOR_LENGTH } from '../feed/cursor.ts';
import { lastCursorOf } from '../feed/cursor-of.ts';
import type { FeedName } from '../feed/name.ts';
import type { Position } from '../feed/position.ts';

/** An unfinished line as it is now; null: it is gone. */
export interface PartialNews {
  readonly kind: 'partial';
  readonly partial: PartialLine | null;
  readonly feed: FeedName | undefined;
}

/** What is framed in one piece: events that follow one another, or one of the others. */
export type Piece = { readonly kind: 'events'; readonly batches: readonly EventBatch[] } | Notice | PartialNews;

/** Somebody begins here: what is before is framed apart from what is behind. */
const PLACE = { kind: 'place' } as const;

/** What is framed in one piece, about; a batch is not parted. */
const PIECE_BYTES = 64 * 1024;
const NOTICE_BYTES = 200;

/** What a log has told and nobody has framed yet, in order. */
export class News {
  #items: (Batch | PartialNews | typeof PLACE)[] = [];
  #bytes = 0;

  get length(): number {
    return this.#items.length;
  }

  /** About so many bytes are held: data, and a cursor for each event. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Up to where there is something; undefined where that is nowhere. */
  get end(): Position | undefined {
    const last = this.#items.findLast((item) => item.kind === 'events' || item.kind === 'notice');
    return last === undefined ? undefined : (last as Batch).to;
  }

  /** The newest cursor. */
  get cursor(): Cursor | undefined {
    const last = this.#items.findLast((item) => item.kind === 'events' || (item.kind === 'notice' && item.cursor !== undefined));
    return last?.kind === 'events' ? lastCursorOf(last) : (last as Notice | undefined)?.cursor;
  }

  add(item: Batch | PartialNews): void {
    this.#items.push(item);
    this.#bytes += lengthOf(item);
  }

  /** What comes from now on is not in one piece with what there is. */
  part(): void {
    if (this.#items.at(-1)?.kind === 'events') this.#items.push(PLACE);
  }

  /** The next piece; undefined where there is none. */
  take(maxBytes = PIECE_BYTES): Piece | undefined {
    const first = this.#items[0];
    if (first?.kind === 'place') {
      this.#items.shift();
      return this.take(maxBytes);
    }
    if (first?.kind !== 'events') {
      this.#drop(first === undefined ? 0 : 1);
      return first;
    }
    const batches: EventBatch[] = [];
    for (let bytes = 0; bytes < maxBytes; ) {
      const next = this.#items[batches.length];
      if (next?.kind !== 'events') break;
      bytes += lengthOf(next);
      batches.push(next);
    }
    this.#drop(batches.length);
    return { kind: 'events', batches };
  }

  clear(): void {
    this.#items = [];
    this.#bytes = 0;
  }

  #drop(count: number): void {
    for (const item of this.#items.splice(0, count)) this.#bytes -= lengthOf(item);
  }
}

/** Stored frames are not looked into. */
function lengthOf(item: Batch | PartialNews | typeof PLACE): number {
  if (item.kind === 'place') return 0;
  if (item.kind === 'notice') return NOTICE_BYTES;
  if (item.kind === 'partial') return NOTICE_BYTES + (item.partial?.text.length ?? 0);
  if (item.sse !== undefined) return item.sse.length;
  return (item.ends[item.count - 1] ?? 0) - (item.starts[0] ?? 0) + item.count * MAX_CURSOR_LENGTH;
}
