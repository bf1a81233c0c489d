import type { ChunkStore, Place } from '../log/chunk-store.ts';
import { type Anchor, anchorOf } from './anchor.ts';
import { loadedLine } from './find-line.ts';

export interface Mark {
  /** None where feeds are shown together: then it is a line for as long as that is loaded. */
  readonly anchor: Anchor | undefined;
  /** Where the line was when it was marked: its chunk may have been dropped since, and loaded again as another. */
  place: Place;
  /** Where it lies among the bytes of the feed, so that marks have an order. */
  byte: number;
}

/** Beyond so many the first is forgotten. */
const MAX_MARKS = 500;

/** Lines that the reader has marked, while the page is open. */
export class Marks {
  readonly #store: ChunkStore;
  readonly #isTogether: boolean;
  #marks: Mark[] = [];

  /** `isTogether`: the lines are of several feeds, and a place among them has no name. */
  constructor(store: ChunkStore, isTogether = false) {
    this.#store = store;
    this.#isTogether = isTogether;
  }

  get size(): number {
    return this.#marks.length;
  }

  /** True where it is marked now. Undefined where it cannot be. */
  toggle(place: Place): boolean | undefined {
    const { length } = this.#marks;
    this.#marks = this.#marks.filter((mark) => !isSame(mark.place, place));
    if (this.#marks.length < length) return false;
    const anchor = anchorOf(place);
    if (anchor === undefined && !this.#isTogether) return undefined;
    this.#marks = [...this.#marks, { anchor, place, byte: 0 }].slice(-MAX_MARKS);
    return true;
  }

  has(place: Place): boolean {
    return this.#marks.some((mark) => isSame(mark.place, place));
  }

  /** In the order of the feed. */
  inOrder(): Mark[] {
    this.#marks = this.#marks.filter(({ anchor, place }) => anchor !== undefined || this.#store.chunks.includes(place.chunk));
    for (const mark of this.#marks) this.#locate(mark);
    return this.#marks.toSorted((a, b) => a.byte - b.byte);
  }

  next(from: Place, step: 1 | -1): Mark | undefined {
    const here = from.chunk.byteOf(from.index);
    const marks = this.inOrder().filter((mark) => !isSame(mark.place, from));
    return step === 1 ? marks.find(({ byte }) => byte >= here) : marks.findLast(({ byte }) => byte <= here);
  }

  /** It has been found again. */
  moved(mark: Mark, place: Place): void {
    mark.place = place;
  }

  /** The bytes before a line can turn out to be others than was thought; what is not loaded keeps its last place. */
  #locate(mark: Mark): void {
    const { anchor, place } = mark;
    if (anchor !== undefined && !this.#store.chunks.includes(place.chunk)) mark.place = loadedLine(this.#store, anchor) ?? place;
    if (this.#store.chunks.includes(mark.place.chunk)) mark.byte = mark.place.chunk.byteOf(mark.place.index);
  }
}

export function isSame(a: Place, b: Place): boolean {
  return a.chunk === b.chunk && a.index === b.index;
}
