import type { LogStats } from './log.ts';

/** Looks that are kept: with one a second the rates are those of the last 5 s. */
const LOOKS = 6;

/** When the feeds were looked at: one clock for all, since all are looked at together. */
export class LookClock {
  readonly times = new Float64Array(LOOKS);
  /** The slot of the latest look. */
  slot = 0;

  /** A new look begins; `nowMs` is of a clock that only goes forward. */
  tick(nowMs: number): void {
    this.slot = (this.slot + 1) % LOOKS;
    this.times[this.slot] = nowMs;
  }
}

/** How fast one feed grows, by its counters at the latest looks. A look at an idle feed writes nothing: there may be thousands. */
export class FeedRates {
  /** Events a second; null while nobody counts them. */
  eventsPerSecond: number | null = null;
  /** Null where the log does not count bytes. */
  bytesPerSecond: number | null = null;
  readonly #clock: LookClock;
  readonly #events = new Float64Array(LOOKS).fill(Number.NaN);
  readonly #bytes = new Float64Array(LOOKS).fill(Number.NaN);
  #lastEvents: number | null = null;
  #lastBytes: number | null = null;
  /** Looks in a row that found the same: from LOOKS on every slot holds it. */
  #idleLooks = 0;

  constructor(clock: LookClock) {
    this.#clock = clock;
  }

  /** Whether the counters have been the same for so long that more looks at the same would change nothing. */
  get isIdle(): boolean {
    return this.#idleLooks > LOOKS;
  }

  /** To be called at each tick of the clock, unless it is idle. */
  look({ eventsAppended, bytesAppended }: LogStats): void {
    const isIdle = eventsAppended === this.#lastEvents && bytesAppended === this.#lastBytes;
    this.#idleLooks = isIdle ? this.#idleLooks + 1 : 0;
    if (this.#idleLooks > LOOKS) return;
    this.#lastEvents = eventsAppended;
    this.#lastBytes = bytesAppended;
    this.#events[this.#clock.slot] = eventsAppended ?? Number.NaN;
    this.#bytes[this.#clock.slot] = bytesAppended ?? Number.NaN;
    this.eventsPerSecond = this.#rateOf(this.#events);
    this.bytesPerSecond = this.#rateOf(this.#bytes);
  }

  /** From the oldest look since which the counter has been there and has not gone back (it started again) to the latest. */
  #rateOf(counts: Float64Array): number | null {
    const { slot, times } = this.#clock;
    const latest = counts[slot] ?? Number.NaN;
    if (Number.isNaN(latest)) return null;
    let oldest = slot;
    for (let step = 1; step < LOOKS; step += 1) {
      const before = (slot + LOOKS - step) % LOOKS;
      if (!((counts[before] ?? Number.NaN) <= (counts[oldest] ?? 0))) break;
      oldest = before;
    }
    const elapsedMs = (times[slot] ?? 0) - (times[oldest] ?? 0);
    return elapsedMs <= 0 ? 0 : rounded((1000 * (latest - (counts[oldest] ?? 0))) / elapsedMs);
  }
}

/** As exact as a person reads it, so that a steady feed has a steady rate: 0.4, 9.7, 125. */
function rounded(rate: number): number {
  return rate < 10 ? Math.round(rate * 10) / 10 : Math.round(rate);
}
