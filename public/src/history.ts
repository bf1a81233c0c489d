import type { HistoryPage } from './connection/page-request.ts';
import type { Chunk } from './log/chunk.ts';
import type { ChunkStore, Place } from './log/chunk-store.ts';
import type { PagePlace } from './reading/messages.ts';
import type { ReadingRoom } from './reading/reading-room.ts';

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
}

/** A filter that hides nearly everything must not fetch all of a long history: so many pages, then the reader is to go on. */
const MAX_PAGES_AT_ONCE = 20;
const AGAIN_MS = 2_000;

/** Loads what of a feed is not here: the lines next to those that are read, and any place at all. One request at a time. */
export class History {
  readonly #page: (place: PagePlace, signal: AbortSignal, limit?: number) => Promise<HistoryPage>;
  readonly #store: ChunkStore;
  readonly #loaded: () => void;
  #loading: AbortController | undefined;
  /** Until then, what failed is not tried again. */
  #againAtMs = 0;
  /** Chunks before which nothing can be had any more. */
  readonly #closed = new WeakSet<Chunk>();
  #pagesLeft = MAX_PAGES_AT_ONCE;
  edges: Edges = {};
  isClosed = false;

  constructor({ name, store }: { readonly name: string; readonly store: ChunkStore }, room: ReadingRoom, loaded: () => void) {
    this.#page = (place, signal, limit) => room.page(name, place, signal, limit);
    this.#store = store;
    this.#loaded = loaded;
  }

  get isLoading(): boolean {
    return this.#loading !== undefined;
  }

  /** The reader has moved: the search goes on. */
  moved(): void {
    this.#pagesLeft = MAX_PAGES_AT_ONCE;
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
    const words = this.#failedWords() ?? (isSpent ? 'Nothing in the last 20,000 lines · scroll on to look further' : 'Reading …');
    const isOldest = wantsAbove && above === undefined;
    this.edges = {
      ...(above === undefined ? (isOldest ? { above: this.#oldestWords(first) } : {}) : { above: words }),
      ...(below === undefined ? {} : { below: words }),
    };
    if (this.isLoading || isSpent || performance.now() < this.#againAtMs) return;
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

  /** The row at that byte of the feed; undefined where that has been overtaken by another wish. */
  async goTo(byte: number): Promise<Place | undefined> {
    this.moved();
    this.#loading?.abort();
    const here = this.#store.isMeasured ? this.#store.placeAt(byte) : undefined;
    if (here !== undefined) return here;
    let place: Place | undefined;
    await this.#load(async (signal) => {
      place = await this.#apart(byte, signal);
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
    const next = store.chunks.find(({ fromByte }) => fromByte > byte);
    const since = `byte:${Math.max(0, Math.floor(byte))}`;
    const page = await this.#page({ since, until: next?.since ?? 'head' }, signal);
    const { extent } = page.open;
    if (extent === undefined || (next !== undefined && !store.chunks.includes(next))) return undefined;
    const [chunk] = store.insertApart(next, page.lines, extent, !page.isFull);
    const found = chunk ?? next;
    return found === undefined ? undefined : { chunk: found, index: 0 };
  }

  /** Where that comes to what is loaded before, what lies between is asked for from there on, so that nothing is doubled. */
  async #older(chunk: Chunk, signal: AbortSignal): Promise<void> {
    const { lines, open } = await this.#page({ before: chunk.since }, signal);
    const before = this.#store.ahead(chunk);
    if (before !== undefined && (open.extent?.from ?? 0) <= before.untilByte) return this.#newer(before, signal);
    if (!this.#store.chunks.includes(chunk)) return;
    const [first = chunk] = this.#store.insertBefore(chunk, lines, open.extent);
    if (open.atOldest === true || open.start === 'gap' || lines.count === 0) this.#closed.add(first);
  }

  async #newer(chunk: Chunk, signal: AbortSignal): Promise<void> {
    const next = this.#store.behind(chunk);
    if (next === undefined) return;
    const page = await this.#page({ since: chunk.until, until: next.since }, signal);
    if (!this.#store.chunks.includes(chunk) || this.#store.behind(chunk) !== next) return;
    this.#store.insertAfter(chunk, page.lines, !page.isFull);
  }

  async #load(work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const loading = new AbortController();
    this.#loading = loading;
    this.#pagesLeft = Math.max(0, this.#pagesLeft - 1);
    try {
      await work(loading.signal);
      this.#againAtMs = 0;
    } catch {
      if (!loading.signal.aborted) this.#againAtMs = performance.now() + AGAIN_MS;
    } finally {
      if (this.#loading === loading) this.#loading = undefined;
    }
    if (!loading.signal.aborted) this.#loaded();
    if (this.#againAtMs > performance.now()) setTimeout(this.#loaded, AGAIN_MS);
  }

  #missingAbove(first: Place | undefined): Chunk | undefined {
    const start = first === undefined ? undefined : this.#store.runStart(first.chunk);
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
