import type { Cursor } from '../feed/cursor.ts';
import type { FilteredFeed } from '../feed/filter/filtered-feed.ts';
import type { Gap, Located } from '../feed/log.ts';
import type { FeedName } from '../feed/name.ts';
import type { Feed } from '../feed/registry.ts';
import { FeedSet } from '../feed/set/feed-set.ts';
import { skippedData } from '../feed/set/merging.ts';
import { SetPosition } from '../feed/set/set-position.ts';
import type { Format } from './format.ts';
import type { Latest } from './latest.ts';

/** What a connection reads: a feed, what a filter shows of one, or several as one. */
export type Readable = Feed | FilteredFeed | FeedSet;

export interface Opened {
  readonly feed: Readable;
  readonly located: Located;
  readonly head: Cursor;
  readonly instance: string;
  /** Under which the feeds of the connection can be changed. */
  readonly connection: string | undefined;
  readonly latest?: Latest['report'] | undefined;
}

/** What a reader is told first: `feed.open`, the gaps where its start is gone, and of several feeds those that are not read. */
export function opening(format: Format, { feed, located, head, instance, connection, latest }: Opened): (Buffer | undefined)[] {
  const { cursor, by, page, extent, isLinear, searched } = located;
  const open = {
    ...(feed instanceof FeedSet ? { feeds: openedFeeds(located), connection } : { feed: feed.name }),
    start: by,
    head,
    instance,
    ...(page === undefined ? {} : { atOldest: page.isOldest }),
    ...(extent === undefined ? {} : { extent }),
    ...(isLinear === true ? { reading: 'linear' } : {}),
    ...(searched === undefined ? {} : { searched }),
    ...(latest === undefined ? {} : { latest }),
    time: new Date().toISOString(),
  };
  const gaps = gapsOf(located).map((gap) => gapControl(format, gap, cursor));
  const skipped = feed instanceof FeedSet ? feed.skipped.map((some) => format.control('feed.skipped', skippedData(some))) : [];
  return [format.control('feed.open', open, cursor), ...gaps, ...skipped];
}

interface ToldGap extends Gap {
  readonly feed?: FeedName;
  /** Where the feed goes on. */
  readonly id?: Cursor;
  readonly of?: 'until';
}

/** Of several feeds read as one, each that has a gap says so. */
export function gapsOf({ gap, each }: Located): ToldGap[] {
  if (each === undefined) return gap === undefined ? [] : [gap];
  return each.flatMap(({ feed, located }) => (located.gap === undefined ? [] : [{ feed, id: located.cursor, ...located.gap }]));
}

/** A start at the head has been found in all feeds at once. */
function openedFeeds({ position, by, each = [] }: Located): object[] {
  const starts = new Map(each.map(({ feed, located }) => [feed, located]));
  if (!(position instanceof SetPosition)) return [];
  return [...position.of].map(([{ name }, { cursor }]) => ({
    feed: name,
    id: cursor,
    start: starts.get(name)?.by ?? by,
    ...(starts.get(name)?.isLinear === true ? { reading: 'linear' } : {}),
    ...(starts.get(name)?.searched === undefined ? {} : { searched: starts.get(name)?.searched }),
  }));
}

export function gapControl(format: Format, { feed, id, reason, bytes, events, of }: ToldGap, cursor: Cursor): Buffer | undefined {
  // An end that is gone is no place from which anything goes on.
  const place = of === undefined ? {} : { of };
  const data = {
    ...(feed === undefined ? {} : { feed }),
    ...(id === undefined || of !== undefined ? {} : { id }),
    reason,
    bytes,
    events: events ?? null,
    ...place,
    time: new Date().toISOString(),
  };
  return format.control('feed.gap', data, cursor);
}
