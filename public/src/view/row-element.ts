import type { LineRow, NoteRow, Row } from '../log/row.ts';
import type { Span } from '../log/spans.ts';
import { countOf } from '../units.ts';
import { create, createButton } from './element.ts';
import { createFieldTree } from './field-tree.ts';
import { type LineContent, lineContent, type RowLook } from './line-content.ts';
import { createSpans, fillPieces } from './line-pieces.ts';
import { createTime } from './row-time.ts';

export type { RowLook } from './line-content.ts';

/** A row of the log as an element. Text goes in as text only: a log line can never be markup. */
export function createRow(row: Row, look: RowLook): HTMLElement {
  return row.kind === 'note' ? createNote(row) : createLine(row, look);
}

/** Draws the line's content anew in the element that it has: the filter or the look has changed, or it was opened or closed. */
export function fillLine(element: HTMLElement, row: LineRow, look: RowLook): void {
  const opened = look.opened.has(row.seq);
  const content = lineContent(row, look, opened);
  element.classList.toggle('open', opened);
  element.replaceChildren(
    create('i', 'mark'),
    ...(look.preferences.numbers ? [create('span', 'number', numberText(look.numberOf(row.seq)))] : []),
    createTime(row, content.time, look.preferences),
    createMessage(content.spans, opened),
    ...createOpener(content, opened),
    ...(opened && content.fields !== undefined ? [createFieldTree(content.fields)] : []),
  );
}

/** The unfinished last line. */
export function createUnfinished(text: string, look: RowLook): HTMLElement {
  const row: LineRow = { kind: 'line', seq: -1, text, time: null, cut: false, level: undefined, continued: false };
  const element = createLine(row, look);
  element.classList.add('unfinished');
  element.title = 'The last line has no line feed yet';
  element.querySelector('.opener')?.remove();
  return element;
}

function createLine(row: LineRow, look: RowLook): HTMLElement {
  const element = create('div', ['row', row.level ?? '', row.continued ? 'continued' : ''].filter(Boolean).join(' '));
  element.dataset.seq = String(row.seq);
  fillLine(element, row, look);
  return element;
}

function numberText(number: number | undefined): string {
  return number === undefined ? '' : String(number).replace('-', '\u2212');
}

function createNote(row: NoteRow): HTMLElement {
  const element = create('div', `note ${row.tone}`);
  element.dataset.seq = String(row.seq);
  element.append(create('i', 'mark'), create('span', 'words', row.words));
  return element;
}

function createMessage(spans: readonly Span[], opened: boolean): HTMLElement {
  const message = create('span', 'message');
  if (opened) fillPieces(message, spans);
  else message.append(...createSpans(spans));
  return message;
}

/** What is missing is always told; that a line has names and values, where the mouse or the focus is. */
function createOpener({ cut, fields }: LineContent, opened: boolean): HTMLElement[] {
  if (!opened && cut === undefined && fields === undefined) return [];
  const words = opened ? 'Close' : cut === undefined ? countOf(fields?.root.entries.length ?? 0, 'field') : `Show all ${cut}`;
  const button = createButton(`opener ${opened || cut !== undefined ? '' : 'quiet'}`.trim(), words);
  button.ariaExpanded = String(opened);
  // Rows come by the hundred: Tab goes from one that is seen to the next (view/row-opening.ts).
  button.tabIndex = -1;
  return [button];
}
