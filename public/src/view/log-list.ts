import type { Drawn, Edges } from '../history.ts';
import type { Place } from '../log/chunk-store.ts';
import type { Row } from '../log/row.ts';
import { DrawnRows } from './drawn-rows.ts';
import { Flood } from './flood.ts';
import { ListEdges } from './list-edges.ts';
import { createUnfinished, type RowLook, type Unfinished } from './row-element.ts';
import { ENOUGH_ROWS, SpareRows } from './spare-rows.ts';

/** What the list shows: rows before and behind a place, as many as there are without a hole, and where they end. */
export interface Rows {
  before(place: Place, count: number, untilMs: number): Place[];
  from(place: Place, count: number, untilMs: number): Place[];
  /** The place behind the last row; undefined where there is none at all. */
  end(): Place | undefined;
  /** Whether the row has not been dropped. */
  isLoaded(place: Place): boolean;
  /** What of the rows at the end is drawn, where not all of them are. */
  sample(): readonly Place[] | undefined;
}

/** Looking for rows that pass the filter may take so long in a frame. */
const LOOK_MS = 6;
const FRAME_MS = 16;

/** Where a row is to be: so many pixels below the upper edge. */
interface Target {
  readonly place: Place;
  readonly top: number;
}

/**
 * The list of rows. Only those near the view are elements, and nothing stands for the others: how high they would be need not be known. An
 * element belongs to its row for as long as it is drawn, and the first that can be seen stays where it is whatever comes and goes.
 */
export class LogList {
  readonly #scroller: HTMLElement;
  readonly #rows: Rows;
  readonly #afterDraw: (drawn: Drawn) => void;
  readonly #edges = new ListEdges();
  readonly #drawn: DrawnRows;
  #unfinished: HTMLElement | undefined;
  #look: RowLook;
  #isScheduled = false;
  /** Rows have come or gone, or the look has changed: scrolling alone needs no other rows as long as there are enough. */
  #isStale = true;
  #following = true;
  #target: Target | undefined;
  /** How many rows came since the last drawing. */
  #arrived = 0;
  #drawnMs = 0;
  readonly #flood = new Flood(() => this.schedule());
  readonly #spare = new SpareRows();
  /** Pixels that are still to be scrolled, once there are rows to scroll to. */
  #owedPx = 0;

