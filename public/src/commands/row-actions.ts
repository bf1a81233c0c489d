import { withTerm } from '../log/field-term.ts';
import type { Page } from '../page.ts';
import { countOf } from '../units.ts';
import type { RowActions } from '../view/row-opening.ts';

/** What a click or a key on a row does. */
export function rowActions(page: Page): RowActions {
  const { view, saying, filtering } = page;
  return {
    read: () => page.do(() => view.read()),
    toggle: (seq) => page.do(() => toggle(page, seq)),
    filterBy: (term, not) => filtering.set(withTerm(view.filterText, term, not)),
    copy: (text) => void saying.copy(text, 'Copied'),
    copyLine: (seq) => void copyLine(page, seq),
  };
}

/** What is opened is read, so it must not be carried away by what comes. */
function toggle({ view }: Page, seq: number): void {
  view.read();
  view.toggle(seq);
}

async function copyLine({ view, saying }: Page, seq: number): Promise<void> {
  const texts = view.textsOf(seq);
  await saying.copy(texts.join('\n'), `Copied ${countOf(texts.length, 'line')}`);
}
