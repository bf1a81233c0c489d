import { describe, type Problem } from './check-follower.ts';
import type { ReaderRecord } from './record.ts';
import type { Written } from './written.ts';

/** Checks what somebody was given who asked, at the end, for everything that can still be read. */
export function checkHistory(written: Written, record: ReaderRecord): Problem[] {
  const problems: Problem[] = [];
  const problem = (kind: Problem['kind'], words: string) => problems.push({ who: record.who, kind, words });
  const expected = written.lines.filter(({ destroyedBy }) => destroyedBy === undefined);
  let at = 0;
  for (const entry of record.entries) {
    if (entry.what === 'gap') problem('gap without a fault', `${entry.reason} before ${describe(expected[at])}`);
    if (entry.what === 'broken') problem('broken', entry.why);
    if (entry.what !== 'line' || written.isBanner(entry.hash)) continue;
    const line = written.find(entry.hash);
    if (line !== undefined && line === expected[at]) {
      at += 1;
      continue;
    }
    const words = `${line === undefined ? `"${entry.begins}..."` : describe(line)} instead of ${describe(expected[at])}`;
    problem(line === undefined ? 'torn' : 'out of order', words);
    return problems;
  }
  if (at < expected.length) problem('never arrived', `all from ${describe(expected[at])} on`);
  return problems;
}
