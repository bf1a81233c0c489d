import { isTogether, namesIn } from '../feeds/together.ts';
import { parseFilter } from '../log/filter.ts';
import type { Level } from '../log/level.ts';
import { levelsOf, patternOf } from '../log/service-filter.ts';

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
  const url = isTogether(feed) ? `${origin}/events` : `${origin}/feeds/${feed}`;
  if (lines !== undefined) {
    const { since, count } = lines;
    return `curl '${url}?since=${since}&until=head&limit=${Math.min(count, MAX_LIMIT)}'`;
  }
  const { wanted, unwanted } = parseFilter(filter);
  const parameters = [
    ...(isTogether(feed) ? namesIn(feed).map((name) => `feed=${name}`) : []),
    `last=${LAST}`,
    ...levelsOf(levels).map(([name, value]) => `${name}=${value}`),
    ...wanted.map(({ source }) => `match=${patternOf(source)}`),
    ...unwanted.map(({ source }) => `match=!${patternOf(source)}`),
  ];
  return `curl -N -G '${url}' ${parameters.map((parameter) => `--data-urlencode ${quoted(parameter)}`).join(' ')}`;
}

/** For a POSIX shell: whatever is in it is data. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
