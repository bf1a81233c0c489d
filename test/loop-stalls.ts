const TICK_MS = 10;

/**
 * How long this process was kept from running, as a plain timer beside the thing under test sees it: a shared machine may stop for
 * half a second, and no timer is on time then.
 */
export class LoopStalls {
  readonly #ticks = [performance.now()];
  readonly #timer = setInterval(() => this.#ticks.push(performance.now()), TICK_MS);

  /** The longest that a tick was late between two times of performance.now(), in ms. */
  longestMs(from: number, to: number): number {
    let longest = 0;
    for (const [index, tick] of this.#ticks.entries()) {
      const before = this.#ticks[index - 1];
      if (before !== undefined && tick >= from && before <= to) longest = Math.max(longest, tick - before - TICK_MS);
    }
    return longest;
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
