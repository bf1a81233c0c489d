import { parseFilter } from '../log/filter.ts';
import type { Level } from '../log/level.ts';

export interface Asked {
  readonly origin: string;
  readonly feed: string;
  readonly filter: string;
  readonly levels: readonly Level[];
  /** So many lines behind a cursor; where there is none, the last lines and all that come. */
  readonly lines?: { readonly since: string; readonly count: number };
}

const LAST = 1_000;
/** The service's answers hold at most so many lines. */
const MAX_LIMIT = 10_000;

/** The command that shows the same in a terminal. Lines that are named are given whatever the filter says. */
export function curlOf({ origin, feed, filter, levels, lines }: Asked): string {
  const url = `${origin}/feeds/${feed}`;
  if (lines !== undefined) {
    const { since, count } = lines;
    return `curl '${url}?since=${since}&until=head&limit=${Math.min(count, MAX_LIMIT)}'`;
  }
  const { wanted, unwanted } = parseFilter(filter);
  const parameters = [
    `last=${LAST}`,
    ...levelParameter(levels),
    ...wanted.map(({ source }) => `match=(?i)${plain(source)}`),
    ...unwanted.map(({ source }) => `match=!(?i)${plain(source)}`),
  ];
  return `curl -N -G '${url}' ${parameters.map((parameter) => `--data-urlencode ${quoted(parameter)}`).join(' ')}`;
}

/** The service gives what is as bad or worse, so the least bad decides. */
function levelParameter(levels: readonly Level[]): string[] {
  const least = (['debug', 'warn', 'error'] as const).find((level) => levels.includes(level));
  return least === undefined ? [] : [`level=${least}`];
}

/**
 * As RE2 has it: it looks neither ahead nor back, so a field is found a little more often. Escapes that are needed only in JavaScript make
 * it hard to read.
 */
function plain(source: string): string {
  return source
    .replace(/\(\?<!(?:\[(?:[^\]\\]|\\.)*\]|[^()\\]|\\.)*\)/g, String.raw`\b`)
    .replace(/\(\?=(?:\[(?:[^\]\\]|\\.)*\]|[^()\\]|\\.)*\)/g, '')
    .replace(/\\([/-])/g, '$1');
}

/** For a POSIX shell: whatever is in it is data. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
