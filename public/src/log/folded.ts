import { type Chunk, NUMBERS_A_CHUNK } from './chunk.ts';
import type { ChunkStore, Place } from './chunk-store.ts';

/**
 * Frames of a stack trace lie folded under the line that they follow. Which is that, and which are they? They end with the chunk behind
 * the line's own: of a trace that is longer than a thousand lines the others stay rows.
 */
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
    const places = framesFrom(chunk, index + 1);
    if (index + 1 + places.length < chunk.count) return places;
    const next = chunk.sifted === undefined ? this.#store.behind(chunk) : undefined;
    return next === undefined || next.hasHoleBefore ? places : [...places, ...framesFrom(next, 0)];
  }

  /** The row that a frame follows; undefined where that is not loaded, or is no line. */
  carrierOf({ chunk, index }: Place): Place | undefined {
    const within = lastOther(chunk, index - 1);
    const ahead = within >= 0 || chunk.hasHoleBefore ? undefined : this.#store.ahead(chunk);
    const place =
      ahead === undefined || ahead.sifted !== undefined
        ? { chunk, index: within }
        : { chunk: ahead, index: lastOther(ahead, ahead.count - 1) };
    return place.index < 0 || place.chunk.isNote(place.index) ? undefined : place;
  }
}

function framesFrom(chunk: Chunk, from: number): Place[] {
  const places: Place[] = [];
  for (let index = from; index < chunk.count && chunk.isFrame(index); index += 1) places.push({ chunk, index });
  return places;
}

/** The last row up to `index` that is no frame; -1 where there is none. */
function lastOther(chunk: Chunk, index: number): number {
  let at = index;
  while (at >= 0 && chunk.isFrame(at)) at -= 1;
  return at;
}
