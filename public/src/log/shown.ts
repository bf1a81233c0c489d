import { readable } from './ansi.ts';
import type { Chunk } from './chunk.ts';
import type { Added, ChunkStore, Place } from './chunk-store.ts';
import { type Filter, matches, NO_FILTER } from './filter.ts';
import { Folded } from './folded.ts';
import type { Level } from './level.ts';
import type { Row } from './row.ts';

/** Which rows of a chunk are shown, as far as it has been looked at. */
interface Found {
  readonly rows: number[];
  /** Rows that are folded under one of those, and the one under which more would go. */
  readonly folded: number[];
  carrier: boolean;
  /** The chunk before, where this one begins with frames. */
  ahead: Chunk | undefined;
  lines: number;
  /** Rows and lines that have been looked at. */
  seen: number;
  seenLines: number;
}

/** What the filter lets through of what is loaded. Chunks are looked at when somebody comes to them, the others bit by bit. */
export class Shown {
  readonly store: ChunkStore;
  readonly folded: Folded;
  #folds = true;
  #filter: Filter = NO_FILTER;
  #levels: ReadonlySet<Level> = new Set();
  #found = new WeakMap<Chunk, Found>();
  readonly #dropped = new WeakSet<Chunk>();
  /** Lines that are hidden, of those that have been looked at. */
  hidden = 0;
  /** Lines that are shown, likewise. */
  lines = 0;

  constructor(store: ChunkStore) {
    this.store = store;
    this.folded = new Folded(store);
    store.onDrop = (chunk) => {
      this.#forget(chunk);
      this.#dropped.add(chunk);
    };
  }

  get isFiltering(): boolean {
    return this.#filter !== NO_FILTER || this.#levels.size > 0;
  }

  /** `folds`: frames of stack traces lie under the line that they follow. They are counted and copied as lines that are shown. */
  setFilter(filter: Filter, levels: ReadonlySet<Level>, folds: boolean): void {
    this.#folds = folds;
    this.#filter = filter;
    this.#levels = new Set(levels);
    this.#found = new WeakMap();
    this.hidden = 0;
    this.lines = 0;
  }

  /** How many of the lines that have come are shown. */
  count({ chunk, from }: Added): number {
    const rows = this.#rowsOf(chunk);
    const folded = this.#found.get(chunk)?.folded ?? [];
    let lines = folded.length - firstFrom(folded, from);
    for (let at = rows.length - 1; at >= 0 && (rows[at] ?? 0) >= from; at -= 1) if (!chunk.isNote(rows[at] ?? 0)) lines += 1;
    return lines;
  }

  /** The indices of those of the rows that have come. */
  among({ chunk, from }: Added): readonly number[] {
    const rows = this.#rowsOf(chunk);
    return rows.slice(firstFrom(rows, from));
  }

  /** Looks at chunks that nobody has come to, the newest first, until the time is over. True when there are none left. */
  look(untilMs: number): boolean {
    const { chunks } = this.store;
    for (let at = chunks.length - 1; at >= 0; at -= 1) {
      const chunk = chunks[at] as Chunk;
      if (this.#found.get(chunk)?.seen === chunk.count) continue;
      this.#rowsOf(chunk);
      if (performance.now() >= untilMs) return false;
    }
    return true;
  }

  /** The `count` rows before the place, in order; fewer at a hole, or when the time is over. */
  before(place: Place, count: number, untilMs: number): Place[] {
    const places: Place[] = [];
    let { chunk } = place;
    let rows = this.#rowsOf(chunk);
    let at = firstFrom(rows, place.index) - 1;
    while (places.length < count) {
      for (; at >= 0 && places.length < count; at -= 1) places.push({ chunk, index: rows[at] ?? 0 });
      if (places.length === count || this.#isOver(untilMs)) break;
      const previous = this.#previous(chunk);
      if (previous === undefined) break;
      chunk = previous;
      rows = this.#rowsOf(chunk);
      at = rows.length - 1;
    }
    return places.reverse();
  }

  /** The `count` rows from the place on, likewise; `end` is where they end. */
  from(place: Place, count: number, untilMs: number, end?: Place): Place[] {
    const places: Place[] = [];
    let { chunk } = place;
    let rows = this.#rowsOf(chunk);
    let at = firstFrom(rows, place.index);
    while (places.length < count) {
      const until = end?.chunk === chunk ? firstFrom(rows, end.index) : rows.length;
      for (; at < until && places.length < count; at += 1) places.push({ chunk, index: rows[at] ?? 0 });
      if (places.length === count || end?.chunk === chunk || this.#isOver(untilMs)) break;
      const next = this.#next(chunk);
      if (next === undefined) break;
      chunk = next;
      rows = this.#rowsOf(chunk);
      at = 0;
    }
    return places;
  }

  isLoaded({ chunk }: Place): boolean {
    return !this.#dropped.has(chunk);
  }

  isShown({ chunk, index }: Place): boolean {
    const rows = this.#rowsOf(chunk);
    return rows[firstFrom(rows, index)] === index;
  }

  /** Where among the bytes of the feed lines are that pass the filter, of what has been looked at; of those within `apart` bytes the first. */
  *hits(apart: number): IterableIterator<number> {
    if (!this.isFiltering) return;
    for (const chunk of this.store.chunks) {
      const found = this.#found.get(chunk);
      if (found === undefined || found.lines === 0) continue;
      let last = Number.NEGATIVE_INFINITY;
      for (const index of chunk.feedBytes < apart ? found.rows.slice(0, 1) : found.rows) {
        const byte = chunk.byteOf(index);
        if (byte - last < apart || chunk.isNote(index)) continue;
        last = byte;
        yield byte;
      }
    }
  }

  *rows(): IterableIterator<Row> {
    for (const chunk of this.store.chunks) for (const index of this.#withFolded(chunk)) yield chunk.row(index);
  }

  /** Only a filter makes it take long to find rows. */
  #isOver(untilMs: number): boolean {
    return this.isFiltering && performance.now() >= untilMs;
  }

  #previous(chunk: Chunk): Chunk | undefined {
    return chunk.hasHoleBefore ? undefined : this.store.chunks[this.store.chunks.indexOf(chunk) - 1];
  }

  #next(chunk: Chunk): Chunk | undefined {
    const { chunks } = this.store;
    const at = chunks.indexOf(chunk);
    const next = at < 0 ? undefined : chunks[at + 1];
    return next?.hasHoleBefore === true ? undefined : next;
  }

  #withFolded(chunk: Chunk): readonly number[] {
    const rows = this.#rowsOf(chunk);
    const folded = this.#found.get(chunk)?.folded ?? [];
    return folded.length === 0 ? rows : [...rows, ...folded].sort((a, b) => a - b);
  }

