import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Findings, Problem } from './check-follower.ts';

/** What the checker says of one seed. */
export interface Verdict extends Pick<Findings, 'begunAgain' | 'lateUnannounced' | 'skipped' | 'neverLookedAt'> {
  readonly seed: number;
  readonly lines: number;
  readonly readers: number;
  /** Whether one of its faults destroys lines, or may. */
  readonly isDestroying: boolean;
  /** How often each fault was done. */
  readonly faults: Readonly<Record<string, number>>;
  /** How often a gap was told: `fault beside it: reason`. */
  readonly gaps: Readonly<Record<string, number>>;
  readonly problems: readonly Problem[];
}

const CHECKER = join(import.meta.dirname, 'checker.ts');
const MOST_BYTES = 256 * 1024 * 1024;

/** Asks the checker, a program of its own, about the records in `folder`. */
export async function verdictsOf(folder: string, seeds: readonly number[]): Promise<Verdict[]> {
  const args = ['--import', 'tsx', CHECKER, folder, ...seeds.map(String)];
  const { stdout } = await promisify(execFile)(process.execPath, args, { maxBuffer: MOST_BYTES });
  return JSON.parse(stdout);
}
