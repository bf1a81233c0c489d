/** What the address says after `#`: which feed is shown and with which filter, so that a reload or a link shows the same. */
export interface Place {
  readonly feed: string | undefined;
  readonly filter: string;
}

export function parseHash(hash: string): Place {
  const parameters = new URLSearchParams(hash.replace(/^#/, ''));
  return { feed: parameters.get('feed') || undefined, filter: parameters.get('filter') ?? '' };
}

/** Feed names need no escaping here, and read better without. */
export function formatHash({ feed, filter }: Place): string {
  if (feed === undefined) return '';
  return `#feed=${feed}${filter === '' ? '' : `&filter=${encodeURIComponent(filter)}`}`;
}
