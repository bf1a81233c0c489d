import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findTime } from '../../../public/src/log/timestamp.ts';

const NOW_MS = new Date(2026, 10, 23, 15, 0, 0).getTime();
const local = (...parts: [number, number, number, number, number, number, number?]) => new Date(...parts).getTime();

const cases: [text: string, ms: number, rest: string][] = [
  ['2026-11-23T14:31:02.118Z GET /', Date.UTC(2026, 10, 23, 14, 31, 2, 118), 'GET /'],
  ['2026-11-23T14:31:02.118456+02:00 GET /', Date.UTC(2026, 10, 23, 12, 31, 2, 118), 'GET /'],
  ['2026-11-23 14:31:02,118 INFO x', local(2026, 10, 23, 14, 31, 2, 118), 'INFO x'],
  ['2026-11-23 14:31:02 - app - x', local(2026, 10, 23, 14, 31, 2), 'app - x'],
  ['[2026-11-23 14:31:02] x', local(2026, 10, 23, 14, 31, 2), 'x'],
  ['2026/11/23 14:31:02 [error] 7#7: x', local(2026, 10, 23, 14, 31, 2), '[error] 7#7: x'],
  ['Nov 23 14:31:02 host app[1]: x', local(2026, 10, 23, 14, 31, 2), 'host app[1]: x'],
  ['Dec 31 23:59:59 host x', local(2025, 11, 31, 23, 59, 59), 'host x'],
  ['1763908262 x', 1_763_908_262_000, 'x'],
  ['1763908262.118 x', 1_763_908_262_118, 'x'],
  ['1763908262118 x', 1_763_908_262_118, 'x'],
  ['14:31:02.118 x', local(2026, 10, 23, 14, 31, 2, 118), 'x'],
];

for (const [text, ms, rest] of cases) {
  test(`the time of "${text}" is read and cut off`, () => {
    const found = findTime(text, NOW_MS);
    assert.equal(found?.ms, ms);
    assert.equal(text.slice(found?.length), rest);
  });
}

test('the time of the common log format is read where it stands and stays there', () => {
  const found = findTime('10.2.0.14 - - [23/Nov/2026:14:31:02 +0100] "GET / HTTP/1.1" 200 12', NOW_MS);
  assert.deepEqual(found, { ms: Date.UTC(2026, 10, 23, 13, 31, 2), length: 0, fine: false });
});

test('what is not a time is not cut off', () => {
  for (const text of ['', 'GET /', '12 monkeys', '10.2.0.14 x', '2026-11-23', 'Nov is cold', '[info] x', '17639082621180000 x']) {
    assert.equal(findTime(text, NOW_MS), undefined, text);
  }
});
