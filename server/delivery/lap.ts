import type { Histogram } from './histogram.ts';

/**
 * Once around those who get the same: over when everyone has had a turn. So latency is measured once for many and not for each reader;
 * news that comes while it goes on is measured in the next.
 */
export class Lap {
  readonly #latency: Histogram;
  #left = 0;
  #from = 0;
  #nextFrom: number | undefined;

  constructor(latency: Histogram) {
    this.#latency = latency;
  }

  /** There is news for so many, which came at `at` (performance.now). */
  start(turns: number, at: number): void {
    if (this.#left > 0) this.#nextFrom ??= at;
    else [this.#left, this.#from] = [turns, at];
  }

  /** One more is to have a turn. */
  lengthen(): void {
    if (this.#left > 0) this.#left += 1;
  }

  /** One has had its turn; after `left` more, everyone has had one since the last news. */
  turn(left: number): void {
    if (this.#left === 0) return;
    this.#left = Math.min(this.#left - 1, left);
    if (this.#left > 0) return;
    this.#latency.add(performance.now() - this.#from);
    if (this.#nextFrom !== undefined) [this.#left, this.#from] = [left, this.#nextFrom];
    this.#nextFrom = undefined;
  }
}
