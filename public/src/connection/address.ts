import type { Asked } from '../log/service-filter.ts';

const BEAT = 'beat=5s';
const GATHERED = 'format=sse&batch=10';

/** A feed's lines, many to an event, beginning 1,000 lines back. */
export function linesUrl(name: string): string {
  return `/feeds/${name}?format=sse&last=1000&batch=10&${BEAT}`;
}

/** Several feeds on one connection: how many lines it begins back, and where it ends, is added to it. */
export function togetherUrl(names: readonly string[]): string {
  return `/events?format=sse&batch=10&${BEAT}${names.map((name) => `&feed=${name}`).join('')}`;
}

/** So many lines before or behind a place, or from a byte on; only those that `asked` finds. */
export function pageUrl(name: string, place: Readonly<Record<string, string>>, limit: number, asked: Asked = []): string {
  const parameters = Object.entries({ format: 'ndjson', ...place, limit: String(limit) });
  return `/feeds/${name}?${new URLSearchParams([...parameters, ...asked.map(([name, value]) => [name, value])])}`;
}

/** The changes of the list of feeds. */
export function changesUrl(): string {
  return `/feeds/livefeed/feeds?${GATHERED}&${BEAT}`;
}

/** Several feeds on one connection, from now on. */
export function severalUrl(names: Iterable<string>): string {
  return `/events?${GATHERED}&${BEAT}${[...names].map((name) => `&feed=${name}`).join('')}`;
}

/** What a feed holds up to a place, as a stream that ends there. */
export function stretchUrl(name: string, place: Readonly<Record<string, string>>): string {
  return `/feeds/${name}?${GATHERED}&${new URLSearchParams(place)}`;
}
