import type { Place } from '../log/chunk-store.ts';
import type { Filter } from '../log/filter.ts';
import type { LineRow, NoteRow, Row } from '../log/row.ts';
import type { Span } from '../log/spans.ts';
import { countOf } from '../units.ts';
import { create, createButton } from './element.ts';
import { createFieldTree } from './field-tree.ts';
import { createFrames } from './frame-lines.ts';
import { type LineContent, lineContent, type RowLook } from './line-content.ts';
import { createSpans, fillPieces } from './line-pieces.ts';
import { createLate, createSource } from './row-source.ts';
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
  const frames = look.rows.framesUnder(row.seq);
  const words = opened ? 'Close' : openerWords(content, frames.length);
  element.classList.toggle('open', opened);
  element.classList.toggle('short', !opened && words !== undefined && !isQuiet(content, frames.length));
  element.replaceChildren(
    create('i', 'mark'),
    ...(look.preferences.numbers ? [create('span', 'number', numberText(look.rows.numberOf(row.seq)))] : []),
    createTime(row, content.time, look.preferences),
    ...createSource(row, look.sources),
    createMessage(content.spans, opened, row.late === true),
    ...(words === undefined ? [] : [createOpener(words, opened, !opened && isQuiet(content, frames.length))]),
    ...(opened ? [createDetails(content, frames, look.filter)] : []),
  );
}

/** The last line, as long as it has no line feed; of several feeds, the one that has changed last. */
export interface Unfinished {
  readonly text: string;
  readonly source?: number;
}

/** The unfinished last line. */
export function createUnfinished({ text, source }: Unfinished, look: RowLook): HTMLElement {
  const line = { kind: 'line', seq: -1, text, time: null, cut: false, level: undefined, continued: false } as const;
  const row: LineRow = source === undefined ? line : { ...line, source };
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

function createMessage(spans: readonly Span[], opened: boolean, late: boolean): HTMLElement {
  const message = create('span', 'message');
  if (opened) fillPieces(message, spans);
  else message.append(...createSpans(spans));
  if (late) message.prepend(createLate());
  return message;
}

/** What is missing is always told; that a line has names and values, only where the mouse or the focus is. */
function isQuiet({ more }: LineContent, frames: number): boolean {
  return more === undefined && frames === 0;
}

function openerWords({ more, fields }: LineContent, frames: number): string | undefined {
  if (frames > 0) return `${more ?? ''} + ${countOf(frames, 'line')}`.trim();
  return more ?? (fields === undefined ? undefined : countOf(fields.root.entries.length, 'field'));
}

function createOpener(words: string, opened: boolean, quiet: boolean): HTMLElement {
  const button = createButton(quiet ? 'opener quiet' : 'opener', words);
  button.ariaExpanded = String(opened);
  // Rows come by the hundred: Tab goes from one that is seen to the next (view/row-opening.ts).
  button.tabIndex = -1;
  return button;
}

/** What is under an open line: the frames that follow it, its names and values, and what can be done with it. */
function createDetails({ fields }: LineContent, frames: readonly Place[], filter: Filter): HTMLElement {
  const details = create('div', 'details');
  if (frames.length > 0) details.append(createFrames(frames, filter));
  if (fields !== undefined) details.append(createFieldTree(fields));
  const acts = create('div', 'acts');
  acts.append(
    createButton('act', frames.length === 0 ? 'Copy line' : `Copy ${countOf(frames.length + 1, 'line')}`, { copyLine: '' }),
  );
  details.append(acts);
  return details;
}
