import type { Property } from './properties.ts';
import type { Finding, Verdict } from './verdict.ts';

export type Result = readonly [title: string, finding: Finding];

const WORDS: Readonly<Record<Verdict, string>> = {
  ok: 'ok',
  gap: 'told as a gap',
  failed: 'FAILED',
  'not supported': 'not supported',
};
const WIDTH = Math.max(...Object.values(WORDS).map((words) => words.length));

export function propertyLines(properties: readonly Property[]): string {
  const width = Math.max(...properties.map(([name]) => name.length));
  return properties.map(([name, words]) => `  ${name.padEnd(width)}  ${words}\n`).join('');
}

export function resultLines([title, { verdict, notes }]: Result): string {
  const lines = [`  ${WORDS[verdict].padEnd(WIDTH)}  ${title}`, ...notes.map((note) => `${' '.repeat(WIDTH + 4)}${note}`)];
  return lines.map((line) => `${line}\n`).join('');
}

export function summary(results: readonly Result[]): string {
  const count = (verdict: Verdict) => results.filter(([, finding]) => finding.verdict === verdict).length;
  const parts = [`${count('ok')} ok`, `${count('gap')} told as a gap`];
  if (count('not supported') > 0) parts.push(`${count('not supported')} not supported`);
  parts.push(count('failed') === 0 ? 'nothing lost silently' : `${count('failed')} FAILED`);
  return `${results.length} cases: ${parts.join(', ')}.\n`;
}

/** 0 where every case kept the promise. */
export function exitCodeOf(results: readonly Result[]): number {
  return results.some(([, { verdict }]) => verdict === 'failed') ? 1 : 0;
}
