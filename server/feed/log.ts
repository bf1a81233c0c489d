import type { Batch, PartialLine } from './batch.ts';
import type { Cursor } from './cursor.ts';
import type { FeedName } from './name.ts';
import type { Position } from './position.ts';

export type LogKind = 'file' | 'memory' | 'journal';

/** Where a subscriber asks to begin. */
export type Start =
  | { readonly at: 'head' }
  | { readonly at: 'oldest' }
  | { readonly at: 'last'; readonly count: number }
  | { readonly at: 'time'; readonly ms: number }
  /** The first event that begins so many bytes behind the oldest there is, or later. */
  | { readonly at: 'byte'; readonly byte: number }
  /** A page: the `count` events that end at the cursor, or at the head. */
  | { readonly at: 'before'; readonly cursor: Cursor | 'head'; readonly count: number }
  /** `until`: where the range ends that begins there, which tells places apart that the cursor alone does not. */
  | { readonly at: 'cursor'; readonly cursor: Cursor; readonly until?: Cursor };

/** What a subscriber asked for and cannot get. `bytes` and `events` are null where they cannot be known. */
export interface Gap {
  readonly reason: 'expired' | 'late' | 'truncated' | 'unknown' | 'ambiguous' | 'restarted' | 'removed' | 'unreadable';
  readonly bytes: number | null;
  readonly events?: number | null;
}

/** Where a start lies among the bytes of a feed that can be read, from the oldest on. Of an archive that nobody has read yet, as its trailer says. */
export interface Extent {
  readonly from: number;
  /** For a page: where it ends. */
  readonly until?: number;
  /** Where the head is. */
  readonly of: number;
}

/** A start that has been found. */
export interface Located {
  readonly position: Position;
  readonly cursor: Cursor;
  /** How the start was resolved: told in `feed.open`. */
  readonly by: string;
  /** Present where the asked-for place is gone; `position` is then the place from which delivery goes on. */
  readonly gap?: Gap;
  /** For a page: where it ends, and whether nothing that can be read lies before it. */
  readonly page?: { readonly end: Position; readonly isOldest: boolean };
  /** For a page, and for a start by bytes. */
  readonly extent?: Extent;
  /** The content can only be read forward, at the cost of inflating it from its start each time. */
  readonly isLinear?: boolean;
  /** A search for events that a filter shows ended after this many events, before it had found as many as were asked for. */
  readonly searched?: number;
  /** Of several feeds read as one: how each of them was found. */
  readonly each?: readonly { readonly feed: FeedName; readonly located: Located }[];
}

/** What a log tells whoever follows it. Batches are contiguous: each begins where the one before ended. */
export interface Follower {
  batch(batch: Batch): void;
  /** The unfinished last line (of several feeds read as one: of `feed`) has changed; null once it is finished or gone. */
  partial(partial: PartialLine | null, feed?: FeedName): void;
  /** Of several feeds read as one: what lies between the batch before and `position` is not told, but can be read. */
  jump?(position: Position, cursor: Cursor): void;
}

export interface Following {
  /** Where the first batch will begin. */
  readonly position: Position;
  readonly cursor: Cursor;
  /** The unfinished line at this moment. */
  readonly partial: PartialLine | null;
  stop(): void;
  /** Whether something has come of which it is not known yet whether it will be told. */
  readonly isBehind?: boolean;
  /** Resolves when all that has come has been told, where that takes a while to find out. */
  settle?(): Promise<void>;
}

export interface LogStats {
  /** Bytes that can be read. */
  readonly bytes: number;
  /** Bytes that have come since the process started; null where that is not counted. */
  readonly bytesAppended: number;
  /** Events appended since the process started; null while nobody reads the log and so nobody counts. */
  readonly eventsAppended: number | null;
  /** Milliseconds since the epoch; null where nothing has come yet. */
  readonly lastEventAt: number | null;
}

export interface ReadOptions {
  /** Stop at this position; without it, at the head there is when the reading gets there. */
  readonly until?: Position;
  readonly signal: AbortSignal;
  /** The caller is done with a batch before it asks for the next: its memory may be used again, but that of `sse`. */
  readonly reuse?: boolean;
}

/** What can be read and followed: the log of one feed, or those of several as one. */
export interface ReadableLog {
  /** Finds where to begin. Never fails on a cursor: what is gone is a gap. */
  locate(start: Start, signal: AbortSignal): Promise<Located>;
  /** Everything after `from`, in order, batch by batch; the next batch is read when it is asked for. Ends, it does not wait. */
  read(from: Position, options: ReadOptions): AsyncIterable<Batch>;
  /** Hands over what comes from now on, as it comes. */
  follow(follower: Follower): Promise<Following>;
}

/** Where the events of one feed are kept. A feed is a log that has not ended yet; a subscriber is a cursor into it. */
export interface Log extends ReadableLog {
  readonly kind: LogKind;
  readonly stats: LogStats;
  close(): Promise<void>;
}
