import { isTogether, nameTogether } from './feeds/together.ts';
import type { Level } from './log/level.ts';
import { type Anchor, formatAnchor, parseAnchor } from './places/anchor.ts';

/** What the address says after `#`: the feed, the filter and the place, so that a reload or a link shows the same. */
export interface Place {
  /** Several that are shown together have one name (feeds/together.ts), and stand as `feeds=A,B`. */
  readonly feed: string | undefined;
  readonly filter: string;
  /** Only lines of these levels. */
  readonly levels?: readonly Level[];
  /** The first line on the screen; none where the page follows the newest. */
  readonly at?: Anchor | undefined;
  /** Its time instead, where feeds are shown together: a place among their lines has no other name. */
  readonly time?: number | undefined;
  /** The line that is meant, and how many with it. */
  readonly line?: Anchor | undefined;
  readonly count?: number;
}

const LEVELS: readonly Level[] = ['error', 'warn', 'debug'];
const MAX_COUNT = 10_000;

export function parseHash(hash: string): Place {
  const parameters = new URLSearchParams(hash.replace(/^#/, ''));
  const levels = parameters.get('levels')?.split(',') ?? [];
  const time = Date.parse(parameters.get('time') ?? '');
  const [at, line] = [parseAnchor(parameters.get('at')), parseAnchor(parameters.get('line'))];
  const together = nameTogether((parameters.get('feeds') ?? '').split(','));
  return {
    feed: together || parameters.get('feed') || undefined,
    filter: parameters.get('filter') ?? '',
    levels: LEVELS.filter((level) => levels.includes(level)),
    ...(at === undefined || isTogether(together) ? {} : { at }),
    ...(Number.isNaN(time) ? {} : { time }),
    ...(line === undefined || isTogether(together) ? {} : { line, count: parseCount(parameters.get('count')) }),
  };
}

/** Feed names need no escaping here, and read better without. */
export function formatHash({ feed, filter, levels = [], at, time, line, count = 1 }: Place): string {
  if (feed === undefined) return '';
  return [
    `#${isTogether(feed) ? 'feeds' : 'feed'}=${feed}`,
    ...(filter === '' ? [] : [`filter=${encodeURIComponent(filter)}`]),
    ...(levels.length === 0 ? [] : [`levels=${levels.join(',')}`]),
    ...(at === undefined ? [] : [`at=${formatAnchor(at)}`]),
    ...(time === undefined ? [] : [`time=${new Date(time).toISOString()}`]),
    ...(line === undefined ? [] : [`line=${formatAnchor(line)}`]),
    ...(line === undefined || count === 1 ? [] : [`count=${count}`]),
  ].join('&');
}

function parseCount(text: string | null): number {
  const count = Number(text ?? '1');
  return Number.isInteger(count) && count > 0 ? Math.min(count, MAX_COUNT) : 1;
}
