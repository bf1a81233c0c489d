import type { Drawn } from '../history.ts';
import type { Added, ChunkStore, Place } from '../log/chunk-store.ts';
import { type Filter, NO_FILTER, parseFilter } from '../log/filter.ts';
import type { Level } from '../log/level.ts';
import { LineNumbers } from '../log/line-numbers.ts';
import { toldMs } from '../log/line-reading.ts';
import type { Row } from '../log/row.ts';
import { type Asked, askedOf } from '../log/service-filter.ts';
import { Shown } from '../log/shown.ts';
import { type Preferences, parsePreferences } from '../preferences.ts';
import { Burst } from './burst.ts';
import { keyOf } from './drawn-rows.ts';
import type { RowLook, RowSurroundings, Sources } from './line-content.ts';
import { LogList, type Rows } from './log-list.ts';
import type { Unfinished } from './row-element.ts';

/** `following` the newest line; `reading` further up, while lines come below; `paused`: nothing is added until it ends. */
export type Mode = 'following' | 'reading' | 'paused';

/** Looking for a row may take so long: who waits for a key sees that nothing happens. */
const SEARCH_MS = 150;
const ROWS_A_STEP = 500;

export interface Sought {
  readonly found: Place | undefined;
  /** Up to where nothing was found. */
  readonly reached: Place;
  /** The time was over before what is loaded was. */
  readonly isUnfinished: boolean;
}

/** The service sifts where so many lines are left out for one that comes. */
const LEFT_OUT_FOR_ONE = 10;

/** Filtering what nobody looks at takes so long of a frame. */
const SLICE_MS = 5;

/** What of a feed's rows is seen: the filter, and whether the view follows, is read in, or is held. */
export class LogView implements RowSurroundings {
  readonly list: LogList;
  readonly onlyLevels = new Set<Level>();
  filterText = '';
  mode: Mode = 'following';
  /** Lines that the filter lets through and that came since the view stopped following. */
  newLines = 0;
  #filter: Filter = NO_FILTER;
  #shown: Shown | undefined;
  #preferences = parsePreferences(null, false);
  /** The rows that are opened, by their numbers. */
  readonly #opened = new Set<number>();
  #numbers: LineNumbers | undefined;
  /** Where the view stopped following, and while paused the end of what is shown. */
  #left: Place | undefined;
  #unfinished: Unfinished | null = null;
  #sources: Sources | undefined;
  #slice: ReturnType<typeof setTimeout> | undefined;
  readonly burst = new Burst(
    () => this.list.schedule(),
    () => this.list.drawn,
  );

