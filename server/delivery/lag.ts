import { comparePositions, type Position } from '../feed/position.ts';
import { FeedSet } from '../feed/set/feed-set.ts';
import { SetPosition } from '../feed/set/set-position.ts';
import type { Readable } from './opening.ts';

/** How far a place is from the head; null where that is not known. */
export interface Lag {
  readonly events: number | null;
  readonly bytes: number | null;
}

const NONE: Lag = { events: 0, bytes: 0 };

/** Places in memory count events, those in files and journals bytes. A place in an older file is so far that it is not known how far. */
export function lagOf(feed: Readable, place: Position, head: Position): Lag {
  if (comparePositions(place, head) >= 0) return NONE;
  if (feed instanceof FeedSet) return place instanceof SetPosition && head instanceof SetPosition ? sum(place, head) : UNKNOWN;
  if (place.generation !== head.generation) return UNKNOWN;
  const distance = head.offset - place.offset;
  return feed.log.kind === 'memory' ? { events: distance, bytes: null } : { events: null, bytes: distance };
}

const UNKNOWN: Lag = { events: null, bytes: null };

/** Of a feed that has just come, nothing has been given yet: then it is not known either. */
function sum(place: SetPosition, head: SetPosition): Lag {
  return [...head.of].reduce<Lag>((total, [feed, { position }]) => {
    const own = place.of.get(feed);
    return plus(total, own === undefined ? UNKNOWN : lagOf(feed, own.position, position));
  }, NONE);
}

function plus(a: Lag, b: Lag): Lag {
  const add = (one: number | null, other: number | null) => (one === null || other === null ? null : one + other);
  return { events: add(a.events, b.events), bytes: add(a.bytes, b.bytes) };
}
