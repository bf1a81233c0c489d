import { isTogether, namesIn, rowNames } from '../feeds/together.ts';
import type { LineRow } from '../log/row.ts';
import { create } from './element.ts';
import type { Sources } from './line-content.ts';

/** So many colours there are: two feeds may have the same, so the name is always there. */
const COLOURS = 5;

/** Which feed a row is of, where several are shown. */
export function createSource({ source }: LineRow, sources: Sources | undefined): HTMLElement[] {
  const short = source === undefined ? undefined : sources?.short[source];
  if (source === undefined || short === undefined) return [];
  const element = create('span', `source source${source % COLOURS}`, short);
  element.title = sources?.names[source] ?? short;
  return [element];
}

/** Stands in a line that is older than one above it. */
export function createLate(): HTMLElement {
  const element = create('span', 'late', 'late');
  element.title = 'It came after a newer line: it stands where it arrived, so that nothing moves';
  return element;
}

/** Undefined where only one feed is shown: then no row says which. */
export function sourcesOf(name: string | undefined): Sources | undefined {
  if (name === undefined || !isTogether(name)) return undefined;
  const names = namesIn(name);
  return { names, short: rowNames(names) };
}

/** The column is as wide as the names are, within bounds that the style sheet sets. */
export function widenFor(scroller: HTMLElement, sources: Sources | undefined): void {
  scroller.classList.toggle('together', sources !== undefined);
  const longest = Math.max(0, ...(sources?.short ?? []).map(({ length }) => length));
  scroller.style.setProperty('--names', `${longest + 2}ch`);
}
