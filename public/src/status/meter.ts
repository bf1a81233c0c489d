const SLOTS = 5;
const SLOT_MS = 1_000;

/** Events a second, over the last five whole seconds, so that the figure can be read. */
export class Meter {
  readonly #slots = new Array<number>(SLOTS + 1).fill(0);
  #slot = 0;
  #startMs: number | undefined;

  add(count: number, nowMs: number): void {
    this.#startMs ??= nowMs;
    this.#turn(nowMs);
    this.#slots[this.#slot % this.#slots.length] = (this.#slots[this.#slot % this.#slots.length] ?? 0) + count;
  }

  perSecond(nowMs: number): number {
    if (this.#startMs === undefined) return 0;
    this.#turn(nowMs);
    const current = this.#slots[this.#slot % this.#slots.length] ?? 0;
    const whole = Math.min(SLOTS, this.#slot - Math.floor(this.#startMs / SLOT_MS));
    if (whole <= 0) return current;
    return (this.#slots.reduce((sum, count) => sum + count, 0) - current) / whole;
  }

  #turn(nowMs: number): void {
    const slot = Math.floor(nowMs / SLOT_MS);
    if (slot - this.#slot > this.#slots.length) this.#slots.fill(0);
    else for (let next = this.#slot + 1; next <= slot; next += 1) this.#slots[next % this.#slots.length] = 0;
    this.#slot = slot;
  }
}
