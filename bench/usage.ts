import { cpuSeconds, residentMib, waitedSeconds } from './process-figures.ts';

/** What a process and this one have used between two moments. */
export interface Usage {
  readonly seconds: number;
  readonly cpuSeconds: number;
  /** Ready to run, but without a core. */
  readonly waitedSeconds: number;
  readonly mostMib: number;
  readonly ownCpuPercent: number;
}

const SAMPLE_MS = 50;

/** Begins to watch the process; `end` tells what it used since then. */
export function watchUsage(pid: number): { end(): Usage } {
  const startedAt = performance.now();
  const cpuBefore = cpuSeconds(pid);
  const waitedBefore = waitedSeconds(pid);
  const ownBefore = process.cpuUsage();
  let mostMib = residentMib(pid);
  const sample = () => {
    mostMib = Math.max(mostMib, residentMib(pid));
  };
  const timer = setInterval(sample, SAMPLE_MS);
  return {
    end() {
      clearInterval(timer);
      sample();
      const seconds = (performance.now() - startedAt) / 1_000;
      const own = process.cpuUsage(ownBefore);
      const ownCpuPercent = ((own.user + own.system) / 1e6 / seconds) * 100;
      const waited = waitedSeconds(pid) - waitedBefore;
      return { seconds, cpuSeconds: cpuSeconds(pid) - cpuBefore, waitedSeconds: waited, mostMib, ownCpuPercent };
    },
  };
}
