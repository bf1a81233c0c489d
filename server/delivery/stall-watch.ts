import type { Figures } from './figures.ts';
import type { Outlet } from './outlet.ts';
import type { Ticking } from './timer-wheel.ts';

/** A stall is found out at most this much too late, ms. */
const LOOK_MS = 15_000;
/** Longer than any heartbeat, and shorter than what routers and balancers keep a silent connection for. */
const MAX_SILENCE_MS = 120_000;
/** The system counts seconds. */
const MIN_SILENCE_MS = 1_000;

/**
 * Tells a client that takes not one byte for `timeoutMs` from one that is slow, which is no reason to let it go. One to which nothing is
 * written may have vanished as well: only the system can ask for it.
 */
export class StallWatch implements Ticking {
  readonly #outlet: Outlet;
  readonly #timeoutMs: number;
  readonly #figures: Figures;
  #taken = 0;
  #timesBehind = 0;
  #lastTakenAt = performance.now();

  constructor(outlet: Outlet, timeoutMs: number, figures: Figures) {
    this.#outlet = outlet;
    this.#timeoutMs = timeoutMs;
    this.#figures = figures;
    outlet.probeAfter(Math.max(MIN_SILENCE_MS, Math.min(MAX_SILENCE_MS, timeoutMs)));
  }

  /** Cuts the client off if it has stalled; else answers after how many ms to look again, at the latest. */
  tick(now: number): number | undefined {
    if (this.#outlet.isClosed) return undefined;
    const leftMs = this.#timeoutMs - this.#takesNothingFor(now);
    if (leftMs > 0) return Math.min(LOOK_MS, leftMs);
    this.#figures.stalls += 1;
    this.#outlet.destroy();
    return undefined;
  }

  /** Milliseconds for which the client has taken nothing, as far as looks tell. */
  #takesNothingFor(now: number): number {
    const { bytesTaken, isWritable, timesBehind } = this.#outlet;
    if (isWritable || bytesTaken !== this.#taken || timesBehind !== this.#timesBehind) {
      this.#taken = bytesTaken;
      this.#timesBehind = timesBehind;
      this.#lastTakenAt = now;
    }
    return now - this.#lastTakenAt;
  }
}
