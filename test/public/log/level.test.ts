import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findLevel, type Level } from '../../../public/src/log/level.ts';

const stated: [text: string, level: Level | undefined, word: string][] = [
  ['2026-11-23 14:31:02 ERROR payment failed', 'error', 'ERROR'],
  ['WARN  payment gateway slow', 'warn', 'WARN'],
  ['[error] 1234#0: *5 connect() failed', 'error', 'error'],
  ['2026/11/23 14:31:02 [warn] 7#7: conflicting server name', 'warn', 'warn'],
  ['[DEBUG] cache miss', 'debug', 'DEBUG'],
  ['time=2026-11-23T14:31:02Z level=warn msg="slow"', 'warn', 'warn'],
  ['lvl=error msg=x', 'error', 'error'],
  ['{"time":"2026-11-23T14:31:02Z","level":"ERROR","msg":"x"}', 'error', 'ERROR'],
  ['{"level":50,"msg":"pino"}', 'error', '50'],
  ['{"level":40,"msg":"pino"}', 'warn', '40'],
  ['{"level":30,"msg":"an ERROR that pino calls info"}', undefined, '30'],
  ['{"level":20,"msg":"pino"}', 'debug', '20'],
  ['<3>Nov 23 14:31:02 host kernel: oops', 'error', '3'],
  ['<12>Nov 23 14:31:02 host app: hm', 'warn', '12'],
  ['E1123 14:31:02.118 1 controller.go:114] sync failed', 'error', 'E'],
  ['W1123 14:31:02.118 1 controller.go:114] slow', 'warn', 'W'],
  ['npm error: not found', 'error', 'error'],
  ['fatal: not a git repository', 'error', 'fatal'],
  ['INFO  an ERROR is mentioned', undefined, 'INFO'],
  ['[emerg] bind() to 0.0.0.0:80 failed', 'error', 'emerg'],
  ['level=trace msg=x', 'debug', 'trace'],
  ['INFORMATIONAL: no ERROR', undefined, 'INFORMATIONAL'],
  ['lvl=odd ERROR of a level nobody knows', 'error', 'ERROR'],
];

for (const [text, level, word] of stated) {
  test(`"${text.slice(0, 48)}" is ${level ?? 'of no level'}`, () => {
    const found = findLevel(text);
    assert.equal(found.level, level);
    assert.equal(text.slice(found.start, found.end), word);
  });
}

test('words of the message are not levels', () => {
  for (const text of [
    'GET /error.html 200',
    'GET /api/ERROR/x 200',
    'no errors found',
    'the warning light',
    'MY_ERROR_COUNT=0',
    '',
  ]) {
    assert.equal(findLevel(text).level, undefined, text);
  }
});

test('a line of 200 kB is looked at only near its start', () => {
  const text = `${'x'.repeat(200_000)} ERROR`;
  assert.equal(findLevel(text).level, undefined);
});
