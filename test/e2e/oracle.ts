import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { promisify } from 'node:util';

const PROGRAM = join(import.meta.dirname, 'oracle.mjs');
const MOST_BYTES = 512 * 1024 * 1024;

export interface Expected {
  readonly lines: readonly string[];
  /** What follows the last line feed. */
  readonly rest: string;
}

/** Asks the oracle, a program of its own, what a reader must have seen of these files, one after the other. */
export async function expectedOf(...paths: readonly string[]): Promise<Expected> {
  const { stdout } = await promisify(execFile)(process.execPath, [PROGRAM, ...paths], { maxBuffer: MOST_BYTES });
  return JSON.parse(stdout);
}

/** Fails with the first line that differs: a diff of ten thousand lines helps nobody. */
export function assertSameLines(who: string, seen: readonly string[], expected: readonly string[]): void {
  const length = Math.max(seen.length, expected.length);
  for (let index = 0; index < length; index += 1) {
    if (seen[index] === expected[index]) continue;
    const [saw, should] = [shortened(seen[index]), shortened(expected[index])];
    assert.fail(`${who}: line ${index} of ${expected.length} (${seen.length} seen) is ${saw}, should be ${should}`);
  }
  assert.equal(sha256(seen), sha256(expected), who);
}

function sha256(lines: readonly string[]): string {
  return createHash('sha256').update(lines.join('\n')).digest('hex');
}

function shortened(line: string | undefined): string {
  if (line === undefined) return 'nothing';
  return line.length <= 120 ? JSON.stringify(line) : `${JSON.stringify(line.slice(0, 120))}… of ${line.length}`;
}
