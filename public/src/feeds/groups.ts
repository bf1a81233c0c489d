import type { FeedEntry } from './feed-entry.ts';

/** Feeds that stand together in the list. `prefix` is what their short names leave out. */
export interface FeedGroup {
  readonly title: string;
  readonly prefix: string;
  readonly feeds: readonly FeedEntry[];
}

const FAVOURITES = 'favourites';
const HERE = 'this machine';
const LAST = ['published', 'commands', HERE];

/** Favourites, files by the folder in their names, then what is published, commands, and what this machine tells of itself. */
export function groupFeeds(entries: Iterable<FeedEntry>, favourites: ReadonlySet<string> = new Set()): FeedGroup[] {
  const groups = new Map<string, { prefix: string; feeds: FeedEntry[] }>();
  for (const entry of entries) {
    const { title, prefix } = favourites.has(entry.name) ? { title: FAVOURITES, prefix: '' } : placeOf(entry);
    const group = groups.get(title) ?? { prefix, feeds: [] };
    group.feeds.push(entry);
    groups.set(title, group);
  }
  return [...groups]
    .map(([title, { prefix, feeds }]) => ({ title, prefix, feeds: feeds.sort((a, b) => compare(a.name, b.name)) }))
    .sort((a, b) => rank(a.title) - rank(b.title) || compare(a.title, b.title));
}

/** The name as it stands in its group. Those of this machine keep what tells them apart: `demo/system`. */
export function nameInGroup({ prefix }: FeedGroup, entry: FeedEntry): string {
  return entry.name.slice(prefix.length);
}

/** What to show where nothing is chosen: a favourite, else somebody's file before the demo; what the service tells of itself is no choice. */
export function firstChoice(entries: Iterable<FeedEntry>, favourites: ReadonlySet<string> = new Set()): string | undefined {
  const order = groupFeeds(entries, favourites).flatMap(({ feeds }) => feeds);
  const choice =
    order.find(({ name }) => favourites.has(name)) ??
    order.find(({ source }) => source === 'file') ??
    order.find(({ source }) => source !== 'generator' && source !== 'service') ??
    order.find(({ name }) => name === 'demo/messages') ??
    order.find(({ source }) => source !== 'service');
  return choice?.name;
}

function placeOf({ name, source }: FeedEntry): { title: string; prefix: string } {
  if (source === 'generator' || source === 'service') return { title: HERE, prefix: '' };
  if (source === 'command' || source === 'stdin') return { title: 'commands', prefix: '' };
  if (source !== 'file') return { title: 'published', prefix: '' };
  const slash = name.lastIndexOf('/');
  return slash < 0 ? { title: 'files', prefix: '' } : { title: name.slice(0, slash), prefix: name.slice(0, slash + 1) };
}

/** Favourites are first; those that are named are last, in that order. */
function rank(title: string): number {
  return title === FAVOURITES ? -2 : LAST.indexOf(title);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
