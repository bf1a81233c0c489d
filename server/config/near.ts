/** The candidate that `text` was most likely meant to be, or undefined where none is near enough to suggest. */
export function nearest(text: string, candidates: Iterable<string>): string | undefined {
  let best: string | undefined;
  let least = Math.max(1, Math.floor(text.length / 3)) + 1;
  for (const candidate of candidates) {
    const distance = isBeginning(text, candidate) || isBeginning(candidate, text) ? 1 : editDistance(text, candidate);
    if (distance >= least) continue;
    least = distance;
    best = candidate;
  }
  return best;
}

/** Whether `short` is `long`, left unfinished. */
function isBeginning(short: string, long: string): boolean {
  return short.length >= 3 && short.length * 2 >= long.length && long.startsWith(short);
}

/** Insertions, deletions, replacements and swaps of neighbours between two short texts (optimal string alignment). */
function editDistance(a: string, b: string): number {
  let previous: number[] = [];
  let current = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row += 1) {
    const next = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const replace = at(current, column - 1) + (a[row - 1] === b[column - 1] ? 0 : 1);
      const swapped = a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      const swap = swapped ? at(previous, column - 2) + 1 : replace;
      next.push(Math.min(replace, swap, at(current, column) + 1, at(next, column - 1) + 1));
    }
    previous = current;
    current = next;
  }
  return at(current, b.length);
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Number.POSITIVE_INFINITY;
}
