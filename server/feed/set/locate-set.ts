import type { Cursor } from '../cursor.ts';
import type { Gap, Located, ReadableLog, Start } from '../log.ts';
import type { Feed } from '../registry.ts';
import { type Members, SetPosition } from './set-position.ts';
import { parseVector, type Vector } from './vector.ts';

/** Finds a start in each feed. One that the cursor does not name starts at its oldest: it was not there yet. */
export async function locateSet(
  set: Members & { readonly feeds: ReadonlySet<Feed>; readonly awaited: Vector; logOf(feed: Feed): ReadableLog },
  start: Start,
  signal: AbortSignal,
): Promise<Located> {
  const feeds = [...set.feeds];
  const vector = start.at === 'cursor' ? parseVector(start.cursor) : undefined;
  const startIn = startsOf(feeds, start, vector);
  const each = await Promise.all(
    feeds.map(async (feed) => ({ feed, located: await locateIn(set.logOf(feed), startIn(feed), signal) })),
  );
  let position = SetPosition.empty(set, set.awaited);
  for (const { feed, located } of each) position = position.with(feed, located);
  const gap = each.find(({ located }) => located.gap !== undefined)?.located.gap;
  return {
    position,
    cursor: position.cursor,
    by: start.at === 'cursor' ? 'resumed' : start.at,
    ...(gap === undefined ? {} : { gap }),
    each: each.map(({ feed: { name }, located }) => ({ feed: name, located })),
  };
}

/** What is no vector of ours names no place in any feed: each answers with a gap. */
function startsOf(feeds: readonly Feed[], start: Start, vector: Vector | undefined): (feed: Feed) => FeedStart {
  if (start.at !== 'cursor') return () => start;
  if (vector === undefined) return () => NO_PLACE;
  const cursors = vector.cursorsOf(feeds.map(({ name }) => name));
  return ({ name }) => cursors.get(name) ?? { at: 'oldest' };
}

/** A place of its own, `ambiguous` where the cursor may be another feed's. */
type FeedStart = Start | Cursor | 'ambiguous';

const NO_PLACE = '-' as Cursor;
const AMBIGUOUS: Gap = { reason: 'ambiguous', bytes: null };

export async function locateIn(log: ReadableLog, start: FeedStart, signal: AbortSignal): Promise<Located> {
  if (start === 'ambiguous') return { ...(await log.locate({ at: 'oldest' }, signal)), by: 'gap', gap: AMBIGUOUS };
  return log.locate(typeof start === 'string' ? { at: 'cursor', cursor: start } : start, signal);
}
