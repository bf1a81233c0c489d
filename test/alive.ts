import { existsSync, readFileSync } from 'node:fs';

/** A process that has ended but that nobody has asked about is still listed: it does not count. */
export function isAlive(pid: number): boolean {
  try {
    if (existsSync('/proc')) return !/^\d+ \(.*\) [ZX]/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
