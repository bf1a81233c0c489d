import type { FeedRates } from './feed-rates.ts';
import type { LogStats } from './log.ts';
import type { Feed, FeedWatch, LookFigures } from './registry.ts';

const MAX_DETAIL_LENGTH = 4096;

/** A feed as the list of feeds shows it (docs/protocol.md, "The list"). */
export interface FeedEntry {
  readonly name: string;
  readonly source: string;
  readonly detail?: string;
  readonly kind: string;
  readonly bytes: number;
  readonly rate: number | null;
  readonly bytesPerSecond: number | null;
  readonly readers: number;
  readonly lastEventAt: string | null;
  readonly watch?: FeedWatch & Partial<LookFigures>;
}

/** `figures`: for who asks; not where changes are told, since they change with every look. */
export function feedEntry(feed: Feed, stats: LogStats, rates: FeedRates, figures?: LookFigures): FeedEntry {
  return {
    name: feed.name,
    source: feed.source,
    ...(feed.detail === undefined ? {} : { detail: shortened(feed.detail) }),
    kind: feed.log.kind,
    bytes: stats.bytes,
    rate: rates.eventsPerSecond,
    bytesPerSecond: rates.bytesPerSecond,
    readers: feed.readers,
    lastEventAt: stats.lastEventAt === null ? null : new Date(stats.lastEventAt).toISOString(),
    ...(feed.watch === undefined ? {} : { watch: figures === undefined ? feed.watch : { ...feed.watch, ...figures } }),
  };
}

/** A command can be as long as a script; the list is sent each time something changes. */
function shortened(detail: string): string {
  return detail.length <= MAX_DETAIL_LENGTH ? detail : `${detail.slice(0, MAX_DETAIL_LENGTH)}…`;
}
