import { parseAnsi } from './ansi.ts';
import { type Filter, findHits } from './filter.ts';
import { findLevel } from './level.ts';

/** A stretch of a line as it is drawn: its class names, and whether the filter found it. */
export interface Span {
  readonly text: string;
  readonly style: string;
  readonly isHit: boolean;
}

interface Range {
  readonly start: number;
  readonly end: number;
  readonly style: string;
}

const HIT = 'hit';
const MAX_KEYS = 60;
/** `order=`, `"order":` — the names of values are dimmed, so that the values stand out. */
const KEYS = /(?<=^|[\s{,[(])(?:[A-Za-z_][\w.-]{0,40}=(?=\S)|"[\w.@ -]{1,40}":)/g;

/** Splits the text of a line where its look changes: colours of its own, level, names of values, hits. */
export function spansOf(text: string, filter: Filter): Span[] {
  const parts = parseAnsi(text);
  const plain = parts.length === 1 ? (parts[0]?.text ?? '') : parts.map((part) => part.text).join('');
  const ranges = [...stylesOf(parts), ...levelOf(plain), ...keysOf(plain), ...hitsOf(plain, filter)];
  return cutAt(plain, ranges);
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

function cutAt(plain: string, ranges: readonly Range[]): Span[] {
  if (ranges.length === 0) return plain === '' ? [] : [{ text: plain, style: '', isHit: false }];
  const edges = [...new Set([0, plain.length, ...ranges.flatMap(({ start, end }) => [start, end])])].sort((a, b) => a - b);
  return edges.slice(1).flatMap((end, index) => {
    const start = edges[index] ?? 0;
    const styles = ranges.filter((range) => range.start <= start && range.end >= end).map(({ style }) => style);
    const text = plain.slice(start, end);
    return text === '' ? [] : [{ text, style: styles.filter((style) => style !== HIT).join(' '), isHit: styles.includes(HIT) }];
  });
}
