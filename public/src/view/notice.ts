import { html, nothing, type TemplateResult } from 'lit';
import type { ConnectionState } from '../connection/feed-connection.ts';
import type { FeedEntry } from '../feeds/feed-entry.ts';
import { MAX_TOGETHER } from '../feeds/together.ts';
import { formatHash } from '../location-hash.ts';
import { formatCount } from '../units.ts';
import type { Actions } from './actions.ts';

export interface NoticeFacts {
  readonly feed: string | undefined;
  /** How many are to be shown together. */
  readonly feeds: number;
  readonly entry: FeedEntry | undefined;
  readonly listLoaded: boolean;
  /** When the list, which could not be had, is asked for again. */
  readonly listAgainMs: number | undefined;
  readonly connection: ConnectionState;
  /** Lines kept, and those that the filter lets through. */
  readonly lines: number;
  readonly shown: number;
  /** Lines that the filter hides, here and of those that the service has looked at. */
  readonly hidden: number;
  /** More are being looked at. */
  readonly isLooking: boolean;
  readonly openedForMs: number;
}

type NoticeActions = Pick<Actions, 'tryNow' | 'clearFilter' | 'find'>;

const OPENING_IS_TOLD_AFTER_MS = 300;
/** An answer is late. */
const LATE_MS = 3_000;

/** What stands where no rows are: what is the matter, and the one next step. Nothing where there are rows. */
export function notice(facts: NoticeFacts, actions: NoticeActions): TemplateResult | typeof nothing {
  const { feed, connection, lines, shown } = facts;
  if (connection.is === 'refused') return facts.feeds > MAX_TOGETHER ? tooMany(facts, actions) : refused(facts, actions);
  if (lines > 0) return shown > 0 ? nothing : allHidden(facts, actions);
  if (feed === undefined) return noFeed(facts, actions);
  if (connection.is === 'waiting') return unreachable(connection, feed, actions);
  if (connection.is === 'live') return empty(facts);
  if (facts.openedForMs < OPENING_IS_TOLD_AFTER_MS) return nothing;
  return facts.openedForMs < LATE_MS ? html`<p>Opening ${feed}</p>` : late(feed, actions);
}

function late(feed: string, actions: NoticeActions) {
  return html`<h2>Still opening ${feed}</h2>
    <p>${location.host} has not answered yet. It is waited for; another feed may answer sooner.</p>
    <button type="button" class="button" @click=${actions.find}>Find another feed</button>`;
}

function tooMany({ feeds }: NoticeFacts, actions: NoticeActions) {
  return html`<h2>${feeds} feeds are too many</h2>
    <p>At most ${MAX_TOGETHER} feeds can be shown together. Leave some out of the address, or begin with another one.</p>
    <button type="button" class="button main" @click=${actions.find}>Find a feed</button>`;
}

function refused({ connection, feed }: NoticeFacts, actions: NoticeActions) {
  if (connection.is !== 'refused') return nothing;
  const { title, detail, near } = connection.refusal;
  return html`<h2>${title}</h2>
    <p>${detail === '' ? feed : detail}</p>
    ${
      near.length > 0
        ? html`<p class="choices">
          ${near.map((name) => html`<a class="button" href=${formatHash({ feed: name, filter: '' })}>${name}</a>`)}
        </p>`
        : nothing
    }
    <p class="choices">
      <button type="button" class="button main" @click=${actions.tryNow}>Look again</button>
      <button type="button" class="button" @click=${actions.find}>Find another feed</button>
    </p>`;
}

function allHidden({ lines, hidden, isLooking }: NoticeFacts, actions: NoticeActions) {
  return html`<h2>The filter hides all ${formatCount(Math.max(lines, hidden))} lines</h2>
    <p>${isLooking ? 'The lines before these are being looked at.' : 'New lines that match appear here by themselves.'}</p>
    <button type="button" class="button main" @click=${actions.clearFilter}>Clear the filter</button>`;
}

function noFeed({ listLoaded, listAgainMs }: NoticeFacts, actions: NoticeActions) {
  if (!listLoaded && listAgainMs !== undefined) {
    const seconds = Math.max(0, Math.ceil((listAgainMs - Date.now()) / 1000));
    return html`<h2>The service does not answer</h2>
      <p>Its list of feeds is asked for again in ${seconds} s. Is it still running at ${location.host}?</p>
      <button type="button" class="button main" @click=${actions.tryNow}>Try now</button>`;
  }
  if (!listLoaded) return html`<p>Asking ${location.host} for its feeds</p>`;
  return html`<h2>There are no feeds yet</h2>
    <p>Start the service with a file or a folder to follow: <code>livefeed /var/log/syslog</code></p>
    <p>Or publish a line: <code>curl -d hello ${location.origin}/feeds/hello</code></p>
    <p>What comes appears here by itself.</p>`;
}

function unreachable(connection: ConnectionState & { is: 'waiting' }, feed: string, actions: NoticeActions) {
  const words =
    connection.loss === 'unknown-feed'
      ? `There is no feed ${feed} at this moment. It is looked for again and again.`
      : `Nothing of ${feed} could be read yet. Is the service still running at ${location.host}?`;
  return html`<h2>${connection.loss === 'unknown-feed' ? 'The feed is not there' : 'The service does not answer'}</h2>
    <p>${words}</p>
    <button type="button" class="button main" @click=${actions.tryNow}>Try now</button>`;
}

function empty({ feed, entry }: NoticeFacts) {
  const path = entry?.source === 'file' ? entry.detail : undefined;
  return html`<h2>Nothing in ${feed} yet</h2>
    <p>New lines appear here by themselves.</p>
    ${path === undefined ? nothing : html`<p>To see one: <code>echo hello &gt;&gt; ${path}</code></p>`}`;
}
