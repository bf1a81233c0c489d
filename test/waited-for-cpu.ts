import { readdirSync, readFileSync } from 'node:fs';

/**
 * How long the threads of a process were ready to run and had no core, ms, since they began: the second figure of
 * /proc/PID/task/TID/schedstat (Linux, Documentation/scheduler/sched-stats.rst). 0 on other systems.
 */
export function waitedForCpuMs(pid: number): number {
  if (process.platform !== 'linux') return 0;
  let nanoseconds = 0;
  for (const thread of readdirSync(`/proc/${pid}/task`)) nanoseconds += runDelay(`/proc/${pid}/task/${thread}/schedstat`);
  return nanoseconds / 1e6;
}

/** A thread may end while its process is looked at. */
function runDelay(path: string): number {
  try {
    return Number(readFileSync(path, 'utf8').split(' ')[1] ?? 0);
  } catch {
    return 0;
  }
}
