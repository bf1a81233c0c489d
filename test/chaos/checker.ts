/**
 * The checker, a program of its own: reads what the writer and the readers wrote down and says what is wrong.
 *
 *     node --import tsx test/chaos/checker.ts FOLDER SEED...     prints a JSON array of verdicts
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkFollower, type Problem } from './check-follower.ts';
import { checkHistory } from './check-history.ts';
import { parseRecord, type ReaderRecord, type WriterEntry } from './record.ts';
import type { Verdict } from './verdict.ts';
import { Written } from './written.ts';

const [folder = '', ...seeds] = process.argv.slice(2);
process.stdout.write(JSON.stringify(seeds.map((seed) => verdictOf(Number(seed)))));

function verdictOf(seed: number): Verdict {
  const entries = parseRecord<WriterEntry>(readFileSync(join(folder, `s${seed}.writer`), 'utf8'));
  const readers = parseRecord<ReaderRecord>(readFileSync(join(folder, `s${seed}.readers`), 'utf8'));
  const written = new Written(entries);
  const gaps = new Map<string, number>();
  const problems: Problem[] = [];
  const tolerated = { begunAgain: 0, lateUnannounced: 0, skipped: 0, neverLookedAt: 0 };
  for (const record of readers.filter(({ kind }) => kind === 'follow')) {
    const findings = checkFollower(written, record);
    problems.push(...findings.problems);
    for (const [key, count] of findings.gaps) gaps.set(key, (gaps.get(key) ?? 0) + count);
    for (const key of ['begunAgain', 'lateUnannounced', 'skipped', 'neverLookedAt'] as const) tolerated[key] += findings[key];
  }
  for (const record of readers.filter(({ kind }) => kind === 'history')) problems.push(...checkHistory(written, record));
  const faults: Record<string, number> = {};
  for (const entry of entries) if (entry.what === 'fault') faults[entry.kind] = (faults[entry.kind] ?? 0) + 1;
  return {
    seed,
    lines: written.lines.length,
    readers: readers.length,
    isDestroying: written.destroying.length > 0,
    faults,
    gaps: Object.fromEntries(gaps),
    problems,
    ...tolerated,
  };
}
