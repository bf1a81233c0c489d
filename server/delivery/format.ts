import type { EventBatch } from '../feed/batch.ts';
import type { Cursor } from '../feed/cursor.ts';
import type { FeedName } from '../feed/name.ts';
import type { Encoding } from './encoding.ts';
import type { Room } from './room.ts';

/** What a subscriber reads. Formats are pure: the same batch gives the same bytes for everyone (P3). */
export interface Format {
  /** Names the format and its parameters: subscribers with the same key share framed bytes. */
  readonly key: string;
  readonly contentType: string;
  /** Batches are gathered for this long before they are framed together, ms; 0: framed as they come. */
  readonly gatherMs: number;
  /** How its bytes are sent; undefined: as they are. */
  readonly encoding?: Encoding | undefined;
  /** Written after 15 s of silence. */
  readonly heartbeat: Buffer;
  /**
   * The events of batches that follow one another, in `room` where it is given, else they may share the memory of a batch. Frames that
   * a log has stored (`EventBatch.sse`) are given as they lie.
   */
  events(batches: readonly EventBatch[], room?: Room): Buffer;
  /** A control event; undefined where the format does not show it. */
  control(type: string, data: Readonly<Record<string, unknown>>, cursor?: Cursor): Buffer | undefined;
  /** The unfinished last line while a feed is followed (of several, `feed`'s); undefined where the format does not show it. */
  partial(text: string | null, feed?: FeedName): Buffer | undefined;
}
