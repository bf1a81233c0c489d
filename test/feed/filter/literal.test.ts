import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { RE2JS } from 're2js';
import { literalOf } from '../../../server/feed/filter/literal.ts';

const shown = (pattern: string) => {
  const literal = literalOf(pattern);
  return literal === undefined ? undefined : `${literal.bytes}${literal.isAll ? ' (all)' : ''}`;
};

test('the longest text that a pattern cannot match without is found', () => {
  const cases: readonly (readonly [string, string | undefined])[] = [
    ['timeout', 'timeout (all)'],
    ['10\\.0\\.0\\.1', '10.0.0.1 (all)'],
    ['user=\\d+ .*timeout', 'timeout'],
    ['^GET /api', 'GET /api'],
    ['colou?r', 'colo'],
    ['go*gle', 'gle'],
    ['ab+c', 'ab'],
    ['x{2}yz', 'yz'],
    ['{"level"}', '"level"}'],
    ['(a|b)cd(?:ef)gh', 'cd'],
    ['[abc]def', 'def'],
    ['[]a]def', 'def'],
    ['caf\u00e9 \u{1f600}?', 'caf\u00e9 '],
    ['a|b', undefined],
    ['(?i)error', undefined],
    ['[[:alpha:]]abc', undefined],
    ['\\Qa.b\\E', undefined],
    ['\\x41bc', undefined],
    ['\\d+', undefined],
  ];
  for (const [pattern, literal] of cases) assert.equal(shown(pattern), literal, pattern);
});

test('whatever a pattern matches holds its text', () => {
  const part = fc.constantFrom(
    ...[
      'a',
      'b',
      'ab',
      '.',
      '\\.',
      '\\d',
      '\\w',
      '^',
      '$',
      '[ab]',
      '[^a]',
      '[]b]',
      '(a|b)',
      '(?:ab)',
      '(?P<n>b)',
      '(a(b)?)',
      '\u00e9',
    ],
    ...['(?i)', '|', '\\b', '{', '}', '1', '\\x61', '\\Qa\\E', '(?i:a)'],
  );
  const counted = fc
    .tuple(part, fc.constantFrom('', '', '', '?', '*', '+', '{2}', '{0,1}', '*?', '+?'))
    .map((both) => both.join(''));
  const pattern = fc.array(counted, { maxLength: 6 }).map((parts) => parts.join(''));
  const text = fc
    .array(fc.constantFrom('a', 'b', 'A', '.', '1', '{', '}', '\u00e9', 'ab', ' '), { maxLength: 12 })
    .map((all) => all.join(''));
  const check = fc.property(pattern, fc.array(text, { minLength: 8, maxLength: 8 }), (given, texts) => {
    const literal = literalOf(given);
    const program = compile(given);
    if (literal === undefined || program === undefined) return;
    for (const one of texts) {
      const holds = Buffer.from(one).includes(literal.bytes);
      if (program.test(one)) assert.ok(holds, `${given} matches ${one} without ${literal.bytes}`);
      else if (literal.isAll) assert.ok(!holds, `${given} does not match ${one}`);
    }
  });
  fc.assert(check, { numRuns: 3_000 });
});

function compile(pattern: string): RE2JS | undefined {
  try {
    return RE2JS.compile(pattern);
  } catch {
    return undefined;
  }
}
