import type { Cursor } from './cursor.ts';
import type { FeedName } from './name.ts';
import type { Position } from './position.ts';

/**
 * A run of consecutive events of one log, kept as bytes: event `i` has the data `bytes[starts[i], ends[i])`. A batch is made
 * once and framed once per format, however many read it.
 */
export interface EventBatch {
  readonly kind: 'events';
  readonly from: Position;
  readonly to: Position;
  readonly count: number;
  /** Well-formed UTF-8. */
  readonly bytes: Buffer;
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
  /** False promises that no event's data holds a CR or LF. */
  readonly hasBreaks: boolean;
  /**
   * The events as an event stream already, to be sent as they are: this memory is never used again (`ReadOptions.reuse`). Who wants no
   * more than these bytes does not ask for the rest.
   */
  readonly sse?: Buffer;
  /** The cursor after the last event, where that is known without looking at the events. */
  readonly cursor?: Cursor;
  /** Why event `i` is only a piece of a line: `more` follows in the next event. */
  isCut(index: number): boolean;
  /** Milliseconds since the epoch at which the event was made or first read; null where that is not known (history of a file). */
  time(index: number): number | null;
  /** `stderr` where a container wrote event `index` there. Logs that know nothing of streams leave it out. */
  stream?(index: number): 'stderr' | undefined;
  /** The SSE event type; undefined for plain messages. */
  type(index: number): string | undefined;
  /**
   * Writes the cursor after event `index` as ASCII into `target` at `at`; returns the offset behind it. At most MAX_CURSOR_LENGTH
   * bytes, where there is an origin at most its `maxCursorLength`.
   */
  writeCursor(index: number, target: Buffer, at: number): number;
  /** Where several feeds are read as one: the feed that the batch is of. */
  readonly origin?: Origin;
}

export interface Origin {
  readonly feed: FeedName;
  /** The same events as that feed's log gives them, with its own cursors. */
  readonly batch: EventBatch;
  readonly maxCursorLength: number;
}

/** Something about the log itself, told at its place between events: a rotation, a gap. Never has an id unless it is a gap. */
export interface Notice {
  readonly kind: 'notice';
  readonly from: Position;
  readonly to: Position;
  readonly type: `feed.${string}`;
  readonly data: Readonly<Record<string, unknown>>;
  /** The exact place from which delivery goes on; only where a client should take it as its place. */
  readonly cursor?: Cursor;
}

export type Batch = EventBatch | Notice;

/** The unfinished last line of a log: shown while it is unfinished, never counted as an event. */
export interface PartialLine {
  readonly text: string;
}
