import type { Behind, FanOut } from './fan-out.ts';
import type { Histogram } from './histogram.ts';

/**
 * Goes round with those who have something to get, behind the last of them: when its turn comes, everyone before it has been written
 * to. So latency is measured once for each chunk and not for each reader; chunks that come while it goes round are in the same lap.
 */
export class Lap implements Behind {
  readonly #fanOut: FanOut;
  readonly #latency: Histogram;
  #startedAt: number | undefined;

  constructor(fanOut: FanOut, latency: Histogram) {
    this.#fanOut = fanOut;
    this.#latency = latency;
  }

  /** To be called when those who are to get a chunk have been added to the fan-out; it is measured since `at`, when the chunk came. */
  start(at = performance.now()): void {
    if (this.#startedAt !== undefined) return;
    this.#startedAt = at;
    this.#fanOut.add(this);
  }

  advance(): boolean {
    if (this.#startedAt !== undefined) this.#latency.add(performance.now() - this.#startedAt);
    this.#startedAt = undefined;
    return false;
  }

  stop(): void {
    this.#fanOut.remove(this);
  }
}
