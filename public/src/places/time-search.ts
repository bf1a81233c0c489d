import type { Place } from '../log/chunk-store.ts';
import type { MergedHistory } from '../merged-history.ts';
import { countOf, formatClock } from '../units.ts';
import type { FeedLines } from './find-line.ts';
import { firstAt, reachesBack } from './timed-lines.ts';

/** How far it is is told so often. */
const TELL_EVERY_MS = 500;

/** Looks for a time in feeds that are shown together: their older lines are loaded, page by page, until it is there. One search at a time. */
export class TimeSearch {
  #search: AbortController | undefined;

  /** True where there was a search to stop. */
  stop(): boolean {
    const isSearching = this.#search !== undefined;
    this.#search?.abort();
    this.#search = undefined;
    return isSearching;
  }

  /**
   * The first line of that time or later; of those that can be had, where that is too far back. Undefined where the search was stopped. Throws
   * where older lines cannot be read.
   */
  async find(
    { store }: FeedLines,
    history: MergedHistory,
    ms: number,
    tell: (words: string | undefined) => void,
  ): Promise<{ readonly place: Place | undefined } | undefined> {
    this.stop();
    const search = new AbortController();
    this.#search = search;
    const timer = setInterval(
      () => tell(`Looking for ${formatClock(ms)} further up · ${countOf(store.lines, 'line')} looked at · Esc stops`),
      TELL_EVERY_MS,
    );
    // What is on its way then still comes, and is kept.
    search.signal.addEventListener('abort', () => clearInterval(timer));
    try {
      await history.loadUntil(() => reachesBack(store, ms), search.signal);
      return { place: firstAt(store, ms) };
    } catch (error) {
      if (search.signal.aborted) return undefined;
      throw error;
    } finally {
      clearInterval(timer);
      if (this.#search === search) this.#search = undefined;
    }
  }
}
