import { html, nothing } from 'lit';
import type { FeedEntry } from '../feeds/feed-entry.ts';
import { namesIn, titleOf } from '../feeds/together.ts';
import type { Level } from '../log/level.ts';
import { countOf, formatCount } from '../units.ts';
import type { Actions } from './actions.ts';

export interface HeaderFacts {
  readonly feed: string | undefined;
  readonly entry: FeedEntry | undefined;
  readonly filter: string;
  readonly hidden: number;
  readonly levels: Readonly<Record<Level, number>>;
  readonly onlyLevels: ReadonlySet<Level>;
  readonly following: boolean;
  /** What the copy button says for a moment after it was used. */
  readonly copied: string | undefined;
  /** The filter that a line is shown out of. */
  readonly context: { readonly filter: string; readonly levels: readonly Level[] } | undefined;
}

type HeaderActions = Pick<Actions, 'find' | 'setFilter' | 'toggleLevel' | 'toggleFollow' | 'copyAll' | 'toggleContext'>;

export function header(facts: HeaderFacts, actions: HeaderActions) {
  return html`<h1 class="title" title=${[...namesIn(facts.feed ?? ''), facts.entry?.detail].filter(Boolean).join('\n') || nothing}>
      <button type="button" class="choose" @click=${actions.find}>
        <span>${facts.feed === undefined ? 'livefeed' : titleOf(facts.feed)}</span><i aria-hidden="true"></i>
      </button>
      <span class="name">${facts.feed === undefined ? 'No feed chosen' : titleOf(facts.feed)}</span><small>${facts.entry?.detail ?? ''}</small>
    </h1>
    <label class="filter ${facts.filter === '' ? '' : 'used'}">
      <span class="slash" aria-hidden="true">/</span>
      <input
        id="filter"
        type="text"
        aria-label="Filter lines"
        placeholder="Filter: checkout !healthz"
        autocomplete="off"
        autocapitalize="off"
        spellcheck="false"
        .value=${facts.filter}
        @input=${(event: InputEvent) => actions.setFilter((event.target as HTMLInputElement).value)}
      />
      ${facts.context === undefined ? nothing : backToFilter(facts.context, actions)}
      <em>${facts.hidden > 0 ? `${formatCount(facts.hidden)} hidden` : ''}</em>
    </label>
    ${chip('error', 'error', facts, actions)} ${chip('warn', 'warning', facts, actions)}
    <button type="button" class="button optional" popovertarget="view-menu" aria-haspopup="dialog">View</button>
    <button type="button" class="button optional" popovertarget="share-menu" aria-haspopup="dialog">Share</button>
    <button type="button" class="button optional" id="copy-all" @click=${actions.copyAll} ?disabled=${facts.feed === undefined}>
      ${facts.copied ?? 'Copy all'}
    </button>
    <button type="button" class="button ${facts.following ? '' : 'main'}" id="follow" @click=${actions.toggleFollow}>
      ${facts.following ? 'Pause' : 'Follow'}
    </button>`;
}

function backToFilter({ filter, levels }: NonNullable<HeaderFacts['context']>, actions: HeaderActions) {
  const words = filter === '' ? `only ${levels.join(', ')}` : filter;
  return html`<button type="button" class="link back" title=${`Back to the filter ${words}`} @click=${actions.toggleContext}>
    Back to “${words}”
  </button>`;
}

function chip(level: Level, word: string, { levels, onlyLevels }: HeaderFacts, actions: HeaderActions) {
  const count = levels[level];
  const pressed = onlyLevels.has(level);
  if (count === 0 && !pressed) return nothing;
  return html`<button
    type="button"
    class="chip ${level}"
    aria-pressed=${pressed}
    title=${pressed ? 'Show lines of all levels' : `Show only ${word}s`}
    @click=${() => actions.toggleLevel(level)}
  >
    <i class="mark" aria-hidden="true"></i>${countOf(count, word)}
  </button>`;
}
