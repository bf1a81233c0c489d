const FIRST_MS = 1_000;
const LONGEST_MS = 15_000;

/**
 * How long to wait before attempt `attempt` (1 is the first after a loss): doubling from a second to 15 s, of that 75-100 %, so
 * that the pages of a service that restarts do not all come back in the same moment. `random` is in [0, 1).
 */
export function backoffMs(attempt: number, random: number): number {
  const longest = Math.min(LONGEST_MS, FIRST_MS * 2 ** (attempt - 1));
  return Math.round(longest * (0.75 + 0.25 * random));
}
