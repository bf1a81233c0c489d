import { html } from 'lit';

export interface BottomBarFacts {
  readonly following: boolean;
  readonly errors: number;
  readonly onlyErrors: boolean;
}

export interface BottomBarActions {
  toggleFollow(): void;
  filter(): void;
  toggleErrors(): void;
}

/** On a phone: what the header has no room for, within reach of a thumb. */
export function bottomBar({ following, errors, onlyErrors }: BottomBarFacts, actions: BottomBarActions) {
  return html`<button type="button" class=${following ? '' : 'main'} @click=${actions.toggleFollow}>
      ${following ? 'Pause' : 'Follow'}
    </button>
    <button type="button" @click=${actions.filter}>Filter</button>
    <button type="button" aria-pressed=${onlyErrors} @click=${actions.toggleErrors}>
      Errors${errors > 0 ? html` <b>${errors > 999 ? '999+' : errors}</b>` : ''}
    </button>
    <button type="button" popovertarget="view-menu">More</button>`;
}
