/**
 * What became of the lines of a case: `ok`, all there; `gap`, what it destroyed is missing, and the reader was told so in its place;
 * `failed`, a promise is broken; `not supported`, this file system refuses to do it.
 */
export type Verdict = 'ok' | 'gap' | 'failed' | 'not supported';

export interface Finding {
  readonly verdict: Verdict;
  readonly notes: readonly string[];
}

/** What a reader was given, in order: lines, and places at which it was told that something is missing. */
export type Given = { readonly line: string } | { readonly gap: string };

const FROM_GOOD_TO_BAD: readonly Verdict[] = ['ok', 'gap', 'failed'];

/**
 * Compares what a reader was given with what was written: every line once and in order. Where the case `destroys` something, lines
 * may be missing that have a gap in their place; where it does not, a gap is a lie.
 */
export function judge(written: readonly string[], given: readonly Given[], destroys: boolean): Finding {
  const notes: string[] = [];
  let missing = 0;
  let next = 0;
  let gap: string | undefined;
  for (const item of [...given, END]) {
    if ('gap' in item) {
      gap = item.gap;
      continue;
    }
    const at = item === END ? written.length : written.indexOf(item.line, next);
    if (at < 0) return failed(`${JSON.stringify(item.line)} came twice, out of order, or was never written`);
    if (at > next && gap === undefined)
      return failed(`${areMissing(at - next)} from ${JSON.stringify(written[next])} on, silently`);
    if (gap !== undefined && !destroys) return failed(`a gap was told (${gap}) where nothing was destroyed`);
    if (at > next) notes.push(`${areMissing(at - next)}, and a gap says so (${gap})`);
    else if (gap !== undefined) notes.push(`nothing is missing; a gap says that something could be (${gap})`);
    missing += at - next;
    next = at + 1;
    gap = undefined;
  }
  return { verdict: missing > 0 ? 'gap' : 'ok', notes };
}

/** The worst of what several readers found, with all that is to be said. */
export function worstOf(findings: readonly (readonly [who: string, finding: Finding])[]): Finding {
  const verdicts = findings.map(([, { verdict }]) => verdict);
  const verdict = FROM_GOOD_TO_BAD.findLast((each) => verdicts.includes(each)) ?? 'ok';
  return { verdict, notes: findings.flatMap(([who, { notes }]) => notes.map((note) => `${who}: ${note}`)) };
}

const END = { line: 'the end' };

function failed(note: string): Finding {
  return { verdict: 'failed', notes: [note] };
}

function areMissing(count: number): string {
  return count === 1 ? '1 line is missing' : `${count} lines are missing`;
}
