import { plainText } from '../log/ansi.ts';
import type { Place } from '../log/chunk-store.ts';
import { compactLine } from '../log/compact.ts';
import type { Fields } from '../log/fields.ts';
import type { Filter } from '../log/filter.ts';
import { type LineReading, readLine } from '../log/line-reading.ts';
import type { LineRow } from '../log/row.ts';
import { type Span, spansOf, styledSpans } from '../log/spans.ts';
import type { FoundTime } from '../log/timestamp.ts';
import { TraceLines } from '../log/trace-lines.ts';
import type { Preferences } from '../preferences.ts';
import { countOf, formatBytes } from '../units.ts';

/** A line longer than this is drawn only so far, until someone asks for all of it. */
export const SHOWN_CHARACTERS = 4_000;
/** Where lines wrap, one must not fill the screen. */
const SHOWN_WRAPPED = 1_000;
/** So is an event of more lines. */
export const SHOWN_LINES = 30;

/** A trace within an event is looked for where the event is no longer. */
const MAX_TRACE = 65_536;

/** What a row has to do with those around it; `seq` is its number among the rows of the page. */
export interface RowSurroundings {
  /** Which line it is, from the first that was loaded. */
  numberOf(seq: number): number | undefined;
  /** The frames of a stack trace that are folded under it. */
  framesUnder(seq: number): readonly Place[];
}

export interface RowLook {
  readonly filter: Filter;
  readonly preferences: Preferences;
  /** The rows that are opened, by their numbers. */
  readonly opened: ReadonlySet<number>;
  readonly rows: RowSurroundings;
  /** The feeds that are shown together, where there are several. */
  readonly sources?: Sources;
}

/** Feeds by the numbers that rows have them by. */
export interface Sources {
  readonly names: readonly string[];
  readonly short: readonly string[];
}

/** What is drawn of a line. */
export interface LineContent {
  readonly time: FoundTime | undefined;
  readonly spans: readonly Span[];
  readonly fields: Fields | undefined;
  /** What of it is not drawn, as the button says: `Show all 262 kB`, `+ 12 lines`. */
  readonly more: string | undefined;
}

const WORDS = { error: 'ERROR', warn: 'WARN', debug: 'DEBUG' } as const;
const encoder = new TextEncoder();

/** `whole`: nothing is cut, since someone asked for it. */
export function lineContent(row: LineRow, { filter, preferences }: RowLook, whole: boolean): LineContent {
  const reading = readLine(row.text, row.time ?? Date.now());
  const { time, fields } = reading;
  if (preferences.fields === 'compact' && fields !== undefined && fields.form !== 'mixed') {
    const { text, ranges } = compactLine(fields, preferences.times === 'written');
    return { time, spans: withLevel(row, styledSpans(text, ranges, filter)), fields, more: undefined };
  }
  const text = withoutTime(row.text, reading, preferences);
  const { shown, more } = whole ? { shown: text, more: undefined } : shorten(text, preferences);
  return { time, spans: withLevel(row, spansOf(shown, filter)), fields, more };
}

function withoutTime(text: string, { time }: LineReading, { times }: Preferences): string {
  return times === 'written' ? text : text.slice(time?.length ?? 0);
}

/** An event that brings its stack trace with it is folded as one of several lines is. */
function shorten(text: string, { wrap, fold }: Preferences): { shown: string; more: string | undefined } {
  const told = fold && text.length <= MAX_TRACE && text.includes('\n') ? withoutFrames(text) : undefined;
  if (told !== undefined && told.length < SHOWN_CHARACTERS)
    return { shown: told, more: `+ ${countOf(lineCount(text) - lineCount(told), 'line')}` };
  const shown = text.slice(0, shownLength(text, wrap ? SHOWN_WRAPPED : SHOWN_CHARACTERS));
  return { shown, more: shown.length === text.length ? undefined : `Show all ${sizeOf(text)}` };
}

/** Undefined where there are none. */
function withoutFrames(text: string): string | undefined {
  const traces = new TraceLines();
  const lines = text.split('\n');
  const told = lines.filter((line, index) => traces.next(plainText(line), true) !== 'frame' || index === 0);
  return told.length === lines.length ? undefined : told.join('\n');
}

function lineCount(text: string): number {
  return text.split('\n').length;
}

/** Never between the two halves of a character. */
function shownLength(text: string, most: number): number {
  let length = Math.min(text.length, most);
  let lines = 0;
  for (let at = text.indexOf('\n'); at >= 0 && at < length; at = text.indexOf('\n', at + 1)) {
    lines += 1;
    if (lines === SHOWN_LINES) length = at;
  }
  const last = text.charCodeAt(length - 1);
  return length < text.length && last >= 0xd800 && last < 0xdc00 ? length - 1 : length;
}

function sizeOf(text: string): string {
  return text.length > SHOWN_WRAPPED ? formatBytes(encoder.encode(text).length) : countOf(lineCount(text), 'line');
}

/** A level that is a number, a letter or nowhere in what is drawn is told by its word: shape and colour alone are not for everyone. */
function withLevel({ level, continued }: LineRow, spans: Span[]): readonly Span[] {
  const isTold = spans.some(({ text, style }) => /\blevel\b/.test(style) && text.length > 2);
  if (level === undefined || continued || isTold) return spans;
  return [{ text: WORDS[level], style: `level ${level}`, isHit: false }, { text: ' ', style: '', isHit: false }, ...spans];
}
