import { compactLine } from '../log/compact.ts';
import type { Fields } from '../log/fields.ts';
import type { Filter } from '../log/filter.ts';
import { type LineReading, readLine } from '../log/line-reading.ts';
import type { LineRow } from '../log/row.ts';
import { type Span, spansOf, styledSpans } from '../log/spans.ts';
import type { FoundTime } from '../log/timestamp.ts';
import type { Preferences } from '../preferences.ts';
import { countOf, formatBytes } from '../units.ts';

/** A line longer than this is drawn only so far, until someone asks for all of it. */
export const SHOWN_CHARACTERS = 4_000;
/** Where lines wrap, one must not fill the screen. */
const SHOWN_WRAPPED = 1_000;
/** So is an event of more lines. */
export const SHOWN_LINES = 30;

export interface RowLook {
  readonly filter: Filter;
  readonly preferences: Preferences;
  /** The rows that are opened, by their numbers. */
  readonly opened: ReadonlySet<number>;
  /** The number of a line that is drawn. */
  readonly numberOf: (seq: number) => number | undefined;
}

/** What is drawn of a line. */
export interface LineContent {
  readonly time: FoundTime | undefined;
  readonly spans: readonly Span[];
  readonly fields: Fields | undefined;
  /** What of it is not drawn: `262 kB`, `120 lines`. */
  readonly cut: string | undefined;
}

const WORDS = { error: 'ERROR', warn: 'WARN', debug: 'DEBUG' } as const;
const encoder = new TextEncoder();

/** `whole`: nothing is cut, since someone asked for it. */
export function lineContent(row: LineRow, { filter, preferences }: RowLook, whole: boolean): LineContent {
  const reading = readLine(row.text, row.time ?? Date.now());
  const { time, fields } = reading;
  if (preferences.fields === 'compact' && fields !== undefined && fields.form !== 'mixed') {
    const { text, ranges } = compactLine(fields, preferences.times === 'written');
    return { time, spans: withLevel(row, styledSpans(text, ranges, filter)), fields, cut: undefined };
  }
  const text = withoutTime(row.text, reading, preferences);
  const shown = whole ? text : text.slice(0, shownLength(text, preferences.wrap ? SHOWN_WRAPPED : SHOWN_CHARACTERS));
  return {
    time,
    spans: withLevel(row, spansOf(shown, filter)),
    fields,
    cut: text.length === shown.length ? undefined : sizeOf(text),
  };
}

function withoutTime(text: string, { time }: LineReading, { times }: Preferences): string {
  return times === 'written' ? text : text.slice(time?.length ?? 0);
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
  return text.length > SHOWN_WRAPPED ? formatBytes(encoder.encode(text).length) : countOf(text.split('\n').length, 'line');
}

/** A level that is a number, a letter or nowhere in what is drawn is told by its word: shape and colour alone are not for everyone. */
function withLevel({ level, continued }: LineRow, spans: Span[]): readonly Span[] {
  const isTold = spans.some(({ text, style }) => style.startsWith('level') && text.length > 2);
  if (level === undefined || continued || isTold) return spans;
  return [{ text: WORDS[level], style: `level ${level}`, isHit: false }, { text: ' ', style: '', isHit: false }, ...spans];
}
