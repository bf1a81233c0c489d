import { html, nothing } from 'lit';
import type { Missed } from '../status/continuity.ts';
import { missedWords, type StateWords } from '../status/state-words.ts';
import { formatBytes, formatClock, formatCount, formatDuration, formatRate } from '../units.ts';

export interface FootFacts {
  readonly state: StateWords;
  readonly live: boolean;
  readonly sinceMs: number | undefined;
  /** When anything was last heard of the service: what the page shows is as old. */
  readonly heardMs: number | undefined;
  readonly lagMs: number | undefined;
  readonly behindBytes: number;
  readonly perSecond: number;
  readonly hidden: number;
  /** Lines of a burst that went by undrawn. */
  readonly notDrawn: number;
  readonly missed: Missed;
  readonly lines: number;
  /** Of the whole feed; undefined while that is not known. */
  readonly feedBytes: number | undefined;
}

export function foot(facts: FootFacts, tryNow: () => void) {
  const missed = missedWords(facts.missed);
  return html`<span class="state ${facts.state.tone}"
      ><span id="state">${facts.state.words}</span>${
        facts.state.action === 'try-now'
          ? html` · <button type="button" class="link" id="try-now" @click=${tryNow}>Try now</button>`
          : nothing
      }</span
    >
    ${sinceWords(facts)} ${behindWords(facts)}
    <span class="figures">
      <span><b>${formatRate(facts.perSecond)}</b>/s received</span>
      <span><b>${formatCount(facts.hidden)}</b> hidden by filter</span>
      ${facts.notDrawn === 0 ? nothing : html`<span><b>${formatCount(facts.notDrawn)}</b> not drawn</span>`}
      <span class=${facts.missed.gaps > 0 ? 'alarm' : ''}><b>${missed.figure}</b> ${missed.words}</span>
      <span><b>${formatCount(facts.lines)}</b> ${facts.lines === 1 ? 'line' : 'lines'}${wholeWords(facts)}</span>
    </span>`;
}

function sinceWords({ live, sinceMs, heardMs }: FootFacts) {
  if (live && sinceMs !== undefined) return since(`nothing missed since ${formatClock(sinceMs)}`);
  return heardMs === undefined ? nothing : since(`shown as of ${formatClock(heardMs)}`);
}

function since(words: string) {
  return html`<span id="since" title=${words}>${words}</span>`;
}

function behindWords({ live, lagMs, behindBytes }: FootFacts) {
  if (!live) return nothing;
  if (behindBytes > 0) return html`<span class="behind">${formatBytes(behindBytes)} behind</span>`;
  return lagMs === undefined ? nothing : html`<span class="behind">${formatDuration(lagMs)} behind</span>`;
}

function wholeWords({ feedBytes }: FootFacts): string {
  return feedBytes === undefined ? '' : ` loaded of ${formatBytes(feedBytes)}`;
}
