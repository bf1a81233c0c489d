import { findBefore, findBehind } from '../connection/hit-request.ts';
import { isTogether } from '../feeds/together.ts';
import type { Place } from '../log/chunk-store.ts';
import { countOf } from '../units.ts';
import type { LogView } from '../view/log-view.ts';
import type { FeedLines } from './find-line.ts';
import type { Wanted } from './wanted.ts';

export interface SeekerOptions {
  readonly view: LogView;
  lines(): FeedLines | undefined;
  /** Without words, what was told before is over. */
  tell(words: string | undefined): void;
}

/** A row that is loaded, or the cursor behind a line that is not. */
export type Found = { readonly place: Place } | { readonly cursor: string };

/** How far it is is told for as long as a search takes. */
const TELL_EVERY_MS = 500;

/** Looks for the next line of some kind, in what is loaded and then in all of the feed. One search at a time. */
export class Seeker {
  readonly #options: SeekerOptions;
  #search: AbortController | undefined;

  constructor(options: SeekerOptions) {
    this.#options = options;
  }

  /** True where there was a search to stop. */
  stop(): boolean {
    const isSearching = this.#search !== undefined;
    this.#search?.abort();
    this.#search = undefined;
    return isSearching;
  }

  /** Undefined where there is none, where it was stopped, or where it failed; that is told. */
  async seek(from: Place | undefined, step: 1 | -1, wanted: Wanted): Promise<Found | undefined> {
    const { tell } = this.#options;
    this.stop();
    if (from === undefined) {
      tell(noMore(step, wanted.what));
      return undefined;
    }
    const search = new AbortController();
    this.#search = search;
    try {
      const place = await this.#near(from, step, wanted, search.signal);
      const found = place === undefined ? await this.#far(from, step, wanted, search.signal) : { place };
      if (search.signal.aborted) return undefined;
      if (found === undefined) tell(`${noMore(step, wanted.what)}${this.#asFarAs}`);
      return found;
    } catch {
      if (!search.signal.aborted) tell(`The service could not look further ${word(step)} just now`);
      return undefined;
    } finally {
      if (this.#search === search) this.#search = undefined;
    }
  }

  /** Lines of several feeds are looked for only here. */
  get #asFarAs(): string {
    return isTogether(this.#options.lines()?.name) ? ' in what is loaded' : '';
  }

  /** Many rows are looked at in slices, with frames between them. */
  async #near(from: Place, step: 1 | -1, wanted: Wanted, signal: AbortSignal): Promise<Place | undefined> {
    for (let place = from; ; ) {
      const { found, reached, isUnfinished } = this.#options.view.search(place, step, wanted.passes);
      if (!isUnfinished) return found;
      place = reached;
      await new Promise((drawn) => requestAnimationFrame(drawn));
      signal.throwIfAborted();
    }
  }

  async #far({ chunk }: Place, step: 1 | -1, wanted: Wanted, signal: AbortSignal): Promise<Found | undefined> {
    const lines = this.#options.lines();
    const cursor = lines && edgeOf(lines, chunk, step);
    if (lines === undefined || cursor === undefined) return undefined;
    const progress = this.#tellProgress(step, wanted.what, signal);
    const search = { signal, looked: progress.looked };
    const sought = { feed: lines.name, asked: wanted.asked, passes: wanted.passesText };
    try {
      const found = await (step === 1 ? findBehind(sought, cursor, search) : findBefore(sought, cursor, search));
      return found === undefined ? undefined : { cursor: found };
    } finally {
      progress.end();
    }
  }

  #tellProgress(step: 1 | -1, what: string, signal: AbortSignal): { looked(lines: number): void; end(): void } {
    const { tell } = this.#options;
    let looked = 0;
    let isTold = false;
    const timer = setInterval(() => {
      const far = looked === 0 ? '' : ` · ${countOf(looked, 'line')} looked at`;
      isTold = true;
      tell(`Looking for the next ${what} further ${word(step)}${far} · Esc stops`);
    }, TELL_EVERY_MS);
    const end = () => {
      clearInterval(timer);
      if (isTold && !signal.aborted) tell(undefined);
    };
    return { looked: (lines) => (looked += lines), end };
  }
}

/** Where what is loaded around the chunk ends; undefined where nothing lies beyond. */
function edgeOf({ store }: FeedLines, chunk: Place['chunk'], step: 1 | -1): string | undefined {
  const edge = step === 1 ? store.runEnd(chunk) : store.runStart(chunk);
  const isLast = step === 1 ? edge === store.last : edge === store.first && store.startsAtOldest;
  const cursor = step === 1 ? edge.until : edge.since;
  return isLast || cursor === '' ? undefined : cursor;
}

export function noMore(step: 1 | -1, what: string): string {
  return `No ${what} further ${word(step)}`;
}

function word(step: 1 | -1): string {
  return step === 1 ? 'down' : 'up';
}
