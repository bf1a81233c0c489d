import { readFileSync } from 'node:fs';

/** Linux counts processor time in these ticks a second, on every architecture that Node runs on. */
const TICKS_A_SECOND = 100;
const PAGE_BYTES = 4096;

/** Processor seconds that a process has used, user and system; NaN where there is no /proc. */
export function cpuSeconds(pid: number): number {
  const stat = read(`/proc/${pid}/stat`);
  // The name, in brackets, may hold spaces: fields are counted behind it. utime and stime are the 14th and 15th.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_A_SECOND;
}

/** Resident memory of a process, MiB; NaN where there is no /proc. */
export function residentMib(pid: number): number {
  return (Number(read(`/proc/${pid}/statm`).split(' ')[1]) * PAGE_BYTES) / 1024 / 1024;
}

/** Seconds for which the main thread of a process was ready to run and another had its core; NaN where there is no /proc. */
export function waitedSeconds(pid: number): number {
  return Number(read(`/proc/${pid}/schedstat`).split(' ')[1]) / 1e9;
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
