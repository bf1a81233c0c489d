import { FeedSet } from '../feed/set/feed-set.ts';
import { type Lag, lagOf } from './lag.ts';
import type { Reader } from './reader.ts';

/** A reader as it is shown to whoever looks after the service. */
export interface ReaderView {
  readonly id: string;
  /** Of the client, or of the proxy that it came through. */
  readonly address: string | null;
  readonly feeds: readonly string[];
  readonly format: string;
  /** Up to where it has been given everything; null before it has a place. */
  readonly cursor: string | null;
  /** What of its feeds it has not been given yet. */
  readonly lag: Lag;
  /** Bytes that it has been given and has not taken. */
  readonly bytesWaiting: number;
  readonly since: string;
}

export function viewOf({ id, feed, format, outlet, place, since }: Reader): ReaderView {
  return {
    id: `${id}`,
    address: outlet.address ?? null,
    feeds: feed instanceof FeedSet ? [...feed.feeds].map(({ name }) => name) : [feed.name],
    format: /^[a-z]+/.exec(format.key)?.[0] ?? format.key,
    cursor: place?.cursor ?? null,
    lag: lagOfReader(feed, place),
    bytesWaiting: outlet.bytesWaiting,
    since: new Date(since).toISOString(),
  };
}

/** Where the log does not count bytes, those that are framed already are known. */
function lagOfReader(feed: Reader['feed'], place: Reader['place']): Lag {
  if (place?.position === undefined || place.head === undefined) return { events: null, bytes: null };
  const { events, bytes } = lagOf(feed, place.position, place.head);
  return { events, bytes: bytes ?? place.bytesBehind ?? null };
}
