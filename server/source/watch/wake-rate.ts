const WINDOW_MS = 1_000;

/** Counts wakes, second by second. */
export class WakeRate {
  #since = 0;
  #count = 0;

  /** One more at `now` (performance.now). Whether there have been more than `limit` in this second so far. */
  isOver(limit: number, now: number): boolean {
    if (now - this.#since >= WINDOW_MS) {
      this.#since = now;
      this.#count = 0;
    }
    this.#count += 1;
    return this.#count > limit;
  }
}
