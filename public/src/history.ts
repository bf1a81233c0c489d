import type { HistoryPage } from './connection/page-request.ts';
import type { Chunk } from './log/chunk.ts';
import type { ChunkStore, Place } from './log/chunk-store.ts';
import type { Asked } from './log/service-filter.ts';
import type { PagePlace } from './reading/messages.ts';
import type { ReadingRoom } from './reading/reading-room.ts';
import { countOf } from './units.ts';

/** What of the rows is drawn, and whether more was wanted than there is at an edge. */
export interface Drawn {
  readonly first: Place | undefined;
  readonly last: Place | undefined;
  readonly wantsAbove: boolean;
  readonly wantsBelow: boolean;
}

/** Words for the edges of what is loaded. */
export interface Edges {
  readonly above?: string;
  readonly below?: string;
  /** Feeds to which the words above lead. */
  readonly feeds?: readonly string[];
}

/** What the page wants of the history of what is open. */
export type OpenHistory = Pick<
  History,
  'isLoading' | 'isClosed' | 'refilter' | 'edges' | 'newest' | 'moved' | 'close' | 'want' | 'measure' | 'goTo'
>;

/** A filter that hides nearly everything must not fetch all of a long history: so many pages, then the reader is to go on. */
const MAX_PAGES_AT_ONCE = 20;
/** Of sifted lines an answer has fewer: each of them may have taken a long search. */
const SIFTED_LINES = 250;
/** A stretch of which more is shown than this is not sifted. */
const MOST_SIFTED_LINES = 10_000;
/** A service that refuses to sift, or is too old to, is asked for all lines then. */
const MAX_SIFT_FAILURES = 2;
const AGAIN_MS = 2_000;

export interface HistoryOptions {
  readonly room: ReadingRoom;
  /** More lines are there, or it is to be tried again. */
  loaded(): void;
  /** What the service is to look for, so that only that comes. */
  asked(): Asked | undefined;
}

/** Loads what of a feed is not here: the lines next to those that are read, and any place at all. One request at a time. */
export class History {
  readonly #page: (place: PagePlace, signal: AbortSignal, limit?: number, asked?: Asked) => Promise<HistoryPage>;
  readonly #store: ChunkStore;
  readonly #loaded: () => void;
  readonly #asked: () => Asked | undefined;
  #loading: AbortController | undefined;
  /** Until then, what failed is not tried again. */
  #againAtMs = 0;
  /** Chunks before which nothing can be had any more. */
  readonly #closed = new WeakSet<Chunk>();
  #pagesLeft = MAX_PAGES_AT_ONCE;
  /** Lines that have been looked at since the reader has moved, here or by the service. */
  #looked = 0;
  edges: Edges = {};
  isClosed = false;
  #refilter: symbol | undefined;
  #siftFailures = 0;

  constructor({ name, store }: { readonly name: string; readonly store: ChunkStore }, { room, loaded, asked }: HistoryOptions) {
    this.#page = (place, signal, limit, wanted) => room.page(name, place, signal, limit, wanted);
    this.#store = store;
    this.#loaded = loaded;
    this.#asked = asked;
  }

  get isLoading(): boolean {
    return this.#loading !== undefined;
  }

  /** The reader has moved: the search goes on. */
  moved(): void {
    this.#pagesLeft = MAX_PAGES_AT_ONCE;
    this.#looked = 0;
  }

