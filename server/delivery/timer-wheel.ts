/** Runs something again and again; `tick` says after how many ms it wants its next turn, undefined when it is done. */
export interface Ticking {
  tick(now: number): number | undefined;
}

const TICK_MS = 250;
const SLOTS = 256;
/** After so long the others wait for the next turn of the loop, ms: who got an event together is due together. */
const MAX_TURN_MS = 3;

/** One timer for everybody's heartbeats, beats and stall checks: 10,000 subscribers cost one interval, not 10,000. Delays up to a minute. */
export class TimerWheel {
  readonly #slots: Set<Ticking>[] = Array.from({ length: SLOTS }, () => new Set());
  readonly #places = new Map<Ticking, number>();
  /** Those whose turn it is. */
  readonly #due = new Set<Ticking>();
  #isScheduled = false;
  #current = 0;
  readonly #timer: NodeJS.Timeout;

  constructor() {
    this.#timer = setInterval(() => this.#turn(), TICK_MS).unref();
  }

  add(ticking: Ticking, delayMs: number): void {
    const steps = Math.min(SLOTS - 1, Math.max(1, Math.round(delayMs / TICK_MS)));
    const slot = (this.#current + steps) % SLOTS;
    this.remove(ticking);
    this.#slots[slot]?.add(ticking);
    this.#places.set(ticking, slot);
  }

  remove(ticking: Ticking): void {
    this.#due.delete(ticking);
    const slot = this.#places.get(ticking);
    if (slot === undefined) return;
    this.#slots[slot]?.delete(ticking);
    this.#places.delete(ticking);
  }

  close(): void {
    clearInterval(this.#timer);
    this.#due.clear();
  }

  #turn(): void {
    this.#current = (this.#current + 1) % SLOTS;
    for (const ticking of this.#slots[this.#current] ?? []) {
      this.remove(ticking);
      this.#due.add(ticking);
    }
    this.#tickDue();
  }

  /** One has its turn in any case, however late it is. */
  #tickDue(): void {
    const startedAt = performance.now();
    let now = startedAt;
    for (const ticking of this.#due) {
      this.#due.delete(ticking);
      const delayMs = ticking.tick(now);
      if (delayMs !== undefined) this.add(ticking, delayMs);
      now = performance.now();
      if (this.#due.size > 0 && now - startedAt > MAX_TURN_MS) {
        this.#goOn();
        return;
      }
    }
  }

  #goOn(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      this.#tickDue();
    });
  }
}
