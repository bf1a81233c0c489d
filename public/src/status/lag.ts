/**
 * How old a line is when it arrives. The clocks of page and service may differ, so the smallest difference seen between a beat
 * (or the opening) and its arrival counts as the clocks' difference: what a line takes beyond it is lag.
 */
export class Lag {
  #skewMs = Number.POSITIVE_INFINITY;
  #lagMs: number | undefined;

  /** The service says what time it is. */
  clock(serviceMs: number | null, nowMs: number): void {
    if (serviceMs !== null) this.#skewMs = Math.min(this.#skewMs, nowMs - serviceMs);
  }

  /** A line that was made at `madeMs` has arrived. */
  line(madeMs: number | null, nowMs: number): void {
    if (madeMs !== null && this.#skewMs !== Number.POSITIVE_INFINITY) this.#lagMs = Math.max(0, nowMs - madeMs - this.#skewMs);
  }

  /** Of the line that came last; undefined while that is not known. */
  get ms(): number | undefined {
    return this.#lagMs;
  }
}
