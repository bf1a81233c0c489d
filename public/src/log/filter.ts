import { fieldPattern, literal } from './field-term.ts';

/** What the reader typed: lines must have every `wanted` term and none of the `unwanted`. Case does not matter. */
export interface Filter {
  readonly wanted: readonly RegExp[];
  readonly unwanted: readonly RegExp[];
}

export const NO_FILTER: Filter = { wanted: [], unwanted: [] };

const QUOTED = String.raw`"((?:[^"\\]|\\.)*)"?`;
/** `words`, `"several words"`, `name==value`, `name=="some value"`, each after `!` or not. In quotes `\"` is a quote. */
const TERM = new RegExp(String.raw`(!?)(?:${QUOTED}|([\w.@/-]+)==(?:${QUOTED}|(\S+))|(\S+))`, 'g');

/** Terms are divided by spaces; `!term` hides; quotes keep spaces together: `checkout !healthz "timed out" status==500`. */
export function parseFilter(text: string): Filter {
  const wanted: RegExp[] = [];
  const unwanted: RegExp[] = [];
  for (const [, not, quoted, field, quotedValue, value, bare] of text.matchAll(TERM)) {
    const pattern =
      field === undefined ? wordPattern(unquoted(quoted), bare) : fieldPattern(field, unquoted(quotedValue) ?? value ?? '');
    if (pattern !== undefined) (not === '!' ? unwanted : wanted).push(pattern);
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

function unquoted(text: string | undefined): string | undefined {
  return text?.replace(/\\(["\\])/g, '$1');
}

function wordPattern(quoted: string | undefined, bare: string | undefined): RegExp | undefined {
  const term = quoted ?? bare ?? '';
  return term === '' || (term === '!' && quoted === undefined) ? undefined : new RegExp(literal(term), 'i');
}
