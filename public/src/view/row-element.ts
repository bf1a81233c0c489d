import type { Filter } from '../log/filter.ts';
import type { LineRow, NoteRow, Row } from '../log/row.ts';
import { spansOf } from '../log/spans.ts';
import { type FoundTime, findTime } from '../log/timestamp.ts';
import type { Preferences } from '../preferences.ts';
import { countOf, formatClock, formatClockMs } from '../units.ts';

/** A line longer than this is drawn only so far, until someone asks for all of it. */
export const SHOWN_CHARACTERS = 4_000;

export interface RowLook {
  readonly filter: Filter;
  readonly times: Preferences['times'];
}

/** A row of the log as an element. Text goes in as text only: a log line can never be markup. */
export function createRow(row: Row, look: RowLook): HTMLElement {
  return row.kind === 'note' ? createNote(row) : createLine(row, look);
}

/** Draws the line's content anew in the element that it has: the filter or the look has changed, or it was opened. */
export function fillLine(element: HTMLElement, row: LineRow, look: RowLook): void {
  const opened = element.classList.contains('open');
  const found = look.times === 'clock' ? findTime(row.text.slice(0, 200), row.time ?? Date.now()) : undefined;
  const text = row.text.slice(found?.length ?? 0);
  const message = newElement('span', 'message');
  fillMessage(message, opened ? text : text.slice(0, SHOWN_CHARACTERS), look.filter);
  const more = !opened && text.length > SHOWN_CHARACTERS ? [createMore(text.length - SHOWN_CHARACTERS)] : [];
  element.replaceChildren(newElement('i', 'mark'), createTime(row, found, look), message, ...more);
}

/** The unfinished last line. */
export function createUnfinished(text: string, look: RowLook): HTMLElement {
  const row: LineRow = { kind: 'line', seq: -1, text, time: null, cut: false, level: undefined, continued: false };
  const element = createLine(row, look);
  element.classList.add('unfinished');
  element.title = 'The last line has no line feed yet';
  return element;
}

function createLine(row: LineRow, look: RowLook): HTMLElement {
  const element = newElement('div', `row ${row.level ?? ''} ${row.continued ? 'continued' : ''}`);
  element.dataset.seq = String(row.seq);
  fillLine(element, row, look);
  return element;
}

function createNote(row: NoteRow): HTMLElement {
  const element = newElement('div', `note ${row.tone}`);
  element.dataset.seq = String(row.seq);
  element.append(newElement('i', 'mark'), newElement('span', 'words', row.words));
  return element;
}

function createTime(row: LineRow, found: FoundTime | undefined, look: RowLook): HTMLElement {
  const element = newElement('time', 'time');
  const ms = found?.ms ?? row.time;
  if (look.times !== 'clock' || ms === null || row.continued) return element;
  element.textContent = found?.fine === false ? formatClock(ms) : formatClockMs(ms);
  element.title = `${new Date(ms).toLocaleString()}${found === undefined ? ' (when the service read it)' : ''}`;
  return element;
}

function fillMessage(message: HTMLElement, text: string, filter: Filter): void {
  for (const { text: part, style, isHit } of spansOf(text, filter)) {
    if (isHit) message.append(newElement('mark', style, part));
    else if (style === '') message.append(part);
    else message.append(newElement('span', style, part));
  }
}

function createMore(characters: number): HTMLElement {
  const button = newElement('button', 'more', `${countOf(characters, 'character')} more`);
  button.setAttribute('type', 'button');
  return button;
}

function newElement(tag: string, className: string, text?: string): HTMLElement {
  const element = document.createElement(tag);
  if (className.trim() !== '') element.className = className.trim();
  if (text !== undefined) element.textContent = text;
  return element;
}
