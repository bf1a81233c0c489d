import type { Cursor } from './cursor.ts';
import type { Log } from './log.ts';

/** At most so many bytes of data make one event. */
export const MAX_PUBLISHED_BYTES = 1024 * 1024;

/** An event that somebody publishes. */
export interface NewEvent {
  /** Well-formed UTF-8 of at most MAX_PUBLISHED_BYTES, with any line breaks. */
  readonly data: Buffer;
  /** The SSE event type: without a line break or NUL, not `feed.*`. */
  readonly type?: string;
  /** The same key again within 24 hours is the same event again, not another one (draft-ietf-httpapi-idempotency-key-header). */
  readonly key?: string;
}

/** What must be so for events to be appended; looked at after their keys. */
export interface AppendCondition {
  /** Only behind this: nothing has been appended since. */
  readonly head: Cursor;
}

export interface Appended {
  /** The cursor of the event. */
  readonly cursor: Cursor;
  /** Milliseconds since the epoch at which it was first appended. */
  readonly timeMs: number;
  /** Its key had been used for the same event before: nothing was appended now. */
  readonly isRepeat: boolean;
}

export type AppendRefusal = 'not-head' | 'key-reused' | 'too-large' | 'disk-full' | 'write-failed' | 'closed';

/** Why nothing was appended. */
export class AppendError extends Error {
  readonly reason: AppendRefusal;
  /** The head there is, for `not-head`. */
  readonly head: Cursor | undefined;

  constructor(reason: AppendRefusal, message: string, options: { readonly head?: Cursor; readonly cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.name = 'AppendError';
    this.reason = reason;
    this.head = options.head;
  }
}

/** A log that can be written to, and that keeps what it says it has. */
export interface AppendableLog extends Log {
  /** The cursor of the last event that is kept, or of the start. */
  readonly head: Cursor;
  /**
   * Appends events in order, and answers one outcome for each once they are kept as `fsync` says; readers see them then, not before.
   * Rejects (AppendError) where the condition does not hold or the log cannot be written to: then none of them is kept.
   */
  append(events: readonly NewEvent[], condition?: AppendCondition): Promise<readonly (Appended | AppendError)[]>;
}
