import { setTimeout as sleep } from 'node:timers/promises';

/** Few need not wait for one another: this long apart, they are no crowd. */
const APART_MS = 10;
const TICK_MS = 10;

/** Does `act` with each of `items`, evenly spread, within `withinMs`; with few it takes less. When `signal` aborts, the rest is left. */
export async function inTurn<T>(
  items: readonly T[],
  withinMs: number,
  act: (item: T) => void,
  signal: AbortSignal,
): Promise<void> {
  const spreadMs = Math.min(withinMs, (items.length - 1) * APART_MS);
  const startedAt = performance.now();
  for (let done = 0; done < items.length; ) {
    const passed = spreadMs <= 0 ? 1 : (performance.now() - startedAt) / spreadMs;
    const due = Math.min(items.length, 1 + Math.floor(passed * (items.length - 1)));
    for (; done < due; done += 1) {
      if (signal.aborted) return;
      act(items[done] as T);
    }
    if (done < items.length) await sleep(TICK_MS, undefined, { signal }).catch(() => undefined);
  }
}
