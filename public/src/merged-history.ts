import { namesIn } from './feeds/together.ts';
import { type Drawn, type Edges, lookingWords, type OpenHistory } from './history.ts';
import type { Chunk } from './log/chunk.ts';
import type { ChunkStore, Place } from './log/chunk-store.ts';
import type { OlderRows } from './reading/merged-past.ts';
import type { ReadingRoom } from './reading/reading-room.ts';

const MAX_PAGES_AT_ONCE = 20;
const AGAIN_MS = 2_000;

/** Loads older lines of feeds that are read together, page by page to the oldest. What memory has dropped cannot be put in order again. */
export class MergedHistory implements OpenHistory {
  readonly #names: readonly string[];
  readonly #older: (signal: AbortSignal) => Promise<OlderRows>;
  readonly #store: ChunkStore;
  readonly #loaded: () => void;
  readonly #abort = new AbortController();
  /** What the next older lines come before: where it has been dropped, there are none. */
  #top: Chunk | undefined;
  #apart: readonly string[] = [];
  #isOldest = false;
  #againAtMs = 0;
  #pagesLeft = MAX_PAGES_AT_ONCE;
  /** Lines that have come since the reader has moved. */
  #looked = 0;
  #loading: Promise<void> | undefined;
  isClosed = false;
  edges: Edges = {};

  constructor({ name, store }: { readonly name: string; readonly store: ChunkStore }, room: ReadingRoom, loaded: () => void) {
    this.#names = namesIn(name);
    this.#older = (signal) => room.older(name, signal);
    this.#store = store;
    this.#loaded = loaded;
  }

  get isLoading(): boolean {
    return this.#loading !== undefined;
  }

  moved(): void {
    this.#pagesLeft = MAX_PAGES_AT_ONCE;
    this.#looked = 0;
  }

  /** Every line is fetched, whatever the filter shows of them: another one changes nothing of what is here. */
  refilter(): () => void {
    this.moved();
    return this.#loaded;
  }

  close(): void {
    this.#abort.abort();
    this.isClosed = true;
  }

  want({ first, wantsAbove }: Drawn): void {
    this.edges = wantsAbove && first !== undefined ? this.#edges() : {};
    const isWanted = wantsAbove && this.#hasOlder && !this.isLoading;
    if (isWanted && this.#pagesLeft > 0 && performance.now() >= this.#againAtMs) void this.#load();
  }

  /** Loads older lines until it is so, or none can be had. Throws where they cannot be read, and where it is aborted. */
  async loadUntil(isSo: () => boolean, signal: AbortSignal): Promise<void> {
    while (!isSo() && this.#hasOlder) {
      await (this.#loading ?? this.#load());
      signal.throwIfAborted();
      if (performance.now() < this.#againAtMs) throw new Error('older lines could not be read');
    }
  }

  /** What is loaded is the whole map: how long it is that lies before, nobody knows. */
  measure(): void {
    const { first } = this.#store;
    if (first === undefined) return;
    this.#top ??= first;
    if (first.fromByte !== 0 || !this.#store.isMeasured) this.#store.align(first, 0);
  }

  get newest(): Place | undefined {
    const { last } = this.#store;
    return last === undefined ? undefined : { chunk: last, index: last.count - 1 };
  }

  goTo(byte: number): Promise<Place | undefined> {
    this.moved();
    const { first } = this.#store;
    const place = this.#store.placeAt(byte) ?? (first === undefined ? undefined : { chunk: first, index: 0 });
    return Promise.resolve(place);
  }

  get #hasOlder(): boolean {
    return this.#top !== undefined && !this.#isDropped && !this.#isOldest && !this.isClosed;
  }

  get #isDropped(): boolean {
    return this.#top !== undefined && this.#store.first !== this.#top;
  }

  #edges(): Edges {
    if (this.#isDropped)
      return { above: 'Lines before these are no longer in memory · all lines, feed by feed:', feeds: this.#names };
    if (performance.now() < this.#againAtMs) return { above: 'These lines could not be read just now, trying again' };
    if (this.#isOldest && this.#apart.length > 0)
      return { above: 'The oldest line · older lines, each feed by itself:', feeds: this.#apart };
    if (this.#isOldest) return { above: 'The oldest line' };
    return { above: lookingWords(this.#looked, this.#pagesLeft === 0) };
  }

  #load(): Promise<void> {
    this.#loading = this.#read().then(() => {
      this.#loading = undefined;
      if (!this.isClosed) this.#loaded();
    });
    return this.#loading;
  }

  async #read(): Promise<void> {
    this.#pagesLeft -= 1;
    try {
      const { lines, isOldest, apart } = await this.#older(this.#abort.signal);
      if (this.isClosed) return;
      this.#looked += lines.count;
      this.#insert(lines);
      this.#isOldest = isOldest;
      this.#apart = apart;
      this.#againAtMs = 0;
    } catch {
      this.#againAtMs = performance.now() + AGAIN_MS;
      if (!this.isClosed) setTimeout(this.#loaded, AGAIN_MS);
    }
  }

  #insert(lines: OlderRows['lines']): void {
    const { first } = this.#store;
    // What came before it has been dropped meanwhile: these would have a hole behind them.
    if (first === undefined || this.#isDropped) return;
    this.#store.insertBefore(first, lines, undefined);
    this.#top = this.#store.first;
    this.measure();
  }
}
