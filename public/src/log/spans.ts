import { parseAnsi } from './ansi.ts';
import { type Filter, findHits } from './filter.ts';
import { findLevel } from './level.ts';
import { findStandIns, nameOfStandIn, withoutStandIns } from './unseen.ts';

/** A stretch of a line as it is drawn: its class names, and whether the filter found it. */
export interface Span {
  readonly text: string;
  readonly style: string;
  readonly isHit: boolean;
}

export interface Range {
  readonly start: number;
  readonly end: number;
  readonly style: string;
}

const HIT = 'hit';
const CONTROL = 'control';
const MAX_KEYS = 60;
/** Each is an element; a line of nothing else shows the others as `�`. */
const MAX_CONTROLS = 200;
/** `order=`, `"order":` — the names of values are dimmed, so that the values stand out. */
const KEYS = /(?<=^|[\s{,[(])(?:[A-Za-z_][\w.-]{0,40}=(?=\S)|"[\w.@ -]{1,40}":)/g;

/** Splits the text of a line where its look changes: colours of its own, level, names of values, hits. */
export function spansOf(text: string, filter: Filter): Span[] {
  const parts = parseAnsi(text);
  const plain = parts.length === 1 ? (parts[0]?.text ?? '') : parts.map((part) => part.text).join('');
  return styledSpans(plain, [...stylesOf(parts), ...levelOf(plain), ...keysOf(plain)], filter);
}

/** The same for text without escape sequences whose look is known. */
export function styledSpans(plain: string, ranges: readonly Range[], filter: Filter): Span[] {
  const controls = findStandIns(plain, MAX_CONTROLS).map((start) => ({ start, end: start + 1, style: CONTROL }));
  return cutAt(plain, [...ranges, ...controls, ...hitsOf(plain, filter)]);
}

function stylesOf(parts: ReturnType<typeof parseAnsi>): Range[] {
  const ranges: Range[] = [];
  let start = 0;
  for (const { text, style } of parts) {
    if (style !== '') ranges.push({ start, end: start + text.length, style });
    start += text.length;
  }
  return ranges;
}

function levelOf(plain: string): Range[] {
  const { level, start, end } = findLevel(plain);
  return level === undefined ? [] : [{ start, end, style: `level ${level}` }];
}

function keysOf(plain: string): Range[] {
  const ranges: Range[] = [];
  for (const match of plain.matchAll(KEYS)) {
    ranges.push({ start: match.index, end: match.index + match[0].length, style: 'key' });
    if (ranges.length === MAX_KEYS) break;
  }
  return ranges;
}

function hitsOf(plain: string, filter: Filter): Range[] {
  if (filter.wanted.length === 0) return [];
  return findHits(filter, plain).map(([start, end]) => ({ start, end, style: HIT }));
}

/** Goes along the text once: at each place where a range begins or ends, another span begins. */
function cutAt(plain: string, ranges: readonly Range[]): Span[] {
  const edges = [0, plain.length, ...ranges.flatMap(({ start, end }) => [start, end])].sort((a, b) => a - b);
  const waiting = [...ranges].sort((a, b) => a.start - b.start);
  let open: Range[] = [];
  let next = 0;
  const spans: Span[] = [];
  for (const [index, start] of edges.entries()) {
    const end = edges[index + 1] ?? start;
    if (end === start) continue;
    open = open.filter((range) => range.end > start);
    for (; (waiting[next]?.start ?? Number.POSITIVE_INFINITY) <= start; next += 1) open.push(...waiting.slice(next, next + 1));
    spans.push(spanOf(plain.slice(start, end), inOrder(ranges, open)));
  }
  return spans;
}

/** Class names stay in the order in which they were given. */
function inOrder(ranges: readonly Range[], open: readonly Range[]): string[] {
  if (open.length < 2) return open.map(({ style }) => style);
  return [...open].sort((a, b) => ranges.indexOf(a) - ranges.indexOf(b)).map(({ style }) => style);
}

function spanOf(text: string, styles: readonly string[]): Span {
  const isControl = styles.includes(CONTROL);
  return {
    text: isControl ? nameOfStandIn(text) : withoutStandIns(text),
    style: styles.filter((style) => style !== HIT).join(' '),
    isHit: styles.includes(HIT),
  };
}
