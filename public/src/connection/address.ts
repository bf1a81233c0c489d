const BEAT = 'beat=5s';

/** A feed's lines, many to an event, beginning 1,000 lines back. */
export function linesUrl(name: string): string {
  return `/feeds/${name}?format=sse&last=1000&batch=10&${BEAT}`;
}

/** So many lines before or behind a place, or from a byte on. */
export function pageUrl(name: string, place: Readonly<Record<string, string>>, limit: number): string {
  return `/feeds/${name}?${new URLSearchParams({ format: 'ndjson', ...place, limit: String(limit) })}`;
}

/** The changes of the list of feeds. */
export function changesUrl(): string {
  return `/feeds/livefeed/feeds?format=sse&${BEAT}`;
}
