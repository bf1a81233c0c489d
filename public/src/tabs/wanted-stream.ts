/** A stream of one feed, as its address asks for it. */
export interface WantedStream {
  readonly feed: string;
  /** Behind this cursor, or so many lines before what comes. */
  readonly start: { readonly cursor: string } | { readonly last: number };
}

const PREFIX = '/feeds/';
/** What the shared connection is asked for itself, or can be asked for between. A filter, say, is not among it. */
const KNOWN = new Set(['format', 'batch', 'beat', 'last', 'lastEventId']);
/** A page holds no more. */
const MAX_LAST = 10_000;

/** What the address asks for; undefined where only a connection of its own can give it. */
export function parseWanted(url: string): WantedStream | undefined {
  if (!url.startsWith(PREFIX)) return undefined;
  const [path = '', query] = url.slice(PREFIX.length).split('?', 2);
  const parameters = new URLSearchParams(query);
  for (const name of parameters.keys()) if (!KNOWN.has(name)) return undefined;
  // Who reads many lines at once says so, and would not understand another format.
  if (parameters.get('format') !== 'sse' || !parameters.has('batch')) return undefined;
  const feed = decodeURIComponent(path);
  const cursor = parameters.get('lastEventId');
  if (cursor !== null && cursor !== '') return { feed, start: { cursor } };
  const last = Number(parameters.get('last') ?? 0);
  return Number.isInteger(last) && last >= 0 && last <= MAX_LAST ? { feed, start: { last } } : undefined;
}
