import { type Chunk, NUMBERS_A_CHUNK } from './chunk.ts';
import type { ChunkStore, Place } from './chunk-store.ts';

/** A trace of more lines is one of a program that called itself for ever: so many are gathered, the others stay rows. */
const MAX_FRAMES = 10_000;

/** Frames of a stack trace lie folded under the line that they follow. Which is that, and which are they? */
export class Folded {
  readonly #store: ChunkStore;

  constructor(store: ChunkStore) {
    this.#store = store;
  }

  /** `seq` is the row's number among the rows of the page. */
  placeOf(seq: number): Place | undefined {
    const id = Math.floor(seq / NUMBERS_A_CHUNK);
    const chunk = this.#store.chunks.findLast((each) => each.id === id);
    return chunk === undefined ? undefined : { chunk, index: seq % NUMBERS_A_CHUNK };
  }

  /** The frames that follow a row, without a row between. */
  under({ chunk, index }: Place): Place[] {
    const places: Place[] = [];
    let place: Place | undefined = this.#next(chunk, index + 1);
    while (place?.chunk.isFrame(place.index) && places.length < MAX_FRAMES) {
      places.push(place);
      place = this.#next(place.chunk, place.index + 1);
    }
    return places;
  }

  /** The row that a frame follows; undefined where that is not loaded, or is no line. */
  carrierOf({ chunk, index }: Place): Place | undefined {
    let place = this.#before(chunk, index);
    for (let steps = 0; place?.chunk.isFrame(place.index); steps += 1) {
      if (steps === MAX_FRAMES) return undefined;
      place = this.#before(place.chunk, place.index);
    }
    return place === undefined || place.chunk.isNote(place.index) ? undefined : place;
  }

  #next(chunk: Chunk, index: number): Place | undefined {
    if (index < chunk.count) return { chunk, index };
    const next = this.#store.behind(chunk);
    return next === undefined || next.hasHoleBefore || next.count === 0 ? undefined : { chunk: next, index: 0 };
  }

  #before(chunk: Chunk, index: number): Place | undefined {
    if (index > 0) return { chunk, index: index - 1 };
    const ahead = chunk.hasHoleBefore ? undefined : this.#store.ahead(chunk);
    return ahead === undefined ? undefined : { chunk: ahead, index: ahead.count - 1 };
  }
}
