import { html, nothing, type TemplateResult } from 'lit';
import type { ConnectionState } from '../connection/feed-connection.ts';
import type { ServiceAge } from '../status/page-version.ts';
import type { Actions } from './actions.ts';

export interface BannerFacts {
  readonly feed: string | undefined;
  readonly connection: ConnectionState;
  /** Lines that are shown: without any, the notice says all of this. */
  readonly lines: number;
  readonly age: ServiceAge;
  /** The line that a link asked for is not in the feed any more. */
  readonly isGone: boolean;
}

type BannerActions = Pick<Actions, 'find' | 'tryNow' | 'reload' | 'dismissAge' | 'showOldest' | 'follow'>;

const AGES: Readonly<Record<Exclude<ServiceAge, 'same'>, string>> = {
  newer: 'The service is newer than this page.',
  older: 'The service is older than this page: what it does not know yet fails.',
  other: 'The service has another page than this one.',
};

/** What is the matter while rows are shown, over their upper edge so that none of them moves, each with its next step. */
export function banner(facts: BannerFacts, actions: BannerActions): TemplateResult | typeof nothing {
  const { feed, connection, lines, age, isGone } = facts;
  if (lines > 0 && connection.is === 'waiting') {
    const { loss } = connection;
    if (loss === 'removed' || loss === 'unknown-feed') return gone(feed ?? '', actions);
    return html`<p>The service does not answer. What is shown stays.</p>
      <button type="button" class="button main" @click=${actions.tryNow}>Try now</button>`;
  }
  if (isGone && connection.is === 'live') {
    return html`<p>The line that was asked for is gone: ${feed} does not keep it any more.</p>
      <button type="button" class="button main" @click=${actions.showOldest}>Show the oldest line</button>
      <button type="button" class="button" @click=${actions.follow}>Follow the newest</button>`;
  }
  if (age === 'same' || connection.is !== 'live') return nothing;
  return html`<p>${AGES[age]}</p>
    <button type="button" class="button main" @click=${actions.reload}>Reload the page</button>
    <button type="button" class="button" @click=${actions.dismissAge}>Not now</button>`;
}

function gone(feed: string, actions: BannerActions) {
  return html`<p>${feed} is no longer there. What had come of it stays until you leave it.</p>
    <button type="button" class="button main" @click=${actions.find}>Find another feed</button>
    <button type="button" class="button" @click=${actions.tryNow}>Look again</button>`;
}
