import type { Feed } from '../registry.ts';
import type { Filter } from './filter.ts';
import { FilteredFeed } from './filtered-feed.ts';
import { FilteredLog } from './filtered-log.ts';
import type { Fault } from './match-messages.ts';
import { MatchThread } from './match-thread.ts';
import { Sieve } from './sieve.ts';

/** Distinct filters through which one feed is read at a time. */
export const MAX_FILTERS = 64;

export interface FilterViewsOptions {
  /** Those who read `feed` are to be let go: what it shows cannot be found out. */
  readonly onFailure: (feed: FilteredFeed, error: unknown) => void;
  readonly hiddenMs?: number;
  /** After so long without an answer the thread that tries patterns is given up, ms. */
  readonly silenceMs?: number;
}

interface Shared {
  readonly view: FilteredFeed;
  users: number;
}

/** The filtered feeds that are read now: one for each feed and filter, so that its readers share what is looked at and framed (P3). */
export class FilterViews {
  readonly #options: FilterViewsOptions;
  readonly #thread: MatchThread;
  readonly #views = new Map<Feed, Map<string, Shared>>();

  constructor(options: FilterViewsOptions) {
    this.#options = options;
    const { silenceMs } = options;
    // Each question that is not answered ends the view that has asked it.
    this.#thread = new MatchThread({ onFailure: () => undefined, ...(silenceMs === undefined ? {} : { silenceMs }) });
  }

  /** What is wrong with the patterns of `filter`. Throws MatchingFailed. */
  async check({ patterns }: Filter): Promise<readonly Fault[]> {
    const unsure = patterns.filter(({ literal }) => literal?.isAll !== true);
    return unsure.length === 0 ? [] : this.#thread.check(unsure.map(({ text }) => text));
  }

  /** `feed` as `filter` shows it, until the last `release`; undefined where there are too many other filters. */
  acquire(feed: Feed, filter: Filter): { readonly view: FilteredFeed; readonly release: () => void } | undefined {
    const views = this.#views.get(feed) ?? new Map<string, Shared>();
    if (!views.has(filter.key) && views.size >= MAX_FILTERS) return undefined;
    const shared = views.get(filter.key) ?? { view: this.#open(feed, filter), users: 0 };
    this.#views.set(feed, views.set(filter.key, shared));
    shared.users += 1;
    const release = () => {
      shared.users -= 1;
      if (shared.users === 0) this.#forget(feed, filter.key, shared.view);
    };
    return { view: shared.view, release };
  }

  async close(): Promise<void> {
    await this.#thread.close();
  }

  #open(feed: Feed, filter: Filter): FilteredFeed {
    const { hiddenMs } = this.#options;
    const onFailure = (error: unknown) => {
      view.isEnded = true;
      // Who comes back gets a new one.
      if (this.#forget(feed, filter.key, view)) this.#options.onFailure(view, error);
    };
    const options = { onFailure, ...(hiddenMs === undefined ? {} : { hiddenMs }) };
    const view = new FilteredFeed(feed, new FilteredLog(feed.log, new Sieve(filter, this.#thread), options));
    return view;
  }

  /** False where it had been forgotten already. */
  #forget(feed: Feed, key: string, view: FilteredFeed): boolean {
    const views = this.#views.get(feed);
    if (views?.get(key)?.view !== view) return false;
    views.delete(key);
    if (views.size === 0) this.#views.delete(feed);
    return true;
  }
}
