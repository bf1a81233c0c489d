import type { FeedListing, ListChanges } from '../feed/feed-listing.ts';
import type { MemoryLog } from '../feed/memory-log.ts';
import { every } from './generator.ts';

// Far below the size at which a log would cut an event: each one is JSON of its own.
const MAX_EVENT_BYTES = 128 * 1024;

export interface FeedsFeedOptions {
  readonly listing: FeedListing;
  readonly log: MemoryLog;
  readonly signal: AbortSignal;
  readonly intervalMs?: number;
}

/** Keeps the feed `livefeed/feeds`: once a second at most, what has changed in the list of feeds. Idle feeds make no events. */
export function startFeedsFeed({ listing, log, signal, intervalMs = 1000 }: FeedsFeedOptions): void {
  every(intervalMs, signal, () => {
    const changes = listing.look(performance.now());
    if (changes !== null) for (const data of inEvents(changes)) log.append(data);
  });
}

/** One event, or several where so many feeds have changed that it would be too long. */
function* inEvents({ changed, removed }: ListChanges): Generator<string> {
  let entries: string[] = [];
  let names: string[] = [];
  let bytes = 0;
  for (const item of [...removed, ...changed]) {
    const json = JSON.stringify(item);
    const length = Buffer.byteLength(json) + 1;
    if (bytes > 0 && bytes + length > MAX_EVENT_BYTES) {
      yield eventOf(entries, names);
      [entries, names, bytes] = [[], [], 0];
    }
    (typeof item === 'string' ? names : entries).push(json);
    bytes += length;
  }
  yield eventOf(entries, names);
}

function eventOf(entries: string[], names: string[]): string {
  return `{"changed":[${entries.join(',')}],"removed":[${names.join(',')}]}`;
}
