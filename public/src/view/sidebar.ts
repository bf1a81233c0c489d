import { html } from 'lit';
import type { FeedEntry } from '../feeds/feed-entry.ts';
import type { FeedGroup } from '../feeds/groups.ts';
import { countOf } from '../units.ts';
import { type FeedRowActions, type FeedRowFacts, feedGroup } from './feed-rows.ts';

export interface SidebarFacts {
  readonly groups: readonly FeedGroup[];
  readonly loaded: boolean;
  readonly reachable: boolean;
  readonly rows: FeedRowFacts;
}

export function sidebar({ groups, loaded, reachable, rows }: SidebarFacts, actions: FeedRowActions) {
  const entries = groups.flatMap(({ feeds }) => feeds);
  return html`<div class="brand ${reachable ? '' : 'away'}"><i aria-hidden="true"></i>livefeed</div>
    <button type="button" class="find" @click=${actions.find}>Find a feed<kbd>Ctrl K</kbd></button>
    <nav class="groups ${reachable ? '' : 'stale'}" aria-label="Feeds">
      ${groups.map((group, index) => feedGroup(group, rows, actions, index === 0))}
      ${loaded && entries.length === 0 ? html`<p class="hint">No feeds yet. They appear here as soon as there are any.</p>` : ''}
    </nav>
    <div class="service">${loaded ? serviceWords(entries, reachable) : 'Asking for the list of feeds'}</div>`;
}

function serviceWords(entries: readonly FeedEntry[], reachable: boolean): string {
  if (!reachable) return 'The service does not answer';
  const readers = entries.reduce((sum, entry) => sum + entry.readers, 0);
  const watches = new Set(entries.flatMap(({ watch }) => (watch === undefined ? [] : [watch.by])));
  const watching = watches.size === 0 ? [] : [`watching with ${[...watches].sort().join(' and ')}`];
  return [countOf(entries.length, 'feed'), countOf(readers, 'reader'), ...watching].join(' · ');
}