  constructor(scroller: HTMLElement, rows: Rows, look: RowLook, afterDraw: (drawn: Drawn) => void) {
    this.#scroller = scroller;
    this.#rows = rows;
    this.#look = look;
    this.#afterDraw = afterDraw;
    scroller.append(this.#edges.above, this.#edges.below);
    this.#drawn = new DrawnRows(scroller, this.#edges.above);
    scroller.addEventListener('scroll', () => this.#schedule(), { passive: true });
    new ResizeObserver(() => this.schedule()).observe(scroller);
  }

  get following(): boolean {
    return this.#following;
  }

  set following(following: boolean) {
    this.#following = following;
    this.#target = undefined;
    this.#flood.end();
    this.schedule();
  }

  /** The rows that are elements. */
  get drawn(): readonly Place[] {
    return this.#drawn.places;
  }

  /** Rows are not what they were. */
  schedule(): void {
    this.#isStale = true;
    this.#schedule();
  }

  /** So many rows have come at the end. Where nothing has been drawn for a frame, they are at once, not in the next one. */
  arrive(rows: number): void {
    this.#arrived += rows;
    this.#isStale = true;
    if (this.#following && this.#flood.isOn) return;
    const isIdle = performance.now() - this.#drawnMs > FRAME_MS && document.visibilityState === 'visible';
    if (this.#following && isIdle && !this.#isScheduled) this.#drawNow();
    else this.#schedule();
  }

  /** Another feed: nothing of what is drawn stays. */
  clear(look: RowLook): void {
    this.#look = look;
    this.#drawn.clear();
    this.#target = undefined;
    this.#spare.clear();
    this.#owedPx = 0;
    this.#flood.end();
    this.showUnfinished(null);
    this.tellEdges({});
    this.schedule();
  }

  setLook(look: RowLook): void {
    this.#look = look;
    this.#drawn.fill(look);
    this.schedule();
  }

  /** The row comes to stand at the upper edge, or so far below it. */
  goTo(place: Place, top = 0): void {
    this.#target = { place, top };
    this.#owedPx = 0;
    this.schedule();
  }

  /** Scrolls, also over rows that are not drawn yet. */
  scrollBy(px: number): void {
    const { scrollTop } = this.#scroller;
    this.#scroller.scrollTop += px;
    this.#owedPx = px - (this.#scroller.scrollTop - scrollTop);
    if (Math.abs(this.#owedPx) >= 1) this.schedule();
  }

  /** Above rows that all fit, words would push these down. */
  tellEdges({ above = '', below = '', feeds = [] }: Edges): void {
    const isFull = this.#drawn.heightPx > this.#scroller.clientHeight;
    this.#edges.tell({ above: isFull ? above : '', below, feeds }, (change) => {
      // In the frame that they come in: to scroll in the next one would be to draw all twice.
      if (this.#following) return this.#toEnd(change);
      const anchor = this.#anchor();
      change();
      // Words that come and go above the rows must not move them.
      if (anchor !== undefined) this.#hold(anchor, undefined);
      this.schedule();
    });
  }

  showUnfinished(unfinished: Unfinished | null): void {
    this.#unfinished?.remove();
    this.#unfinished = unfinished === null ? undefined : createUnfinished(unfinished, this.#look);
    if (this.#unfinished !== undefined) this.#scroller.append(this.#unfinished);
    this.#schedule();
  }

  /** The first and the last row that can be seen. */
  seen(): { readonly first: Place; readonly last: Place } | undefined {
    const { scrollTop, clientHeight } = this.#scroller;
    const first = this.#drawn.places[this.#drawn.indexAt(scrollTop)];
    const last = this.#drawn.places[this.#drawn.indexAt(scrollTop + clientHeight - 1)];
    return first === undefined || last === undefined ? undefined : { first, last };
  }

  /** How far below the upper edge the row stands; undefined where it is not drawn. */
  topOf(place: Place): number | undefined {
    const element = this.#drawn.elementOf(place);
    return element === undefined ? undefined : element.offsetTop - this.#scroller.scrollTop;
  }

  /** The row that an element of the list is, or is in. */
  placeOf(element: Element): Place | undefined {
    return this.#drawn.placeOf(element);
  }

  /** Calls `look` with every row that is drawn. */
  eachDrawn(look: (place: Place, element: HTMLElement) => void): void {
    this.#drawn.each(look);
  }

  topRow(): Row | undefined {
    const first = this.seen()?.first;
    return first?.chunk.row(first.index);
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    requestAnimationFrame(() => {
      this.#isScheduled = false;
      this.#drawNow();
    });
  }

  #drawNow(): void {
    this.#drawnMs = performance.now();
    this.#afterDraw(this.#draw());
  }

  #draw(): Drawn {
    const fits = Math.ceil(this.#scroller.clientHeight / this.#rowHeight()) + 1;
    if (this.#following) return this.#drawEnd(fits);
    const anchor = this.#target ?? this.#anchor();
    const start = anchor?.place ?? this.#startWithout();
    if (start === undefined) return this.#replace([], true);
    const isEnough = !this.#isStale && this.#target === undefined && this.#hasEnoughAround(start, fits);
    if (isEnough) return this.#drawnEdges(false, false);
    const untilMs = performance.now() + LOOK_MS;
    const spare = this.#spare.grow(this.#target !== undefined && !this.#drawn.has(start));
    const below = this.#rows.from(start, fits + spare, untilMs);
    // So many have room above it.
    const over = Math.ceil(Math.max(0, anchor?.top ?? 0) / this.#rowHeight()) + spare;
    const above = this.#rows.before(start, below.length < fits ? spare + fits : over, untilMs);
    const drawn = this.#replace([...above, ...below], above.length < spare, below.length < fits + spare);
    this.#hold(anchor ?? { place: start, top: 0 }, below[0] ?? above.at(-1));
    this.#target = undefined;
    this.#payOwed();
    this.#goOn();
    return drawn;
  }

  #drawEnd(fits: number): Drawn {
    const sample = this.#rows.sample();
    if (sample === undefined) this.#drawNewest(fits);
    else {
      this.#spare.clear();
      this.#flood.end();
      if (this.#isStale) this.#replace([...sample]);
    }
    this.#toEnd();
    return this.#drawnEdges(sample === undefined && this.#drawn.places.length < fits, false);
  }

  #toEnd(change: () => void = () => undefined): void {
    change();
    this.#scroller.scrollTop = this.#scroller.scrollHeight;
  }

  /** In a flood all rows are others each time: those above the view would be made for nothing. */
  #drawNewest(fits: number): void {
    if (!this.#isStale || this.#flood.isOn) return;
    const isFlood = this.#arrived > fits;
    this.#arrived = 0;
    this.#replace(this.#newest(fits + this.#spare.grow(isFlood)));
    if (isFlood) this.#flood.begin();
    else this.#goOn();
  }

  /** With all spare rows there, what is still owed lies beyond the end. */
  #payOwed(): void {
    const px = this.#owedPx;
    this.#owedPx = 0;
    if (px !== 0) this.scrollBy(px);
    if (this.#spare.areAllThere) this.#owedPx = 0;
  }

  /** Until all spare rows are there. */
  #goOn(): void {
    if (!this.#spare.areAllThere) this.schedule();
  }

  #newest(count: number): Place[] {
    const end = this.#rows.end();
    return end === undefined ? [] : this.#rows.before(end, count, performance.now() + LOOK_MS);
  }

  #replace(places: Place[], wantsAbove = false, wantsBelow = false): Drawn {
    this.#drawn.replace(places, this.#look);
    this.#isStale = false;
    return this.#drawnEdges(wantsAbove, wantsBelow);
  }

  #drawnEdges(wantsAbove: boolean, wantsBelow: boolean): Drawn {
    return { first: this.#drawn.places[0], last: this.#drawn.places.at(-1), wantsAbove, wantsBelow };
  }

  /** The first row that can be seen: it must not move while others come and go around it. */
  #anchor(): Target | undefined {
    const { scrollTop } = this.#scroller;
    for (let at = this.#drawn.indexAt(scrollTop); at < this.#drawn.places.length; at += 1) {
      const place = this.#drawn.places[at] as Place;
      const element = this.#drawn.elementOf(place);
      // Of what has been dropped, the next that is still there.
      if (element?.isConnected && this.#rows.isLoaded(place)) return { place, top: element.offsetTop - scrollTop };
    }
    return undefined;
  }

  #hold({ place, top }: Target, otherwise: Place | undefined): void {
    const element = this.#drawn.elementOf(place) ?? (otherwise === undefined ? undefined : this.#drawn.elementOf(otherwise));
    if (element === undefined) return;
    const scrollTop = element.offsetTop - top;
    if (this.#scroller.scrollTop !== scrollTop) this.#scroller.scrollTop = scrollTop;
  }

  /** Where nothing is drawn yet: the end. */
  #startWithout(): Place | undefined {
    return this.#newest(Math.ceil(this.#scroller.clientHeight / this.#rowHeight()))[0];
  }

  #hasEnoughAround(start: Place, fits: number): boolean {
    const at = this.#drawn.places.findIndex(({ chunk, index }) => chunk === start.chunk && index === start.index);
    return at >= ENOUGH_ROWS && this.#drawn.places.length - at >= fits + ENOUGH_ROWS;
  }

  #rowHeight(): number {
    return Number.parseFloat(getComputedStyle(this.#scroller).lineHeight) || 20;
  }

  /** Draws a line anew that is opened or closed. */
  redraw(seq: number): void {
    if (this.#drawn.fillLine(seq, this.#look)) this.schedule();
  }
}
