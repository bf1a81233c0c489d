import type { Place } from '../log/chunk-store.ts';
import { MergedHistory } from '../merged-history.ts';
import { countOf, formatClock } from '../units.ts';
import type { Anchor } from './anchor.ts';
import { cursorAt, type FeedLines } from './find-line.ts';
import { firstAt, reachesBack } from './timed-lines.ts';

/** How far it is is told so often. */
const TELL_EVERY_MS = 500;
/** A search by time can go through gigabytes. */
const ANSWER_MS = 30_000;

/** None where nothing has come since. */
export interface TimeFound {
  readonly line: Anchor | Place | undefined;
}

/** Looks for the first line of a time or later, as the lines tell theirs. One search at a time. */
export class TimeSearch {
  readonly #tell: (words: string) => void;
  #search: AbortController | undefined;

  constructor(tell: (words: string) => void) {
    this.#tell = tell;
  }

  /** True where there was a search to stop. */
  stop(): boolean {
    const isSearching = this.#search !== undefined;
    this.#search?.abort();
    this.#search = undefined;
    return isSearching;
  }

  /** Undefined where it was stopped. Throws where the service does not answer. */
  async find(feed: FeedLines, ms: number): Promise<TimeFound | undefined> {
    this.stop();
    const search = new AbortController();
    this.#search = search;
    try {
      const { history } = feed;
      return history instanceof MergedHistory
        ? await this.#among(feed, history, ms, search.signal)
        : await inOne(feed, ms, search.signal);
    } catch (error) {
      if (search.signal.aborted) return undefined;
      throw error;
    } finally {
      if (this.#search === search) this.#search = undefined;
    }
  }

  /** Older lines of feeds that are shown together are loaded until it is there; or as far as they can be had. */
  async #among({ store }: FeedLines, history: MergedHistory, ms: number, signal: AbortSignal): Promise<TimeFound> {
    const words = () => `Looking for ${formatClock(ms)} further up · ${countOf(store.lines, 'line')} looked at · Esc stops`;
    const timer = setInterval(() => this.#tell(words()), TELL_EVERY_MS);
    // What is on its way then still comes, and is kept.
    signal.addEventListener('abort', () => clearInterval(timer));
    try {
      await history.loadUntil(() => reachesBack(store, ms), signal);
      return { line: firstAt(store, ms) };
    } finally {
      clearInterval(timer);
    }
  }
}

async function inOne({ name }: FeedLines, ms: number, signal: AbortSignal): Promise<TimeFound> {
  const cursor = await cursorAt(name, ms, AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]));
  return { line: cursor === undefined ? undefined : { cursor, skip: 0 } };
}
