import type { RequestHandler } from 'express';
import type { FeedListing } from '../feed/feed-listing.ts';
import type { MemoryLog } from '../feed/memory-log.ts';

/**
 * `GET /feeds`: all feeds, and the cursor from which `livefeed/feeds` tells what changes. Both are of one moment: nothing is awaited
 * between them, so no change is missed; one that is told twice is the same entry again.
 */
export function feedList(listing: FeedListing, feedsLog: MemoryLog): RequestHandler {
  return (_request, response) => {
    response.set({ 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff' });
    response.json({ feeds: listing.all(), cursor: feedsLog.head });
  };
}
