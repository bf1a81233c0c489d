import type { OpenHistory } from './history.ts';
import type { Place } from './log/chunk-store.ts';

/** Where the reader wants to be: a byte of the feed, or undefined for its newest line. */
interface Wish {
  readonly byte: number | undefined;
}

/** Goes to places of a feed, one after the other. While one is fetched, only the newest wish waits: who drags asks no more often. */
export class Journey {
  readonly #history: OpenHistory;
  readonly #arrived: (place: Place) => void;
  #wish: Wish | undefined;

  constructor(history: OpenHistory, arrived: (place: Place) => void) {
    this.#history = history;
    this.#arrived = arrived;
  }

  async goTo(byte: number | undefined): Promise<void> {
    const isUnderWay = this.#wish !== undefined;
    this.#wish = { byte };
    while (!isUnderWay && this.#wish !== undefined && !this.#history.isClosed) await this.#go(this.#wish);
  }

  async #go(wish: Wish): Promise<void> {
    const place = wish.byte === undefined ? this.#history.newest : await this.#history.goTo(wish.byte);
    if (this.#wish === wish) this.#wish = undefined;
    if (place !== undefined && !this.#history.isClosed) this.#arrived(place);
  }
}
