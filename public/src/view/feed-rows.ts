import { html, nothing, type TemplateResult } from 'lit';
import type { FeedEntry } from '../feeds/feed-entry.ts';
import { type FeedGroup, nameInGroup } from '../feeds/groups.ts';
import { formatHash } from '../location-hash.ts';
import { countOf, formatBytes, formatCount, formatDuration, formatMinute, formatRate } from '../units.ts';
import { sparkline } from './sparkline.ts';

const QUIET_MS = 60_000;
/** A list of thousands is drawn a few times a second: beyond so many feeds of a group, one looks for them by name. */
const MAX_ROWS = 200;

export interface FeedRowFacts {
  /** One, or several that are shown together. */
  readonly chosen: ReadonlySet<string>;
  /** Errors among the lines of the chosen feed that are loaded. */
  readonly errors: number;
  readonly favourites: ReadonlySet<string>;
  readonly folded: ReadonlySet<string>;
  history(name: string): readonly number[];
  /** Bytes that came since the feed was last open, and when that was. */
  grown(name: string): number;
  seenMs(name: string): number | undefined;
  readonly nowMs: number;
}

export interface FeedRowActions {
  toggleFavourite(name: string): void;
  toggleTogether(name: string): void;
  toggleGroup(title: string): void;
  find(): void;
}

/** A group of feeds, each a link to its address: the keyboard, a new tab and a copied link work by themselves. */
export function feedGroup(group: FeedGroup, facts: FeedRowFacts, actions: FeedRowActions, isFirst: boolean) {
  const { title, feeds } = group;
  const files = feeds.every(({ source }) => source === 'file');
  const isFolded = facts.folded.has(title);
  return html`<div class="group" role="group" aria-label=${title}>
    <button
      type="button"
      class="group-title"
      tabindex=${isFirst ? 0 : -1}
      aria-expanded=${!isFolded}
      title=${title}
      @click=${() => actions.toggleGroup(title)}
    >
      <i class="fold" aria-hidden="true"></i><span>${title}</span><span>${files ? countOf(feeds.length, 'file') : feeds.length}</span>
    </button>
    ${isFolded ? nothing : feeds.slice(0, MAX_ROWS).map((entry) => feedRow(group, entry, facts, actions))}
    ${isFolded || feeds.length <= MAX_ROWS ? nothing : moreFeeds(feeds.length - MAX_ROWS, actions)}
  </div>`;
}

function moreFeeds(count: number, actions: FeedRowActions) {
  return html`<button type="button" class="more-feeds" tabindex="-1" @click=${actions.find}>
    ${formatCount(count)} more: find by name
  </button>`;
}

function feedRow(group: FeedGroup, entry: FeedEntry, facts: FeedRowFacts, actions: FeedRowActions): TemplateResult {
  const { name } = entry;
  const isChosen = facts.chosen.has(name);
  const isStop = facts.chosen.values().next().value === name;
  const isAlone = isChosen && facts.chosen.size === 1;
  const isFavourite = facts.favourites.has(name);
  const activity = activityWords(entry, facts.grown(name), facts.nowMs);
  return html`<div class="feed-row ${facts.chosen.size > 1 ? 'several' : ''}">
    <a
      class="feed ${activity.tone === 'quiet' ? 'quiet' : ''}"
      href=${formatHash({ feed: name, filter: '' })}
      data-feed=${name}
      tabindex=${isStop ? 0 : -1}
      aria-current=${isChosen ? 'page' : nothing}
      title=${[name, entry.detail, watchWords(entry), seenWords(facts.seenMs(name))].filter(Boolean).join('\n')}
    >
      <span class="feed-name"
        ><b>${nameInGroup(group, entry)}</b>${isAlone && facts.errors > 0 ? errorCount(facts.errors) : nothing}</span
      >
      <svg aria-hidden="true" viewBox="0 0 48 16">${sparkline(facts.history(name))}</svg>
      <span class="activity ${activity.tone}">${activity.words}</span>
    </a>
    <button
      type="button"
      class="star"
      tabindex="-1"
      aria-pressed=${isFavourite}
      aria-label=${`Favourite ${name}`}
      title=${isFavourite ? 'No longer a favourite' : 'Make it a favourite'}
      @click=${() => actions.toggleFavourite(name)}
    >
      <i class="shape" aria-hidden="true"></i>
    </button>
    <button
      type="button"
      class="with"
      tabindex="-1"
      role="checkbox"
      aria-checked=${isChosen}
      aria-label=${`Show ${name} with the others`}
      title=${isChosen ? 'Leave it out (Space)' : 'Show it together with what is open (Space)'}
      @click=${() => actions.toggleTogether(name)}
    >
      <i class="box" aria-hidden="true"></i>
    </button>
  </div>`;
}

function errorCount(errors: number) {
  return html`<span class="errors" role="img" aria-label=${countOf(errors, 'error')}
    ><i class="mark"></i>${errors > 999 ? '999+' : errors}</span
  >`;
}

/**
 * Lines a second where somebody reads, since then they are counted; else what came since this reader was here; else since when
 * nothing came.
 */
export function activityWords(entry: FeedEntry, grownBytes: number, nowMs: number): { words: string; tone: string } {
  if (entry.rate !== null && entry.rate >= 0.05) return { words: `${formatRate(entry.rate)}/s`, tone: '' };
  if (grownBytes > 0) return { words: `+${formatBytes(grownBytes)}`, tone: 'new' };
  if (entry.lastEventAt === null) return { words: 'no lines', tone: 'quiet' };
  const quietMs = nowMs - Date.parse(entry.lastEventAt);
  if (quietMs < QUIET_MS) return { words: '0/s', tone: '' };
  return { words: `quiet ${formatDuration(quietMs).replace('min', 'm')}`, tone: 'quiet' };
}

function watchWords({ watch }: FeedEntry): string {
  if (watch === undefined) return '';
  return `watched with ${watch.by}${watch.why === undefined ? '' : `: ${watch.why}`}`;
}

function seenWords(seenMs: number | undefined): string {
  return seenMs === undefined ? '' : `last open ${new Date(seenMs).toLocaleDateString('en-GB')} ${formatMinute(seenMs)}`;
}
