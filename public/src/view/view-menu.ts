import { html } from 'lit';
import type { Preferences } from '../preferences.ts';
import { countOf } from '../units.ts';
import type { Actions } from './actions.ts';

export interface ViewMenuFacts {
  readonly preferences: Preferences;
  readonly lines: number;
  readonly shown: number;
}

type ViewMenuActions = Pick<Actions, 'prefer' | 'copyAll' | 'copyShown' | 'copyLink' | 'showKeys'>;

export function viewMenu({ preferences, lines, shown }: ViewMenuFacts, actions: ViewMenuActions) {
  const { prefer } = actions;
  return html`<label class="switch">
      <input type="checkbox" .checked=${preferences.wrap} @change=${() => prefer({ wrap: !preferences.wrap })} />Wrap long lines<kbd>w</kbd>
    </label>
    ${choice('Times', 'times', preferences.times, { clock: 'Clock', written: 'As written', none: 'Off' }, (times) => prefer({ times }))}
    ${choice('Text', 'size', preferences.size, { compact: 'Compact', normal: 'Normal', large: 'Large' }, (size) => prefer({ size }))}
    ${choice('Theme', 'theme', preferences.theme, { system: 'System', dark: 'Dark', light: 'Light' }, (theme) => prefer({ theme }))}
    ${choice('Memory', 'memory', preferences.memory, { '16': '16 MB', '64': '64 MB', '192': '192 MB', '512': '512 MB' }, (memory) => prefer({ memory }))}
    <div class="menu-actions">
      <button type="button" @click=${actions.copyAll}>Copy all ${countOf(lines, 'line')}<kbd>c</kbd></button>
      ${
        shown === lines
          ? ''
          : html`<button type="button" @click=${actions.copyShown}>Copy the ${countOf(shown, 'line')} that the filter shows</button>`
      }
      <button type="button" @click=${actions.copyLink}>Copy a link to this view</button>
      <button type="button" @click=${actions.showKeys}>Keys<kbd>?</kbd></button>
    </div>`;
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
