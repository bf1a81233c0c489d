import type { Filter } from './filter.ts';
import type { Level } from './level.ts';

/** Parameters of a request: `match` may come several times. */
export type Asked = readonly (readonly [name: 'match' | 'level', value: string])[];

/** The bounds of the service. */
const MAX_PATTERNS = 8;
const MAX_PATTERN_LENGTH = 512;

/**
 * What the service is to look for, so that nothing is left out that the page would show: what it gives the page filters again. What hides
 * is not asked for, since a field is found a little more often there. Undefined where the service can leave out nothing.
 */
export function askedOf({ wanted }: Filter, levels: readonly Level[]): Asked | undefined {
  const patterns = wanted
    .map(({ source }) => patternOf(source))
    .filter(({ length }) => length <= MAX_PATTERN_LENGTH)
    .slice(0, MAX_PATTERNS);
  const asked = [...levelsOf(levels), ...patterns.map((pattern) => ['match', pattern] as const)];
  return asked.length === 0 ? undefined : asked;
}

/** The service gives what is as bad or worse, so the least bad decides. */
export function levelsOf(levels: readonly Level[]): Asked {
  const least = (['debug', 'warn', 'error'] as const).find((level) => levels.includes(level));
  // What the page calls debug is all below information, and nothing is less bad.
  return least === undefined || least === 'debug' ? [] : [['level', least]];
}

/**
 * As RE2 has it: it looks neither ahead nor back, so a field is found a little more often. Escapes that are needed only in JavaScript make
 * it hard to read.
 */
export function patternOf(source: string): string {
  const plain = source
    .replace(/\(\?<!(?:\[(?:[^\]\\]|\\.)*\]|[^()\\]|\\.)*\)/g, String.raw`\b`)
    .replace(/\(\?=(?:\[(?:[^\]\\]|\\.)*\]|[^()\\]|\\.)*\)/g, '')
    .replace(/\\([/-])/g, '$1');
  return `(?i)${plain}`;
}
