import { describe, type Problem } from './check-follower.ts';
import type { ReaderRecord } from './record.ts';
import type { Written, WrittenLine } from './written.ts';

/** Checks what somebody was given who asked, at the end, for everything that can still be read. */
export function checkHistory(written: Written, record: ReaderRecord): Problem[] {
  const problems: Problem[] = [];
  const problem = (kind: Problem['kind'], words: string) => problems.push({ who: record.who, kind, words });
  const expected = written.lines.filter(({ destroyedBy }) => destroyedBy === undefined);
  let at = beginsAfterLoss(written, expected, record);
  let last = -1;
  let isBehindGap = false;
  for (const entry of record.entries) {
    if (entry.what === 'gap' && written.destroying.length === 0)
      problem('gap without a fault', `${entry.reason} before ${describe(expected[at])}`);
    if (entry.what === 'gap') isBehindGap = true;
    if (entry.what === 'broken') problem('broken', entry.why);
    if (entry.what !== 'line' || written.isBanner(entry.hash)) continue;
    const line = written.find(entry.hash);
    // A copy that was made and cut again between two looks is passed over; that there is a gap is said.
    if (isBehindGap && line !== undefined) while ((expected[at]?.place ?? line.place) < line.place) at += 1;
    // The service may still have a file open that has been removed.
    const isKept = line?.destroyedBy !== undefined && line.place > last;
    if (line === undefined || (line !== expected[at] && !isKept)) {
      const words = `${line === undefined ? `"${entry.begins}..."` : describe(line)} instead of ${describe(expected[at])}`;
      problem(line === undefined ? 'torn' : 'out of order', words);
      return problems;
    }
    if (line === expected[at]) at += 1;
    last = line.place;
    isBehindGap = false;
  }
  if (at < expected.length) problem('never arrived', `all from ${describe(expected[at])} on`);
  return problems;
}

/** History begins behind the last part that the service has seen destroyed: nothing is given without what came before it. */
function beginsAfterLoss(written: Written, expected: readonly WrittenLine[], { entries }: ReaderRecord): number {
  const first = entries.flatMap((entry) => (entry.what === 'line' ? (written.find(entry.hash) ?? []) : []))[0];
  if (first === undefined || !written.destroying.some(({ part }) => part < first.part)) return 0;
  const place = expected.findIndex(({ part }) => part >= first.part);
  return Math.max(0, place);
}
