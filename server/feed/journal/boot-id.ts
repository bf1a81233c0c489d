import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';

/** Another one after each start of the machine. Where the system has none, another one for each process: that is on the safe side. */
export function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return randomUUID();
  }
}
