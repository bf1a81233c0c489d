import { html } from 'lit';
import type { HighlightRule } from '../log/highlights.ts';
import type { Preferences } from '../preferences.ts';
import { countOf } from '../units.ts';
import type { Actions } from './actions.ts';
import { highlightList } from './highlight-list.ts';

export interface ViewMenuFacts {
  readonly preferences: Preferences;
  readonly lines: number;
  readonly highlights: readonly HighlightRule[];
}

type ViewMenuActions = Pick<Actions, 'prefer' | 'copyAll' | 'showKeys' | 'askTime' | 'toggleHighlight'>;

export function viewMenu({ preferences, lines, highlights }: ViewMenuFacts, actions: ViewMenuActions) {
  return html`${choices(preferences, actions.prefer)} ${highlightList(highlights, actions.toggleHighlight)}
    <div class="menu-actions">
      <button type="button" @click=${actions.copyAll}>Copy all ${countOf(lines, 'line')}<kbd>c</kbd></button>
      <button type="button" popovertarget="view-menu" popovertargetaction="hide" @click=${actions.askTime}>
        Go to a time<kbd>t</kbd>
      </button>
      <button type="button" popovertarget="share-menu">Share: links, copies, download<kbd>s</kbd></button>
      <button type="button" @click=${actions.showKeys}>Keys<kbd>?</kbd></button>
    </div>`;
}

function choices(
  { wrap, numbers, fold, times, zone, fields, size, density, theme, memory }: Preferences,
  prefer: Actions['prefer'],
) {
  return html`<label class="switch">
      <input type="checkbox" .checked=${wrap} @change=${() => prefer({ wrap: !wrap })} />Wrap long lines<kbd>w</kbd>
    </label>
    <label class="switch">
      <input type="checkbox" .checked=${numbers} @change=${() => prefer({ numbers: !numbers })} />Number the lines
    </label>
    <label class="switch">
      <input type="checkbox" .checked=${fold} @change=${() => prefer({ fold: !fold })} />Fold stack traces
    </label>
    ${choice('Times', 'times', times, { clock: 'Clock', ago: 'Ago', written: 'Written', none: 'Off' }, (chosen) => prefer({ times: chosen }))}
    ${choice('Zone', 'zone', zone, { local: 'Local', utc: 'UTC' }, (chosen) => prefer({ zone: chosen }))}
    ${choice('Fields', 'fields', fields, { compact: 'Compact', written: 'As written' }, (chosen) => prefer({ fields: chosen }))}
    ${choice('Text', 'size', size, { small: 'Small', normal: 'Normal', large: 'Large' }, (chosen) => prefer({ size: chosen }))}
    ${choice('Rows', 'density', density, { normal: 'Normal', dense: 'Dense' }, (chosen) => prefer({ density: chosen }))}
    ${choice('Theme', 'theme', theme, { system: 'System', dark: 'Dark', light: 'Light' }, (chosen) => prefer({ theme: chosen }))}
    ${choice('Memory', 'memory', memory, { '16': '16 MB', '64': '64 MB', '192': '192 MB', '512': '512 MB' }, (chosen) => prefer({ memory: chosen }))}`;
}

function choice<Value extends string>(
  legend: string,
  name: string,
  chosen: Value,
  values: Record<Value, string>,
  choose: (value: Value) => void,
) {
  return html`<fieldset>
    <legend>${legend}</legend>
    ${(Object.entries(values) as [Value, string][]).map(
      ([value, word]) => html`<label>
        <input type="radio" name=${name} .checked=${value === chosen} @change=${() => choose(value)} /><span>${word}</span>
      </label>`,
    )}
  </fieldset>`;
}
