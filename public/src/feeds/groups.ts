import type { FeedEntry } from './feed-entry.ts';

/** Feeds that stand together in the list. `prefix` is what their short names leave out. */
export interface FeedGroup {
  readonly title: string;
  readonly prefix: string;
  readonly feeds: readonly FeedEntry[];
}

const HERE = 'this machine';
const LAST = ['published', 'commands', HERE];

/** Files by the folder in their names, then what is published, commands, and what this machine tells of itself. */
export function groupFeeds(entries: Iterable<FeedEntry>): FeedGroup[] {
  const groups = new Map<string, { prefix: string; feeds: FeedEntry[] }>();
  for (const entry of entries) {
    const { title, prefix } = placeOf(entry);
    const group = groups.get(title) ?? { prefix, feeds: [] };
    group.feeds.push(entry);
    groups.set(title, group);
  }
  return [...groups]
    .map(([title, { prefix, feeds }]) => ({ title, prefix, feeds: feeds.sort((a, b) => compare(a.name, b.name)) }))
    .sort((a, b) => LAST.indexOf(a.title) - LAST.indexOf(b.title) || compare(a.title, b.title));
}

/** The name as it stands in its group. Those of this machine keep what tells them apart: `demo/system`. */
export function nameInGroup({ prefix }: FeedGroup, entry: FeedEntry): string {
  return entry.name.slice(prefix.length);
}

/** What to show where nothing is chosen: somebody's file before our own figures. */
export function firstChoice(entries: Iterable<FeedEntry>): string | undefined {
  const order = groupFeeds(entries).flatMap(({ feeds }) => feeds);
  const choice =
    order.find(({ source }) => source === 'file') ??
    order.find(({ source }) => source !== 'generator' && source !== 'service') ??
    order.find(({ name }) => name === 'demo/messages') ??
    order[0];
  return choice?.name;
}

function placeOf({ name, source }: FeedEntry): { title: string; prefix: string } {
  if (source === 'generator' || source === 'service') return { title: HERE, prefix: '' };
  if (source === 'command' || source === 'stdin') return { title: 'commands', prefix: '' };
  if (source !== 'file') return { title: 'published', prefix: '' };
  const slash = name.lastIndexOf('/');
  return slash < 0 ? { title: 'files', prefix: '' } : { title: name.slice(0, slash), prefix: name.slice(0, slash + 1) };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
