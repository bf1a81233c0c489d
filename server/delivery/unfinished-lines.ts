import type { Notice } from '../feed/batch.ts';
import type { ReadableLog } from '../feed/log.ts';
import type { Position } from '../feed/position.ts';
import { FeedSet } from '../feed/set/feed-set.ts';
import { SetPosition } from '../feed/set/set-position.ts';

/** The last lines that are unfinished at `head`, the place to which a replay has come: one of each feed at most. */
export async function* unfinishedLines(log: ReadableLog, head: Position, signal: AbortSignal): AsyncGenerator<Notice> {
  if (head instanceof SetPosition && log instanceof FeedSet) {
    for (const [feed, { position }] of head.of)
      for await (const line of unfinishedLines(log.logOf(feed), position, signal))
        yield { ...line, data: { feed: feed.name, ...line.data } };
    return;
  }
  for await (const batch of log.read(head, { signal })) {
    if (batch.kind === 'notice' && batch.type === 'feed.partial') yield batch;
    return;
  }
}