  #rowsOf(chunk: Chunk): readonly number[] {
    if (this.#dropped.has(chunk)) return [];
    const previous = this.#folds && chunk.isFrame(0) ? this.#previous(chunk) : undefined;
    const ahead = previous?.sifted === undefined ? previous : undefined;
    let found = this.#found.get(chunk);
    // What its first rows are folded under has come, or gone.
    if (found !== undefined && found.ahead !== ahead) {
      this.#forget(chunk);
      found = undefined;
    }
    if (found === undefined) {
      found = { rows: [], folded: [], carrier: this.#carries(ahead), ahead, lines: 0, seen: 0, seenLines: 0 };
      this.#found.set(chunk, found);
      this.hidden += chunk.sifted?.hidden ?? 0;
    }
    if (found.seen < chunk.count) this.#lookAt(chunk, found);
    return found.rows;
  }

  #lookAt(chunk: Chunk, found: Found): void {
    const passes = this.#passing(chunk, found.seen);
    const [lines, seenLines] = [found.lines, found.seenLines];
    for (let index = found.seen; index < chunk.count; index += 1) {
      const isNote = chunk.isNote(index);
      if (!isNote) found.seenLines += 1;
      const isFolded = this.#folds && found.carrier && chunk.isFrame(index);
      const isShown = isFolded || isNote || passes(index);
      if (!isFolded) found.carrier = isShown && !isNote && !chunk.isFrame(index);
      if (!isShown) continue;
      (isFolded ? found.folded : found.rows).push(index);
      if (!isNote) found.lines += 1;
    }
    found.seen = chunk.count;
    this.lines += found.lines - lines;
    this.hidden += found.seenLines - seenLines - (found.lines - lines);
  }

  /** Whether what comes behind this chunk is folded under the last line in it that is no frame. */
  #carries(chunk: Chunk | undefined): boolean {
    const place = chunk === undefined ? undefined : this.folded.carrierOf({ chunk, index: chunk.count });
    return place !== undefined && place.chunk === chunk && this.#passing(chunk, place.index)(place.index);
  }

  #passing(chunk: Chunk, from: number): (index: number) => boolean {
    const [filter, levels] = [this.#filter, this.#levels];
    const hasLevel = (index: number) => levels.size === 0 || levels.has(chunk.level(index) ?? ('' as Level));
    if (filter === NO_FILTER) return hasLevel;
    const text = chunk.texts(from);
    return (index) => hasLevel(index) && matches(filter, readable(text(index)));
  }

  #forget(chunk: Chunk): void {
    const found = this.#found.get(chunk);
    if (found === undefined) return;
    this.lines -= found.lines;
    this.hidden -= found.seenLines - found.lines + (chunk.sifted?.hidden ?? 0);
    this.#found.delete(chunk);
  }
}

/** Where in `rows` the first is that is not before `index`. */
function firstFrom(rows: readonly number[], index: number): number {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((rows[middle] ?? 0) < index) low = middle + 1;
    else high = middle;
  }
  return low;
}
