import { html } from 'lit';
import type { Actions } from './actions.ts';

export interface BottomBarFacts {
  readonly following: boolean;
  readonly errors: number;
  readonly onlyErrors: boolean;
}

type BottomBarActions = Pick<Actions, 'toggleFollow' | 'focusFilter' | 'toggleLevel'>;

/** On a phone: what the header has no room for, within reach of a thumb. */
export function bottomBar({ following, errors, onlyErrors }: BottomBarFacts, actions: BottomBarActions) {
  return html`<button type="button" class=${following ? '' : 'main'} @click=${actions.toggleFollow}>
      ${following ? 'Pause' : 'Follow'}
    </button>
    <button type="button" @click=${actions.focusFilter}>Filter</button>
    <button type="button" aria-pressed=${onlyErrors} @click=${() => actions.toggleLevel('error')}>
      Errors${errors > 0 ? html` <b>${errors > 999 ? '999+' : errors}</b>` : ''}
    </button>
    <button type="button" popovertarget="view-menu">More</button>`;
}
