import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readLine } from '../../../public/src/log/line-reading.ts';
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
  ['<34>1 2026-11-23T14:31:02.118Z host su - x', Date.UTC(2026, 10, 23, 14, 31, 2, 118), 'host su - x'],
  ['[Mon Nov 23 14:31:02.118456 2026] [core:error] x', local(2026, 10, 23, 14, 31, 2, 118), '[core:error] x'],
  ['E1123 14:31:02.118000       1 main.go:1] x', local(2026, 10, 23, 14, 31, 2, 118), '1 main.go:1] x'],
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

const AT_MS = Date.UTC(2026, 10, 23, 14, 31, 2, 118);
for (const text of [
  '{"time":"2026-11-23T14:31:02.118Z","msg":"x"}',
  `{"level":30,"time":${AT_MS},"msg":"pino"}`,
  `{"level":"info","ts":${AT_MS / 1000},"msg":"zap"}`,
  `{"ts":${AT_MS}118000,"msg":"nanoseconds"}`,
  '{"@timestamp":"2026-11-23T15:31:02.118+01:00","message":"x"}',
  '{"timestamp":"2026-11-23 14:31:02,118Z"}',
  '{"@t":"2026-11-23T14:31:02.1180000Z","@m":"serilog"}',
  'level=info ts=2026-11-23T14:31:02.118Z msg=x',
  'time="2026-11-23T14:31:02.118Z" level=info msg=x',
]) {
  test(`the time among the fields of ${text.slice(0, 40)} is read, and nothing is cut off`, () => {
    assert.deepEqual(readLine(text, NOW_MS).time, { ms: AT_MS, length: 0, fine: true });
  });
}

test('a field that is named like a time and is none gives none', () => {
  for (const text of ['{"time":"soon","a":1}', '{"ts":12,"a":1}', '{"time":null}', '{"t":{"a":1}}', 'time=now a=1'])
    assert.equal(readLine(text, NOW_MS).time, undefined, text);
});
