import { NUMBERS_A_CHUNK } from '../log/chunk.ts';
import type { Place } from '../log/chunk-store.ts';
import type { LineRow } from '../log/row.ts';
import { createRow, fillLine, type RowLook } from './row-element.ts';

interface DrawnRow {
  readonly place: Place;
  readonly element: HTMLElement;
}

/** The rows that are elements, in the order in which they stand. An element belongs to its row for as long as it is drawn. */
export class DrawnRows {
  readonly #scroller: HTMLElement;
  /** They stand behind this element. */
  readonly #above: Element;
  #rows = new Map<number, DrawnRow>();
  places: readonly Place[] = [];

  constructor(scroller: HTMLElement, above: Element) {
    this.#scroller = scroller;
    this.#above = above;
  }

  clear(): void {
    for (const { element } of this.#rows.values()) element.remove();
    this.#rows.clear();
    this.places = [];
  }

  /** Makes the elements those of these rows, in this order; those that stay are not touched. */
  replace(places: readonly Place[], look: RowLook): void {
    const before = this.#rows;
    const rows = new Map<number, DrawnRow>();
    for (const place of places) rows.set(keyOf(place), before.get(keyOf(place)) ?? { place, element: create(place, look) });
    for (const [key, { element }] of before) if (!rows.has(key)) element.remove();
    let next = this.#above.nextSibling;
    for (const { element } of rows.values()) {
      if (element === next) next = element.nextSibling;
      else this.#scroller.insertBefore(element, next);
    }
    this.#rows = rows;
    this.places = places;
  }

  /** Draws all lines anew. */
  fill(look: RowLook): void {
    for (const seq of this.#rows.keys()) this.fillLine(seq, look);
  }

  /** Draws a line anew; false where it is not drawn. */
  fillLine(seq: number, look: RowLook): boolean {
    const element = this.#rows.get(seq)?.element;
    const row = this.line(seq);
    if (element === undefined || row === undefined) return false;
    fillLine(element, row, look);
    return true;
  }

  /** A line by its number. */
  line(seq: number): LineRow | undefined {
    const place = this.#rows.get(seq)?.place;
    const row = place?.chunk.row(place.index);
    return row?.kind === 'line' ? row : undefined;
  }

  has(place: Place): boolean {
    return this.#rows.has(keyOf(place));
  }

  elementOf(place: Place): HTMLElement | undefined {
    return this.#rows.get(keyOf(place))?.element;
  }

  /** The row that an element of the list is, or is in. */
  placeOf(element: Element): Place | undefined {
    return this.#rows.get(Number(element.closest<HTMLElement>('[data-seq]')?.dataset.seq))?.place;
  }

  each(look: (place: Place, element: HTMLElement) => void): void {
    for (const { place, element } of this.#rows.values()) look(place, element);
  }

  /** The index of the row that lies `y` below the start of what is drawn. */
  indexAt(y: number): number {
    let low = 0;
    let high = this.places.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if ((this.elementOf(this.places[middle] as Place)?.offsetTop ?? 0) <= y) low = middle;
      else high = middle - 1;
    }
    return Math.max(0, low);
  }

  get heightPx(): number {
    const [first, last] = [this.places[0], this.places.at(-1)].map((place) => place && this.elementOf(place));
    return first === undefined || last === undefined ? 0 : last.offsetTop + last.offsetHeight - first.offsetTop;
  }
}

/** As the row's number, which its element carries. */
export function keyOf({ chunk, index }: Place): number {
  return chunk.id * NUMBERS_A_CHUNK + index;
}

function create({ chunk, index }: Place, look: RowLook): HTMLElement {
  return createRow(chunk.row(index), look);
}