  /** Another filter. Nothing more is loaded until the answer is called: what was sifted by the last one is not needed any more. */
  refilter(): () => void {
    this.#loading?.abort();
    this.#loading = undefined;
    this.moved();
    this.#siftFailures = 0;
    const refilter = Symbol();
    this.#refilter = refilter;
    return () => {
      if (this.#refilter !== refilter) return;
      this.#refilter = undefined;
      this.#store.dropSifted();
      this.#loaded();
    };
  }

  close(): void {
    this.#loading?.abort();
    this.isClosed = true;
  }

  /** Loads what is wanted at the edges of what is drawn. */
  want({ first, last, wantsAbove, wantsBelow }: Drawn): void {
    const [above, below] = [
      wantsAbove ? this.#missingAbove(first) : undefined,
      wantsBelow ? this.#missingBelow(last) : undefined,
    ];
    const isSpent = this.#pagesLeft === 0;
    const words = this.#failedWords() ?? lookingWords(this.#looked, isSpent);
    const isOldest = wantsAbove && above === undefined;
    this.edges = {
      ...(above === undefined ? (isOldest ? { above: this.#oldestWords(first) } : {}) : { above: words }),
      ...(below === undefined ? {} : { below: words }),
    };
    if (this.isLoading || isSpent || this.#refilter !== undefined || performance.now() < this.#againAtMs) return;
    if (above !== undefined) void this.#load((signal) => this.#older(above, signal));
    else if (below !== undefined) void this.#load((signal) => this.#newer(below, signal));
  }

  /** Finds out where among the bytes of the feed the lines lie that came first. */
  measure(): void {
    const { first, isMeasured } = this.#store;
    if (first !== undefined && !isMeasured && !this.isLoading && performance.now() >= this.#againAtMs)
      void this.#load((signal) => this.#measure(first, signal));
  }

  /** The last row there is. */
  get newest(): Place | undefined {
    const { last } = this.#store;
    return last === undefined ? undefined : { chunk: last, index: last.count - 1 };
  }

  /** The row at that byte of the feed, and those before it where it is not to stand at the top; undefined where another wish has overtaken it. */
  async goTo(byte: number, isAmidst = false): Promise<Place | undefined> {
    this.moved();
    this.#loading?.abort();
    const here = this.#store.isMeasured ? this.#store.placeAt(byte) : undefined;
    if (here !== undefined && here.chunk.sifted === undefined) return here;
    let place: Place | undefined;
    await this.#load(async (signal) => {
      place = await this.#apart(byte, signal);
      if (isAmidst && place?.chunk.hasHoleBefore === true && place.chunk.fromByte > 0) await this.#older(place.chunk, signal);
    });
    return place;
  }

  async #measure(first: Chunk, signal: AbortSignal): Promise<void> {
    const { open } = await this.#page({ before: first.since }, signal, 1);
    this.#store.align(first, open.extent?.until ?? 0);
    if (open.extent === undefined || open.extent.until === 0) this.#closed.add(first);
  }

  async #apart(byte: number, signal: AbortSignal): Promise<Place | undefined> {
    const store = this.#store;
    if (!store.isMeasured && store.first !== undefined) await this.#measure(store.first, signal);
    // Where some have been left out all are wanted.
    const isSifted = store.placeAt(byte)?.chunk.sifted !== undefined;
    const next = store.chunks.find(({ fromByte, sifted }) => fromByte > byte && !(isSifted && sifted !== undefined));
    const since = `byte:${Math.max(0, Math.floor(byte))}`;
    const page = await this.#page({ since, until: next?.since ?? 'head' }, signal);
    const { extent } = page.open;
    if (extent === undefined || (next !== undefined && !store.chunks.includes(next))) return undefined;
    if (isSifted) store.dropSifted();
    const [chunk] = store.insertApart(next, page.lines, extent, !page.isFull);
    const found = chunk ?? next;
    return found === undefined ? undefined : { chunk: found, index: 0 };
  }

  /** Where that comes to what is loaded before, what lies between is asked for from there on, so that nothing is doubled. */
  async #older(chunk: Chunk, signal: AbortSignal): Promise<void> {
    const asked = this.#siftFailures < MAX_SIFT_FAILURES ? this.#asked() : undefined;
    const page = await this.#page({ before: chunk.since }, signal, asked && SIFTED_LINES, asked);
    const { lines, open, count, sifted } = page;
    const before = this.#store.ahead(chunk);
    if (before !== undefined && (open.extent?.from ?? 0) <= before.untilByte) return this.#newer(before, signal);
    if (!this.#store.chunks.includes(chunk)) return;
    this.#looked += count + (sifted?.hidden ?? 0);
    if (sifted === undefined) this.#store.insertBefore(chunk, lines, open.extent);
    else if (open.start !== 'gap') this.#store.insertSifted(chunk, lines, sifted, open.extent);
    const first = this.#store.runStart(chunk);
    const isStuck = first === chunk || first.since === chunk.since;
    if (open.atOldest === true || open.start === 'gap' || isStuck) this.#closed.add(first);
  }

  async #newer(chunk: Chunk, signal: AbortSignal): Promise<void> {
    const next = this.#store.behind(chunk);
    if (next === undefined) return;
    const asked = this.#siftFailures < MAX_SIFT_FAILURES ? this.#asked() : undefined;
    const stretch = { since: chunk.until, until: next.since };
    const sifting = asked && (await this.#page(stretch, signal, MOST_SIFTED_LINES, asked));
    const isSifted = sifting?.isFull === false;
    const page = isSifted ? sifting : await this.#page(stretch, signal);
    if (!this.#store.chunks.includes(chunk) || this.#store.behind(chunk) !== next) return;
    this.#looked += page.count + (page.sifted?.hidden ?? 0);
    if (isSifted && page.sifted !== undefined) this.#store.fillSifted(chunk, next, page.lines, page.sifted);
    else this.#store.insertAfter(chunk, page.lines, !page.isFull);
  }

  async #load(work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const loading = new AbortController();
    this.#loading = loading;
    this.#pagesLeft = Math.max(0, this.#pagesLeft - 1);
    try {
      await work(loading.signal);
      this.#againAtMs = 0;
      this.#siftFailures = 0;
    } catch {
      if (!loading.signal.aborted) this.#againAtMs = performance.now() + AGAIN_MS;
      if (!loading.signal.aborted && this.#asked() !== undefined) this.#siftFailures += 1;
    } finally {
      if (this.#loading === loading) this.#loading = undefined;
    }
    if (!loading.signal.aborted) this.#loaded();
    if (this.#againAtMs > performance.now()) setTimeout(this.#loaded, AGAIN_MS);
  }

  #missingAbove(first: Place | undefined): Chunk | undefined {
    const place = first ?? this.newest;
    const start = place === undefined ? undefined : this.#store.runStart(place.chunk);
    return start === undefined || this.#closed.has(start) || (start === this.#store.first && this.#store.startsAtOldest)
      ? undefined
      : start;
  }

  #missingBelow(last: Place | undefined): Chunk | undefined {
    const end = last === undefined ? undefined : this.#store.runEnd(last.chunk);
    return end === undefined || end === this.#store.last ? undefined : end;
  }

  #failedWords(): string | undefined {
    return performance.now() < this.#againAtMs ? 'These lines could not be read just now, trying again' : undefined;
  }

  #oldestWords(first: Place | undefined): string {
    return first === undefined ? '' : 'The oldest line';
  }
}

export function lookingWords(looked: number, isSpent: boolean): string {
  const lines = `${countOf(looked, 'line')} looked at`;
  if (isSpent) return `${lines} · scroll on to look further`;
  return looked === 0 ? 'Reading …' : `Reading … · ${lines}`;
}
