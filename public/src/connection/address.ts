const BEAT = 'beat=5s';

/** A feed's lines, many to an event, beginning 1,000 lines back. */
export function linesUrl(name: string): string {
  return `/feeds/${name}?format=sse&last=1000&batch=100&${BEAT}`;
}

/** The changes of the list of feeds. */
export function changesUrl(): string {
  return `/feeds/livefeed/feeds?format=sse&${BEAT}`;
}
