import { cpus, freemem, loadavg, totalmem } from 'node:os';
import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks';
import type { MemoryLog } from '../feed/memory-log.ts';
import { startGenerator } from './generator.ts';

// Looking at the loop every 10 ms costs a tenth of what every 1 ms does, and a demo can spare the precision.
const RESOLUTION_MS = 10;

interface CpuTimes {
  readonly busyMs: number;
  readonly totalMs: number;
}

/** The feed `demo/system`: CPU, memory, load and event-loop delay of this host as JSON, one a second. */
export function startDemoSystem(log: MemoryLog, signal: AbortSignal, intervalMs = 1000): void {
  if (signal.aborted) return;
  const delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delays.enable();
  signal.addEventListener('abort', () => delays.disable(), { once: true });
  let before = readCpuTimes();
  const make = (count: number): string | undefined => {
    if (count === 0) return undefined;
    const now = readCpuTimes();
    const sample = { cpuPercent: cpuPercent(before, now), ...memory(), ...load(), loopDelayMs: loopDelay(delays) };
    before = now;
    delays.reset();
    return JSON.stringify(sample);
  };
  startGenerator({ log, intervalMs, signal, make });
}

function readCpuTimes(): CpuTimes {
  let busyMs = 0;
  let totalMs = 0;
  for (const { times } of cpus()) {
    const busy = times.user + times.nice + times.sys + times.irq;
    busyMs += busy;
    totalMs += busy + times.idle;
  }
  return { busyMs, totalMs };
}

/** Of all processors together; null where the system tells nothing, or nothing new. */
function cpuPercent(before: CpuTimes, now: CpuTimes): number | null {
  const totalMs = now.totalMs - before.totalMs;
  return totalMs > 0 ? round((100 * (now.busyMs - before.busyMs)) / totalMs) : null;
}

function memory(): Record<string, number> {
  const total = totalmem();
  const used = total - freemem();
  return {
    memoryPercent: round((100 * used) / total),
    memoryUsedBytes: used,
    memoryTotalBytes: total,
    rssBytes: process.memoryUsage.rss(),
  };
}

function load(): Record<string, number> {
  const [one = 0, five = 0, fifteen = 0] = loadavg();
  return { load1: round(one), load5: round(five), load15: round(fifteen) };
}

/** How late the loop was: the histogram holds the whole time from look to look, so the interval is taken off. */
function loopDelay(delays: IntervalHistogram): Record<string, number | null> {
  const late = (nanoseconds: number): number | null => {
    return delays.count === 0 ? null : Math.max(0, round(nanoseconds / 1e6 - RESOLUTION_MS));
  };
  return { p50: late(delays.percentile(50)), p99: late(delays.percentile(99)), max: late(delays.max) };
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
