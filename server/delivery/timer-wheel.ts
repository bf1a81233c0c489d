/** Runs something again and again; `tick` says after how many ms it wants its next turn, undefined when it is done. */
export interface Ticking {
  tick(now: number): number | undefined;
}

const TICK_MS = 250;
const SLOTS = 256;

/** One timer for everybody's heartbeats, beats and stall checks: 10,000 subscribers cost one interval, not 10,000. Delays up to a minute. */
export class TimerWheel {
  readonly #slots: Set<Ticking>[] = Array.from({ length: SLOTS }, () => new Set());
  readonly #places = new Map<Ticking, number>();
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
    const slot = this.#places.get(ticking);
    if (slot === undefined) return;
    this.#slots[slot]?.delete(ticking);
    this.#places.delete(ticking);
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #turn(): void {
    this.#current = (this.#current + 1) % SLOTS;
    const due = [...(this.#slots[this.#current] ?? [])];
    const now = performance.now();
    for (const ticking of due) {
      this.remove(ticking);
      const delayMs = ticking.tick(now);
      if (delayMs !== undefined) this.add(ticking, delayMs);
    }
  }
}
