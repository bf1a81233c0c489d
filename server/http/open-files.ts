import { readFileSync } from 'node:fs';

/** The rest is for files, and for telling those who are beyond the limit. */
const SHARE_FOR_CONNECTIONS = 0.8;

/** How many connections there can be where `wanted` are asked for: fewer than the open files that the system gives this process. */
export function possibleConnections(wanted: number): number {
  return Math.min(wanted, Math.floor(openFileLimit() * SHARE_FOR_CONNECTIONS));
}

/** Node has raised the soft limit to the hard one at its start. Where there is no /proc, it is not known. */
function openFileLimit(): number {
  try {
    const [, soft] = /^Max open files +(\d+|unlimited)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? [];
    return soft === undefined || soft === 'unlimited' ? Number.POSITIVE_INFINITY : Number(soft);
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}
