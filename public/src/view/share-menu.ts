import { html } from 'lit';
import { countOf } from '../units.ts';
import type { Actions } from './actions.ts';

export interface ShareMenuFacts {
  readonly feed: string | undefined;
  /** Several feeds: a place among their lines has no name. */
  readonly isTogether: boolean;
  /** How many lines are selected or current; 0: what is meant is all that is shown. */
  readonly meant: number;
  readonly lines: number;
  readonly shown: number;
}

type ShareMenuActions = Pick<Actions, 'shareLink' | 'shareText' | 'shareJson' | 'shareCurl' | 'download' | 'copyAll'>;

export function shareMenu({ feed, isTogether, meant, lines, shown }: ShareMenuFacts, actions: ShareMenuActions) {
  const what = meant === 0 ? `the ${countOf(shown, 'line')} shown` : meant === 1 ? 'the line' : `the ${countOf(meant, 'line')}`;
  const linked = meant === 0 ? 'this view' : isTogether ? 'the time of the line' : what;
  return html`<div class="menu-actions">
    ${item(`Copy a link to ${linked}`, actions.shareLink, feed)}
    ${item(`Copy ${what} as text`, actions.shareText, feed)}
    ${item(`Copy ${what} as JSON`, actions.shareJson, feed)}
    ${item(`Copy the curl that shows ${meant === 0 || isTogether ? 'the same' : what}`, actions.shareCurl, feed)}
    ${item(`Copy all ${countOf(lines, 'line')} loaded`, actions.copyAll, feed)}
    ${item(`Download the ${countOf(shown, 'line')} shown`, actions.download, feed)}
    <p class="hint">${meant === 0 ? 'Click a line, or select some, to share only those.' : 'Esc lets go of the line: then all that is shown is meant.'}</p>
  </div>`;
}

function item(words: string, act: () => void, feed: string | undefined) {
  return html`<button
    type="button"
    popovertarget="share-menu"
    popovertargetaction="hide"
    ?disabled=${feed === undefined}
    @click=${act}
  >
    ${words}
  </button>`;
}
