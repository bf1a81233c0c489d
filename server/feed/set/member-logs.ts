import type { Filter } from '../filter/filter.ts';
import type { FilterViews } from '../filter/filter-views.ts';
import type { FilteredFeed } from '../filter/filtered-feed.ts';
import type { ReadableLog } from '../log.ts';
import type { Feed } from '../registry.ts';

/** A filter through which feeds are read, and where its views are shared. */
export interface Through {
  readonly filter: Filter;
  readonly views: FilterViews;
}

/** What is read of the feeds of a set: their logs, or what a filter shows of each. */
export class MemberLogs {
  readonly #through: Through | undefined;
  readonly #releases = new Map<Feed, () => void>();
  /** Also of feeds that have left, for those who are still behind in them. */
  readonly #views = new WeakMap<Feed, FilteredFeed>();
  readonly #opened = new Set<FilteredFeed>();

  constructor(through: Through | undefined) {
    this.#through = through;
  }

  get filter(): Filter | undefined {
    return this.#through?.filter;
  }

  /** Whether what one of the views shows cannot be found out any more. */
  get hasEnded(): boolean {
    return [...this.#opened].some(({ isEnded }) => isEnded);
  }

  /** Whether this is one of the views. */
  has(view: FilteredFeed): boolean {
    return this.#opened.has(view);
  }

  /** False where `feed` is read through too many other filters. Ends with `close`. */
  open(feed: Feed): boolean {
    if (this.#through === undefined) return true;
    const acquired = this.#through.views.acquire(feed, this.#through.filter);
    if (acquired === undefined) return false;
    this.#releases.set(feed, acquired.release);
    this.#views.set(feed, acquired.view);
    this.#opened.add(acquired.view);
    return true;
  }

  of(feed: Feed): ReadableLog {
    return this.#views.get(feed)?.log ?? feed.log;
  }

  close(feed: Feed): void {
    this.#releases.get(feed)?.();
    this.#releases.delete(feed);
    const view = this.#views.get(feed);
    if (view !== undefined) this.#opened.delete(view);
  }

  closeAll(): void {
    for (const feed of this.#releases.keys()) this.close(feed);
  }

  /** Tells all who follow of what has been hidden from them until now. */
  flush(): void {
    for (const view of this.#opened) view.flush();
  }
}
