import type { Cursor } from '../feed/cursor.ts';
import { FilteredFeed } from '../feed/filter/filtered-feed.ts';
import type { Position } from '../feed/position.ts';
import { FeedSet } from '../feed/set/feed-set.ts';
import type { Step } from './catch-up.ts';
import type { Connection } from './connections.ts';
import type { Format } from './format.ts';
import type { Readable } from './opening.ts';
import type { Outlet } from './outlet.ts';

/** A client is asked to come back after about this long. */
const RETRY_MS = 2_000;

/** One connection that reads, from the moment in which its request has come. */
export interface Reader {
  /** Counted, not secret: it names a reader to whoever looks after the service. */
  readonly id: number;
  /** Milliseconds since the epoch. */
  readonly since: number;
  feed: Readable;
  readonly format: Format;
  readonly outlet: Outlet;
  /** Where the feeds can be changed. */
  readonly connection?: Connection | undefined;
  /** Whether its answer ends by itself at the head: then an end before that must show. */
  readonly hasEnd: boolean;
  /** Up to where it has been given everything; undefined before it has a place. */
  place?: Place;
}

/** Where a reader is; with `head`, in a feed that it follows. */
export interface Place {
  readonly cursor: Cursor;
  readonly position?: Position;
  readonly head?: Position;
  readonly bytesBehind?: number | null;
  /** Gives what is there now, if the client takes it, also what waits to be framed together with more. */
  giveRest?(): void;
}

/** Gives bytes at the speed of the client. */
export async function copy(reader: Reader, steps: AsyncIterable<Step>): Promise<void> {
  const { outlet } = reader;
  for await (const { bytes, sum, giveBack, cursor } of steps) {
    if (cursor !== undefined) reader.place = { cursor };
    await outlet.send(bytes, giveBack, sum);
    if (!outlet.isOpen) return;
  }
}

export async function untilClosed(outlet: Outlet): Promise<void> {
  await new Promise<void>((resolve) => outlet.whenClosed(resolve));
}

/** The time a client is asked to wait before it comes back, ms: ± 25 %, so that those who left together do not come together. */
export function retryMs(aboutMs = RETRY_MS): number {
  return Math.round(aboutMs * (0.75 + Math.random() / 2));
}

/** Ends one stream politely. Where the format has no word for it, an answer that is not whole is cut, so that it shows. */
export function dismiss({ feed, format, outlet, place, hasEnd }: Reader, reason: string): void {
  // What has been hidden until now is told, so that the reader comes back to where it is.
  if (feed instanceof FilteredFeed || feed instanceof FeedSet) feed.flush();
  place?.giveRest?.();
  const retry = retryMs();
  const closing = format.control('feed.closing', { reason, retry }, place?.cursor);
  if (closing === undefined && hasEnd) outlet.destroy();
  const comeBack = format.key.startsWith('sse') ? [Buffer.from(`retry: ${retry}\n`)] : [];
  say(outlet, Buffer.concat([...comeBack, ...(closing === undefined ? [] : [closing])]));
  outlet.end();
}

export function say(outlet: Outlet, bytes: Buffer | undefined): void {
  if (bytes !== undefined) outlet.write(bytes);
}
