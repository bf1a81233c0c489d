import { setTimeout as delay } from 'node:timers/promises';

const ENDING_POLL_MS = 50;
const WATCH_POLL_MS = 1000;

/** Asks the group led by `id` to end, and ends it by force where it has not after `patienceMs`. Resolves once none of it is there. */
export async function endGroup(id: number, patienceMs: number): Promise<void> {
  signalGroup(id, 'SIGTERM');
  const deadline = performance.now() + patienceMs;
  while (signalGroup(id, 0) && performance.now() < deadline) await delay(ENDING_POLL_MS);
  if (signalGroup(id, 'SIGKILL')) await delay(ENDING_POLL_MS);
}

/** Resolves once none of the group is there, or `signal` is aborted. Its number may be another's from then on. */
export async function untilGroupGone(id: number, signal: AbortSignal): Promise<void> {
  while (!signal.aborted && signalGroup(id, 0)) {
    await delay(WATCH_POLL_MS, undefined, { ref: false, signal }).catch(() => undefined);
  }
}

/** Groups that are killed where this process exits before it has ended them; one listener for all. */
const left = new Set<number>();

/** Kills the group when this process exits at once, since nobody else would end it. Returns the function that takes it back. */
export function killAtExit(id: number): () => void {
  if (left.size === 0) process.on('exit', killLeft);
  left.add(id);
  return () => {
    left.delete(id);
    if (left.size === 0) process.off('exit', killLeft);
  };
}

function killLeft(): void {
  for (const id of left) signalGroup(id, 'SIGKILL');
}

/** False where there is no such group, or none that we may signal. */
function signalGroup(id: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-id, signal);
  } catch {
    return false;
  }
}
