import { type FeedEntry, feedEntry } from './feed-entry.ts';
import { FeedRates, LookClock } from './feed-rates.ts';
import type { Log, LogStats } from './log.ts';
import type { FeedName } from './name.ts';
import type { Feed, Registry } from './registry.ts';

export interface ListChanges {
  readonly changed: FeedEntry[];
  readonly removed: FeedName[];
}

/**
 * The list of feeds, and what of it has changed since it was last told. Both are made here, so that who takes the whole list and
 * then hears the changes has the list as it is: an entry that was given out newer than it was told is told again.
 */
export class FeedListing {
  readonly #registry: Registry;
  readonly #ownLog: Log;
  readonly #clock = new LookClock();
  readonly #listed = new Map<FeedName, ListedFeed>();
  readonly #removed = new Set<FeedName>();
  /** Those that have to be looked at: not the thousands that rest and would tell. */
  readonly #awake = new Set<ListedFeed>();
  readonly #stopListening: readonly (() => void)[];

  /** `ownLog` is the log that tells the changes: telling changes it, so that it is never told. */
  constructor(registry: Registry, ownLog: Log) {
    this.#registry = registry;
    this.#ownLog = ownLog;
    for (const feed of registry.list()) this.#add(feed);
    this.#stopListening = [
      registry.onChange(({ type, feed }) => (type === 'added' ? this.#add(feed) : this.#remove(feed))),
      registry.onTouch((feed) => this.#wake(feed)),
    ];
  }

  /** Every feed as it is now, in order of the names; the rates are those of the last look. */
  all(): FeedEntry[] {
    return this.#registry.list().flatMap((feed) => {
      this.#wake(feed);
      return this.#listed.get(feed.name)?.give() ?? [];
    });
  }

  /** Looks at every feed that may have changed; what differs from what was told. Null, and nothing allocated, where nothing does. */
  look(nowMs: number): ListChanges | null {
    this.#clock.tick(nowMs);
    let changed: FeedEntry[] | undefined;
    for (const listed of this.#awake) {
      if (!listed.look()) {
        if (listed.mayRest) this.#awake.delete(listed);
        continue;
      }
      if (listed.feed.log === this.#ownLog) continue;
      changed ??= [];
      changed.push(listed.tell());
    }
    if (changed === undefined && this.#removed.size === 0) return null;
    const removed = [...this.#removed];
    this.#removed.clear();
    return { changed: changed ?? [], removed };
  }

  close(): void {
    for (const stop of this.#stopListening) stop();
    this.#listed.clear();
    this.#awake.clear();
  }

  /** A feed that went and came again between two looks is one that has changed. */
  #add(feed: Feed): void {
    this.#removed.delete(feed.name);
    this.#listed.set(feed.name, new ListedFeed(feed, this.#clock));
    this.#wake(feed);
  }

  #wake(feed: Feed): void {
    const listed = this.#listed.get(feed.name);
    if (listed !== undefined) this.#awake.add(listed);
  }

  #remove(feed: Feed): void {
    const listed = this.#listed.get(feed.name);
    if (listed !== undefined) this.#awake.delete(listed);
    this.#listed.delete(feed.name);
    if (feed.log !== this.#ownLog) this.#removed.add(feed.name);
  }
}

/** One feed and the figures that were told of it. */
class ListedFeed {
  readonly feed: Feed;
  readonly #rates: FeedRates;
  #stats: LogStats;
  #isTold = false;
  #bytes = 0;
  #rate: number | null = null;
  #bytesPerSecond: number | null = null;
  #readers = 0;
  #lastEventAt: number | null = null;
  #watchBy: string | undefined;
  #watchWhy: string | undefined;

  constructor(feed: Feed, clock: LookClock) {
    this.feed = feed;
    this.#rates = new FeedRates(clock);
    this.#stats = feed.log.stats;
  }

  /** Whether looking at it again would find the same until it is touched. */
  get mayRest(): boolean {
    return this.feed.tellsChanges === true && this.#rates.isIdle;
  }

  /** Answers whether it has changed. */
  look(): boolean {
    this.#stats = this.feed.log.stats;
    this.#rates.look(this.#stats);
    return this.#hasChanged();
  }

  /** The entry at the last look, which everybody has from now on. */
  tell(): FeedEntry {
    this.#isTold = true;
    this.#bytes = this.#stats.bytes;
    this.#rate = this.#rates.eventsPerSecond;
    this.#bytesPerSecond = this.#rates.bytesPerSecond;
    this.#readers = this.feed.readers;
    this.#lastEventAt = this.#stats.lastEventAt;
    this.#watchBy = this.feed.watch?.by;
    this.#watchWhy = this.feed.watch?.why;
    return feedEntry(this.feed, this.#stats, this.#rates);
  }

  /** The entry now, which one reader has. It may be newer than what was told, so that going back to that has to be told too. */
  give(): FeedEntry {
    this.#stats = this.feed.log.stats;
    if (this.#hasChanged()) this.#isTold = false;
    return feedEntry(this.feed, this.#stats, this.#rates, this.feed.lookFigures?.());
  }

  #hasChanged(): boolean {
    return (
      !this.#isTold ||
      this.#stats.bytes !== this.#bytes ||
      this.#stats.lastEventAt !== this.#lastEventAt ||
      this.feed.readers !== this.#readers ||
      this.#rates.eventsPerSecond !== this.#rate ||
      this.#rates.bytesPerSecond !== this.#bytesPerSecond ||
      this.feed.watch?.by !== this.#watchBy ||
      this.feed.watch?.why !== this.#watchWhy
    );
  }
}
