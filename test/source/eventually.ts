import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';

/** Waits until `condition` holds; fails with `what` where it does not within `deadlineMs` (a limit for hangs, not for speed). */
export async function eventually(what: string, condition: () => boolean, deadlineMs = 10_000): Promise<void> {
  const deadline = performance.now() + deadlineMs;
  while (!condition()) {
    if (performance.now() > deadline) assert.fail(`within ${deadlineMs} ms: ${what}`);
    await delay(5);
  }
}
