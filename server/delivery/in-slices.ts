/** Of one turn of the loop, ms. */
const SLICE_MS = 3;

/** Does `act` with each of `items`: as many as there is time for at once, the others in the next turns of the loop. */
export function inSlices<T>(items: readonly T[], act: (item: T) => void, from = 0): void {
  const startedAt = performance.now();
  let at = from;
  while (at < items.length && performance.now() - startedAt < SLICE_MS) {
    act(items[at] as T);
    at += 1;
  }
  if (at < items.length) setImmediate(() => inSlices(items, act, at));
}
