import type { Row } from '../log/row.ts';
import { createRow, createUnfinished, fillLine, type RowLook } from './row-element.ts';
import { estimateHeight, type Metrics } from './row-heights.ts';
import { VisibleRows } from './visible-rows.ts';

/** Rows drawn beyond what can be seen: room to scroll in, and nodes that live on while lines come. */
const SPARE_ROWS = 150;

/**
 * The list of rows. Only those near the view are elements; the rest is empty space of the right height. An element belongs to
 * its row for as long as it is drawn: neither new lines nor a reconnect draw it again.
 */
export class LogList {
  readonly rows: VisibleRows;
  readonly #scroller: HTMLElement;
  readonly #above = spacer();
  readonly #below = spacer();
  readonly #drawn = new Map<number, HTMLElement>();
  readonly #afterDraw: () => void;
  #unfinished: HTMLElement | undefined;
  #metrics: Metrics = { rowHeight: 20, noteHeight: 28, wrap: false, charactersPerRow: 120 };
  #look: RowLook;
  /** Where the rows ended when they were last drawn. */
  #drawnEnd = 0;
  #isScheduled = false;
  #following = true;

  constructor(scroller: HTMLElement, look: RowLook, afterDraw: () => void) {
    this.#scroller = scroller;
    this.#look = look;
    this.#afterDraw = afterDraw;
    this.rows = new VisibleRows((row) => estimateHeight(row, this.#metrics));
    scroller.append(this.#above, this.#below);
    scroller.addEventListener('scroll', () => this.schedule(), { passive: true });
    scroller.addEventListener('click', (event) => this.#toggle(event));
    new ResizeObserver(() => this.measure(this.#metrics.wrap)).observe(scroller);
  }

  get following(): boolean {
    return this.#following;
  }

  set following(following: boolean) {
    this.#following = following;
    this.schedule();
  }

  append(row: Row): void {
    this.rows.append(row);
    this.schedule();
  }

  /** Other rows are to be seen: another feed or filter. Elements of rows that stay are kept. */
  replace(rows: Iterable<Row>): void {
    const top = this.#topRow();
    this.rows.replace(rows);
    if (!this.#following && top !== undefined) this.#scrollToIndex(this.rows.indexOfSeq(top.seq));
    this.schedule();
  }

  /** Another feed: its rows have the same numbers as those before, so no element may stay. */
  clear(): void {
    for (const element of this.#drawn.values()) element.remove();
    this.#drawn.clear();
    this.#drawnEnd = 0;
    this.rows.replace([]);
    this.showUnfinished(null);
  }

  setLook(look: RowLook): void {
    this.#look = look;
    for (const [seq, element] of this.#drawn) {
      const row = this.rows.at(this.rows.indexOfSeq(seq));
      if (row?.kind === 'line' && row.seq === seq) fillLine(element, row, look);
    }
    this.schedule();
  }

  /** Text size, wrapping or width have changed. */
  measure(wrap: boolean): void {
    const style = getComputedStyle(this.#scroller);
    const rowHeight = Number.parseFloat(style.lineHeight) || 20;
    const columns = Number.parseFloat(style.getPropertyValue('--columns-before-message')) || 0;
    const width = this.#scroller.clientWidth - columns;
    this.#metrics = {
      rowHeight,
      noteHeight: 28,
      wrap,
      charactersPerRow: Math.max(8, Math.floor(width / this.#characterWidth())),
    };
    this.rows.measureAgain();
    this.schedule();
  }

  showUnfinished(text: string | null): void {
    this.#unfinished?.remove();
    this.#unfinished = text === null ? undefined : createUnfinished(text, this.#look);
    if (this.#unfinished !== undefined) this.#scroller.append(this.#unfinished);
    this.schedule();
  }

  /** The part of the rows that can be seen, as row numbers. */
  seen(): { first: number; last: number } {
    const top = this.#scroller.scrollTop - this.#above.offsetTop;
    return { first: this.rows.indexAt(top), last: this.rows.indexAt(top + this.#scroller.clientHeight - 1) };
  }

  scrollToShare(share: number): void {
    const index = this.rows.first + Math.floor(share * (this.rows.end - this.rows.first));
    this.#scroller.scrollTop = this.rows.offsetOf(index) + this.#above.offsetTop - this.#scroller.clientHeight / 2;
  }

  schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    requestAnimationFrame(() => {
      this.#isScheduled = false;
      this.#draw();
      this.#afterDraw();
    });
  }

  #draw(): void {
    const anchor = this.#following ? undefined : this.#anchor();
    const { first, end } = this.#range();
    const fresh = this.#reconcile(first, end);
    this.#drawnEnd = end;
    if (this.#metrics.wrap) this.#correctHeights(fresh);
    this.#above.style.height = `${this.rows.offsetOf(first)}px`;
    this.#below.style.height = `${Math.max(0, this.rows.total - this.rows.offsetOf(end))}px`;
    if (this.#following) this.#scroller.scrollTop = this.#scroller.scrollHeight;
    else if (anchor?.element.isConnected) this.#scroller.scrollTop += anchor.element.getBoundingClientRect().top - anchor.top;
  }

  /** In a flood every frame has other rows: those above the view would be made for nothing. */
  #range(): { first: number; end: number } {
    const { rows } = this;
    if (this.#following) {
      const fits = Math.ceil(this.#scroller.clientHeight / this.#metrics.rowHeight) + 1;
      const isFlood = rows.end - this.#drawnEnd > 2 * fits;
      return { first: Math.max(rows.first, rows.end - fits - (isFlood ? 0 : SPARE_ROWS)), end: rows.end };
    }
    const { first, last } = this.seen();
    return { first: Math.max(rows.first, first - SPARE_ROWS), end: Math.min(rows.end, last + 1 + SPARE_ROWS) };
  }

  /** Makes the elements between the spaces those of rows [first, end), and tells which are new. */
  #reconcile(first: number, end: number): number[] {
    const firstSeq = this.rows.at(first)?.seq ?? Number.POSITIVE_INFINITY;
    const lastSeq = this.rows.at(end - 1)?.seq ?? -1;
    for (const [seq, element] of this.#drawn)
      if (seq < firstSeq || seq > lastSeq || !this.#isVisible(seq)) this.#undraw(seq, element);
    const fresh: number[] = [];
    let next = this.#above.nextSibling;
    for (let index = first; index < end; index += 1) {
      const row = this.rows.at(index);
      if (row === undefined) continue;
      const drawn = this.#drawn.get(row.seq);
      if (drawn !== undefined && drawn === next) {
        next = drawn.nextSibling;
        continue;
      }
      if (drawn === undefined) fresh.push(index);
      const element = drawn ?? createRow(row, this.#look);
      this.#drawn.set(row.seq, element);
      this.#scroller.insertBefore(element, next);
    }
    return fresh;
  }

  #isVisible(seq: number): boolean {
    return this.rows.at(this.rows.indexOfSeq(seq))?.seq === seq;
  }

  #undraw(seq: number, element: HTMLElement): void {
    element.remove();
    this.#drawn.delete(seq);
  }

  #correctHeights(fresh: readonly number[]): void {
    const heights = fresh.map((index) => this.#drawn.get(this.rows.at(index)?.seq ?? -1)?.offsetHeight ?? 0);
    for (const [place, index] of fresh.entries()) if (heights[place]) this.rows.setHeight(index, heights[place]);
  }

  /** The first element that can be seen: it must not move while rows come and go around it. */
  #anchor(): { element: HTMLElement; top: number } | undefined {
    const element = this.#drawn.get(this.#topRow()?.seq ?? -1);
    return element === undefined ? undefined : { element, top: element.getBoundingClientRect().top };
  }

  #topRow(): Row | undefined {
    return this.rows.at(this.seen().first);
  }

  #scrollToIndex(index: number): void {
    this.#above.style.height = `${this.rows.offsetOf(index)}px`;
    this.#below.style.height = `${this.rows.total - this.rows.offsetOf(index)}px`;
    this.#scroller.scrollTop = this.rows.offsetOf(index) + this.#above.offsetTop;
  }

  #characterWidth(): number {
    const probe = document.createElement('span');
    probe.className = 'probe';
    probe.textContent = '0'.repeat(100);
    this.#scroller.append(probe);
    const width = probe.getBoundingClientRect().width / 100;
    probe.remove();
    return width || 8;
  }

  /** A click opens a line that is cut off at the edge, or closes it again; a click that ends a selection does not. */
  #toggle(event: MouseEvent): void {
    const element = event.target instanceof Element ? event.target.closest<HTMLElement>('.row') : null;
    if (element === null || getSelection()?.isCollapsed === false) return;
    const message = element.querySelector('.message');
    const isCut = message !== null && (message.scrollWidth > message.clientWidth || element.querySelector('.more') !== null);
    if (!isCut && !element.classList.contains('open')) return;
    element.classList.toggle('open');
    const index = this.rows.indexOfSeq(Number(element.dataset.seq));
    const row = this.rows.at(index);
    if (row?.kind !== 'line') return;
    fillLine(element, row, this.#look);
    this.rows.setHeight(index, element.offsetHeight);
    this.schedule();
  }
}

function spacer(): HTMLElement {
  const element = document.createElement('div');
  element.className = 'space';
  element.ariaHidden = 'true';
  return element;
}