  constructor(scroller: HTMLElement, afterDraw: (drawn: Drawn) => void) {
    const rows: Rows = {
      before: (place, count, untilMs) => this.#shown?.before(place, count, untilMs) ?? [],
      from: (place, count, untilMs) => this.#shown?.from(place, count, untilMs, this.#held) ?? [],
      end: () => this.#held ?? this.#end(),
      isLoaded: (place) => this.#shown?.isLoaded(place) === true,
      sample: () => this.burst.rows,
    };
    this.list = new LogList(scroller, rows, this.#look, afterDraw);
  }

  /** `sources`: the feeds that the lines are of, where they are of several. */
  show(store: ChunkStore | undefined, sources?: Sources): void {
    this.#sources = sources;
    this.#shown = store === undefined ? undefined : new Shown(store);
    this.#shown?.setFilter(this.#filter, this.onlyLevels, this.#preferences.fold);
    this.#numbers = store === undefined ? undefined : new LineNumbers(store);
    this.#opened.clear();
    this.burst.show(this.#shown);
    this.list.clear(this.#look);
    this.follow();
  }

  /** Rows have come at the end. */
  add(added: readonly Added[]): void {
    const shown = added.reduce((sum, each) => sum + (this.#shown?.count(each) ?? 0), 0);
    if (this.mode !== 'following') this.newLines += shown;
    else this.burst.add(added, performance.now());
    if (this.mode !== 'paused') for (const { chunk, from } of added) this.#refold({ chunk, index: from });
    // What a burst draws of them, it says itself.
    if (this.burst.rows === undefined) this.list.arrive(added.reduce((sum, { chunk, from }) => sum + chunk.count - from, 0));
  }

  /** Rows have come elsewhere, or gone. */
  changed(): void {
    this.list.schedule();
    this.#lookSoon();
  }

  showUnfinished(unfinished: Unfinished | null): void {
    this.#unfinished = unfinished;
    if (this.mode !== 'paused') this.list.showUnfinished(unfinished);
  }

  follow(): void {
    this.mode = 'following';
    this.newLines = 0;
    this.list.following = true;
    this.list.showUnfinished(this.#unfinished);
  }

  pause(): void {
    if (this.mode === 'paused') return;
    this.#leave('paused');
  }

  read(): void {
    if (this.mode === 'following') this.#leave('reading');
  }

  setFilter(text: string): void {
    this.filterText = text;
    this.#filter = parseFilter(text);
    this.#refilter();
    this.list.setLook(this.#look);
  }

  toggleLevel(level: Level): void {
    if (!this.onlyLevels.delete(level)) this.onlyLevels.add(level);
    this.#refilter();
  }

  setPreferences(preferences: Preferences): void {
    const isFolding = this.#preferences.fold !== preferences.fold;
    this.#preferences = preferences;
    if (isFolding) this.#refilter();
    this.list.setLook(this.#look);
  }

  numberOf(seq: number): number | undefined {
    const place = this.#shown?.folded.placeOf(seq);
    return place === undefined ? undefined : this.#numbers?.numberOf(place);
  }

  framesUnder(seq: number): readonly Place[] {
    const place = this.#preferences.fold ? this.#shown?.folded.placeOf(seq) : undefined;
    // A frame that is a row of its own has lost the line that it follows.
    if (place === undefined || place.chunk.isFrame(place.index)) return [];
    return this.#shown?.folded.under(place) ?? [];
  }

  /** A line and what is folded under it, as they were written. */
  textsOf(seq: number): string[] {
    const place = this.#shown?.folded.placeOf(seq);
    return place === undefined ? [] : [place, ...this.framesUnder(seq)].map(({ chunk, index }) => chunk.text(index));
  }

  /** Opens a row, or closes it again. */
  toggle(seq: number): void {
    if (!this.#opened.delete(seq)) this.#opened.add(seq);
    this.list.redraw(seq);
  }

  /** Lines that are kept and not shown because of the filter. */
  get hidden(): number {
    return this.#shown?.hidden ?? 0;
  }

  /** What the service can look for, where the filter hides most lines and the service would judge alike: it does not see through colours. */
  get asked(): Asked | undefined {
    if (this.hidden <= LEFT_OUT_FOR_ONE * this.shown) return undefined;
    const hasColours = this.#shown?.store.chunks.some(({ hasEscapes }) => hasEscapes) === true;
    return hasColours ? undefined : askedOf(this.#filter, [...this.onlyLevels]);
  }

  /** Lines that the filter lets through. */
  get shown(): number {
    return this.#shown?.lines ?? 0;
  }

  shownRows(): Iterable<Row> {
    return this.#shown?.rows() ?? [];
  }

  /** As Shown.hits. */
  hits(apart: number): Iterable<number> {
    return this.#shown?.hits(apart) ?? [];
  }

  isShown(place: Place): boolean {
    return this.#shown?.isShown(place) ?? false;
  }

  /** The next row from the place on, forwards or back, that is shown and passes, as far as can be seen at once. */
  search(place: Place, step: 1 | -1, passes: (place: Place) => boolean): Sought {
    const untilMs = performance.now() + SEARCH_MS;
    let from = place;
    while (performance.now() < untilMs) {
      const rows = this.#next(from, step, untilMs);
      const found = step === 1 ? rows.find(passes) : rows.findLast(passes);
      const last = step === 1 ? rows.at(-1) : rows[0];
      if (found !== undefined) return { found, reached: from, isUnfinished: false };
      if (last === undefined) return { found, reached: from, isUnfinished: performance.now() >= untilMs };
      from = last;
    }
    return { found: undefined, reached: from, isUnfinished: true };
  }

  #next(place: Place, step: 1 | -1, untilMs: number): Place[] {
    const behind = { chunk: place.chunk, index: place.index + 1 };
    const found =
      step === 1 ? this.#shown?.from(behind, ROWS_A_STEP, untilMs, this.#held) : this.#shown?.before(place, ROWS_A_STEP, untilMs);
    return found ?? [];
  }

  /** The time of the first line that can be seen. */
  topMs(): number | undefined {
    const row = this.list.topRow();
    return row?.kind === 'line' ? toldMs(row, Date.now()) : undefined;
  }

  #end(): Place | undefined {
    const chunk = this.#shown?.store.last;
    return chunk === undefined ? undefined : { chunk, index: chunk.count };
  }

  /** The end of what is shown while nothing is added. It may have been dropped meanwhile. */
  get #held(): Place | undefined {
    const isThere = this.#left !== undefined && this.#shown?.store.chunks.includes(this.#left.chunk);
    return this.mode === 'paused' && isThere ? this.#left : undefined;
  }

  #leave(mode: 'reading' | 'paused'): void {
    if (this.mode === 'following') this.newLines = 0;
    this.#left = this.#end();
    this.mode = mode;
    this.burst.end();
    this.list.following = false;
  }

  /** Frames that come later go under a row that is drawn already. */
  #refold(place: Place): void {
    const carrier = place.chunk.isFrame(place.index) ? this.#shown?.folded.carrierOf(place) : undefined;
    if (carrier !== undefined) this.list.redraw(keyOf(carrier));
  }

  get #look(): RowLook {
    return {
      filter: this.#filter,
      preferences: this.#preferences,
      opened: this.#opened,
      rows: this,
      ...(this.#sources && { sources: this.#sources }),
    };
  }

  #refilter(): void {
    this.#shown?.setFilter(this.#filter, this.onlyLevels, this.#preferences.fold);
    this.burst.end();
    this.changed();
  }

  /** Of what is new, as far as it is kept. */
  #countNew(): number {
    const [shown, left] = [this.#shown, this.#left];
    if (shown === undefined || left === undefined) return 0;
    const at = shown.store.chunks.indexOf(left.chunk);
    const later = at < 0 ? [] : shown.store.chunks.slice(at + 1).map((chunk) => ({ chunk, from: 0 }));
    return [{ chunk: left.chunk, from: left.index }, ...later].reduce((sum, each) => sum + shown.count(each), 0);
  }

  #lookSoon(): void {
    if (this.#slice !== undefined) return;
    this.#slice = setTimeout(() => {
      this.#slice = undefined;
      const isDone = this.#shown?.look(performance.now() + SLICE_MS) ?? true;
      if (!isDone) this.#lookSoon();
      else if (this.mode !== 'following') this.newLines = this.#countNew();
      if (this.#shown?.isFiltering === true) this.list.schedule();
    });
  }
}
