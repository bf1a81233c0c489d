import type { MemoryLog } from '../feed/memory-log.ts';

// Timers count from the time at which their turn of the loop began, so that after a long turn they fire early.
const TOLERANCE_MS = 0.5;

export interface GeneratorOptions {
  readonly log: MemoryLog;
  readonly intervalMs: number;
  readonly signal: AbortSignal;
  /** The data of event `count`, which counts from 0; undefined makes no event this time. */
  make(count: number): string | undefined;
}

/** Appends an event at once and then every interval, until `signal` is aborted. */
export function startGenerator({ log, intervalMs, signal, make }: GeneratorOptions): void {
  let count = 0;
  every(intervalMs, signal, () => {
    const data = make(count);
    count += 1;
    if (data !== undefined) log.append(data);
  });
}

/**
 * Calls `tick` at once and then at whole intervals from now: a late call does not make the next one late. Calls that were missed (the
 * host slept) are left out. The timer does not keep the process alive.
 */
export function every(intervalMs: number, signal: AbortSignal, tick: () => void): void {
  if (signal.aborted) return;
  const start = performance.now();
  let due = start;
  let timer: NodeJS.Timeout | undefined;
  const run = (): void => {
    const now = performance.now();
    const isDue = now > due - TOLERANCE_MS;
    if (isDue) due = start + (Math.floor((now - start + TOLERANCE_MS) / intervalMs) + 1) * intervalMs;
    timer = setTimeout(run, Math.ceil(due - now)).unref();
    if (isDue) tick();
  };
  signal.addEventListener('abort', () => clearTimeout(timer), { once: true });
  run();
}
