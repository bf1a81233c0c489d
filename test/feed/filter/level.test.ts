import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isAtLeast, levelOf } from '../../../server/feed/filter/level.ts';

const STATED: readonly (readonly [line: string, level: string | undefined])[] = [
  ['2026-11-23 14:31:02 [WARN] disk is nearly full', 'warn'],
  ['[warning] something', 'warn'],
  ['<error> something', 'error'],
  ['ts=2026-11-23T14:31:02Z level=error msg="it broke"', 'error'],
  ['lvl=dbug msg=odd', undefined],
  ['{"time":"2026-11-23","level":"warn","msg":"x"}', 'warn'],
  ['{"level":50,"time":1,"msg":"pino"}', 'error'],
  ['{"level":30,"msg":"an ERROR in the text"}', 'info'],
  ['{"level":60,"msg":"x"}', 'fatal'],
  ['{"level":10,"msg":"x"}', 'trace'],
  [`{"msg":"${'x'.repeat(300)}","level":"error"}`, 'error'],
  ['<11>Nov 23 14:31:02 host app: words', 'error'],
  ['<34>1 2026-11-23T14:31:02Z host su - - - failed', 'fatal'],
  ['<190>Nov 23 14:31:02 host app: words', 'info'],
  ['E1123 14:31:02.118000       1 main.go:1] broke', 'error'],
  ['2026-11-23 ERROR broke', 'error'],
  ['2026-11-23 error: broke', 'error'],
  ['kernel: panic: at once', 'fatal'],
  ['\u001b[31mERROR\u001b[0m coloured', 'error'],
  ['[\u001b[33mWARN\u001b[39m] coloured', 'warn'],
  ['the errors of others', undefined],
  ['GET /error/page 200', undefined],
  ['GET /ERROR/page 200', undefined],
  ['', undefined],
];

test('the level that a line states is found: bracketed, logfmt, JSON with names and numbers, syslog, klog, words', () => {
  for (const [line, level] of STATED) assert.equal(levelOf(line), level, line);
});

test('a line that states no level counts as info', () => {
  assert.equal(isAtLeast('no level here', 'info'), true);
  assert.equal(isAtLeast('no level here', 'warn'), false);
  assert.equal(isAtLeast('    at frame (of a stack:1:1)', 'error'), false);
  assert.equal(isAtLeast('[FATAL] x', 'warn'), true);
  assert.equal(isAtLeast('[DEBUG] x', 'info'), false);
});

test('a level takes no time to look for in a line made to be slow', () => {
  const started = process.cpuUsage();
  for (const word of ['level', '"level" ', '[', 'E1123 ', '\u001b[', '<1'])
    for (let round = 0; round < 50; round += 1) levelOf(word.repeat(2_000) + ' '.repeat(5_000));
  const { user } = process.cpuUsage(started);
  assert.ok(user < 2_000_000, `${user} µs of CPU`);
});
