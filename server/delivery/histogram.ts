/** Upper bounds, ms. */
export const BOUNDS_MS: readonly number[] = [1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500];

/** Counts of values in fixed buckets: one addition a value, and no memory that grows. */
export class Histogram {
  readonly #counts: number[] = Array.from({ length: BOUNDS_MS.length + 1 }, () => 0);
  #count = 0;
  #max = 0;

  add(ms: number): void {
    let bucket = 0;
    while (ms > (BOUNDS_MS[bucket] ?? Number.POSITIVE_INFINITY)) bucket += 1;
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
    this.#count += 1;
    if (ms > this.#max) this.#max = ms;
  }

  /** `buckets`: how many values were at most so many ms, and above the bound before. */
  get figures(): { readonly count: number; readonly maxMs: number; readonly buckets: Readonly<Record<string, number>> } {
    const names = [...BOUNDS_MS.map((bound) => `${bound}`), 'more'];
    const buckets = Object.fromEntries(names.map((name, index) => [name, this.#counts[index] ?? 0]));
    return { count: this.#count, maxMs: Math.round(this.#max * 10) / 10, buckets };
  }
}
