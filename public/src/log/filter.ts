/** What the reader typed: lines must have every `wanted` term and none of the `unwanted`. Case does not matter. */
export interface Filter {
  readonly wanted: readonly RegExp[];
  readonly unwanted: readonly RegExp[];
}

export const NO_FILTER: Filter = { wanted: [], unwanted: [] };

/** Terms are divided by spaces; `!term` hides; quotes keep spaces together: `checkout !healthz "timed out"`. */
export function parseFilter(text: string): Filter {
  const wanted: RegExp[] = [];
  const unwanted: RegExp[] = [];
  for (const [, not, quoted, bare] of text.matchAll(/(!?)(?:"([^"]*)"?|(\S+))/g)) {
    const term = quoted ?? bare ?? '';
    if (term === '' || (term === '!' && quoted === undefined)) continue;
    (not === '!' ? unwanted : wanted).push(literal(term, 'i'));
  }
  return wanted.length + unwanted.length === 0 ? NO_FILTER : { wanted, unwanted };
}

export function matches(filter: Filter, text: string): boolean {
  return filter.wanted.every((term) => term.test(text)) && !filter.unwanted.some((term) => term.test(text));
}

/** Where the wanted terms stand in `text`, in order, overlaps joined; at most `limit`. */
export function findHits(filter: Filter, text: string, limit = 200): [start: number, end: number][] {
  const found = filter.wanted.flatMap((term) => hitsOf(term, text, limit)).sort((a, b) => a[0] - b[0]);
  const joined: [number, number][] = [];
  for (const [start, end] of found.slice(0, limit)) {
    const last = joined.at(-1);
    if (last !== undefined && start <= last[1]) last[1] = Math.max(last[1], end);
    else joined.push([start, end]);
  }
  return joined;
}

function hitsOf(term: RegExp, text: string, limit: number): [number, number][] {
  const hits: [number, number][] = [];
  for (const match of text.matchAll(new RegExp(term.source, 'gi'))) {
    hits.push([match.index, match.index + match[0].length]);
    if (hits.length === limit) break;
  }
  return hits;
}

/** Escaped to the last character, so a term is only ever the text that it is, in linear time. */
function literal(term: string, flags: string): RegExp {
  return new RegExp(term.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&'), flags);
}
