import { html, nothing, type TemplateResult } from 'lit';
import type { FeedEntry } from '../feeds/feed-entry.ts';
import { type FeedGroup, nameInGroup } from '../feeds/groups.ts';
import { formatHash } from '../location-hash.ts';
import { countOf, formatBytes, formatDuration, formatRate } from '../units.ts';
import { sparkline } from './sparkline.ts';

const QUIET_MS = 60_000;

/** A group of feeds, each a link to its address: the keyboard, a new tab and a copied link work by themselves. */
export function feedGroup(
  group: FeedGroup,
  chosen: string | undefined,
  history: (name: string) => readonly number[],
  nowMs: number,
) {
  const files = group.feeds.every(({ source }) => source === 'file');
  return html`<div class="group" role="group" aria-label=${group.title}>
    <div class="group-title">
      <span>${group.title}</span><span>${files ? countOf(group.feeds.length, 'file') : group.feeds.length}</span>
    </div>
    ${group.feeds.map((entry) => feedRow(group, entry, chosen, history(entry.name), nowMs))}
  </div>`;
}

function feedRow(
  group: FeedGroup,
  entry: FeedEntry,
  chosen: string | undefined,
  points: readonly number[],
  nowMs: number,
): TemplateResult {
  const activity = activityWords(entry, nowMs);
  return html`<a
    class="feed ${activity.quiet ? 'quiet' : ''}"
    href=${formatHash({ feed: entry.name, filter: '' })}
    data-feed=${entry.name}
    aria-current=${entry.name === chosen ? 'page' : nothing}
    title=${[entry.name, entry.detail, watchWords(entry)].filter(Boolean).join('\n')}
  >
    <b>${nameInGroup(group, entry)}</b>
    <svg aria-hidden="true" viewBox="0 0 48 16">${sparkline(points)}</svg>
    <span class="activity">${activity.words}</span>
  </a>`;
}

/** Lines a second where they are counted, else bytes a second, else since when nothing came. */
export function activityWords(entry: FeedEntry, nowMs: number): { words: string; quiet: boolean } {
  if (entry.rate !== null && entry.rate >= 0.05) return { words: `${formatRate(entry.rate)}/s`, quiet: false };
  if (entry.rate === null && (entry.bytesPerSecond ?? 0) >= 1)
    return { words: `${formatBytes(entry.bytesPerSecond ?? 0)}/s`, quiet: false };
  if (entry.lastEventAt === null) return { words: 'no lines yet', quiet: true };
  const quietMs = nowMs - Date.parse(entry.lastEventAt);
  if (quietMs < QUIET_MS) return { words: '0/s', quiet: false };
  return { words: `quiet ${formatDuration(quietMs).replace('min', 'm')}`, quiet: true };
}

function watchWords({ watch }: FeedEntry): string {
  if (watch === undefined) return '';
  return `watched with ${watch.by}${watch.why === undefined ? '' : `: ${watch.why}`}`;
}
