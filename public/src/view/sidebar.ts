import { html } from 'lit';
import type { FeedEntry } from '../feeds/feed-entry.ts';
import type { FeedGroup } from '../feeds/groups.ts';
import { countOf } from '../units.ts';
import { feedGroup } from './feed-rows.ts';

export interface SidebarFacts {
  readonly groups: readonly FeedGroup[];
  readonly loaded: boolean;
  readonly chosen: string | undefined;
  readonly reachable: boolean;
  readonly history: (name: string) => readonly number[];
  readonly nowMs: number;
}

export function sidebar(facts: SidebarFacts, find: () => void) {
  const { groups, loaded, chosen, reachable, history, nowMs } = facts;
  const entries = groups.flatMap(({ feeds }) => feeds);
  return html`<div class="brand ${reachable ? '' : 'away'}"><i aria-hidden="true"></i>livefeed</div>
    <button type="button" class="find" @click=${find}>Find a feed<kbd>Ctrl K</kbd></button>
    <nav class="groups ${reachable ? '' : 'stale'}" aria-label="Feeds">
      ${groups.map((group) => feedGroup(group, chosen, history, nowMs))}
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
