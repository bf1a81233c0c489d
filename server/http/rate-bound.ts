/** After a rest, so many seconds' worth may come at once: a crowd that comes back is one burst, a client that comes back too fast goes on. */
const BURST_SECONDS = 5;

/** So many a second. */
export class RateBound {
  readonly #perSecond: number;
  readonly #most: number;
  #left: number;
  #at = performance.now();

  constructor(perSecond: number) {
    this.#perSecond = perSecond;
    this.#most = perSecond * BURST_SECONDS;
    this.#left = this.#most;
  }

  /** Whether there is one left, which is then taken. */
  take(now = performance.now()): boolean {
    this.#left = Math.min(this.#most, this.#left + ((now - this.#at) / 1_000) * this.#perSecond);
    this.#at = now;
    if (this.#left < 1) return false;
    this.#left -= 1;
    return true;
  }
}
