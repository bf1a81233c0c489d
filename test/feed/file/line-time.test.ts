import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { lineTimeMs } from '../../../server/feed/file/line-time.ts';

const WRITTEN = Date.UTC(2026, 10, 25);

function timeOf(line: string, writtenMs = WRITTEN): string | undefined {
  const ms = lineTimeMs(Buffer.from(line), writtenMs);
  return ms === undefined ? undefined : new Date(ms).toISOString();
}

/** The host's zone for a test: five and a half hours before UTC has no other explanation than that it was used. */
function inZone(zone: string, body: () => void): void {
  const before = process.env.TZ;
  process.env.TZ = zone;
  try {
    body();
  } finally {
    if (before === undefined) delete process.env.TZ;
    else process.env.TZ = before;
  }
}

describe('the time of a line', () => {
  test('is found where it says its zone', () => {
    for (const line of [
      '2026-11-23T14:31:02.118Z GET /',
      '2026-11-23T15:31:02.118+01:00 GET /',
      '2026-11-23T15:31:02.118+0100',
      '2026-11-23T15:31:02.118+01 x',
      '2026-11-23 14:31:02.118 UTC [123] LOG:  x',
      '2026-11-23 09:01:02.118 -0530 x',
      '2026-11-23 14:31:02,118Z x',
      '2026-11-23T14:31:02.118999999Z stdout F text',
      '[2026-11-23T14:31:02.118Z] x',
      '"2026-11-23T14:31:02.118Z",x',
      'INFO 2026-11-23T14:31:02.118Z x',
      '[warn] 2026-11-23T14:31:02.118Z x',
      'I, [2026-11-23T14:31:02.118Z #12]  INFO -- : x',
      'time=2026-11-23T14:31:02.118Z level=info msg=x',
      'time="2026-11-23T14:31:02.118Z" level=info msg=x',
      'level=info ts=2026-11-23T14:31:02.118Z msg=x'.slice(11),
      '<34>1 2026-11-23T14:31:02.118Z host app - - - x',
      'web-1  | 2026-11-23T14:31:02.118Z x',
      '\ufeff2026-11-23T14:31:02.118Z x',
      '20261123T143102.118Z x',
      '1795444262.118 52 10.0.0.1 TCP_MISS/200',
      '1795444262118 x',
      '1795444262118123 x',
      '1795444262118123456 x',
      '[1795444262.118] x',
      'type=SYSCALL msg=audit(1795444262.118:24287): arch=c000003e',
      '{"level":30,"time":1795444262118,"pid":1,"msg":"x"}',
      '{"level":"info","ts":1795444262.118,"msg":"x"}',
      '{"@timestamp":"2026-11-23T14:31:02.118Z","message":"x"}',
      '{ "message" : "x", "timestamp" : "2026-11-23T15:31:02.118+01:00" }',
      '{"req":{"time":12},"time":"2026-11-23T14:31:02.118Z"}',
      '{"log":"{\\"time\\":\\"1999-01-01T00:00:00Z\\"}\\n","stream":"stdout","time":"2026-11-23T14:31:02.118Z"}',
    ])
      assert.equal(timeOf(line), '2026-11-23T14:31:02.118Z', line);
  });

  test('is found to the second, or the minute, where it says no more', () => {
    for (const line of [
      '10.2.0.14 - - [23/Nov/2026:14:31:02 +0000] "GET / HTTP/1.1" 200 2',
      '2001:db8::1 - jean luc [23/Nov/2026:15:31:02 +0100] "GET / HTTP/1.1" 200 2',
      '[23/Nov/2026:14:31:02 +0000] x',
      '1795444262 x',
      '{"time":1795444262}',
      '{"ts":"2026-11-23 14:31:02Z"}',
    ])
      assert.equal(timeOf(line), '2026-11-23T14:31:02.000Z', line);
    assert.equal(timeOf('2026-11-23T14:31Z x'), '2026-11-23T14:31:00.000Z');
  });

  test('is in the zone of this host where it says none', () => {
    inZone('Asia/Kolkata', () => {
      for (const line of [
        '2026-11-23 20:01:02 x',
        '2026-11-23T20:01:02 x',
        '2026/11/23 20:01:02 [error] 7#7: *1 open() failed',
        'Nov 23 20:01:02 host app[7]: x',
        '<13>Nov 23 20:01:02 host app[7]: x',
        'I1123 20:01:02.000456   12 main.go:3] x',
        'Mon Nov 23 20:01:02 2026 x',
        '[Mon Nov 23 20:01:02.000123 2026] [core:error] x',
        '23-Nov-2026 20:01:02.000 INFO [main] x',
        '2026-11-23 20:01:02,000 INFO  x',
        '2026-11-23 20:01:02 -99 degrees',
        '2026-11-23 20:01:02 -2000 bytes',
        '{"time":"2026-11-23 20:01:02"}',
      ])
        assert.equal(timeOf(line), '2026-11-23T14:31:02.000Z', line);
    });
  });

  test('without a year is the newest that is not after the last write to the file', () => {
    inZone('UTC', () => {
      const january = Date.UTC(2027, 0, 2);
      assert.equal(timeOf('Dec 31 23:59:59 host x', january), '2026-12-31T23:59:59.000Z');
      assert.equal(timeOf('Jan  1 00:00:01 host x', january), '2027-01-01T00:00:01.000Z');
      assert.equal(timeOf('E1231 23:59:59.000001 x', january), '2026-12-31T23:59:59.000Z');
      assert.equal(timeOf('Jan  2 10:00:00 host x', january), '2027-01-02T10:00:00.000Z', 'a clock a little ahead');
      assert.equal(timeOf('Feb 29 10:00:00 host x', january), '2024-02-29T10:00:00.000Z');
    });
  });

  test('is not made up', () => {
    for (const line of [
      '',
      ' ',
      'GET /',
      '    at Object.<anonymous> (/srv/app.js:12:3)',
      '  2026-11-23T14:31:02.118Z indented',
      'Scheduled for 2026-11-23T14:31:02.118Z',
      '2026-13-23T14:31:02Z',
      '2026-02-30T14:31:02Z',
      '2026-11-23T24:31:02Z',
      '2026-11-23T14:61:02Z',
      '2026-11-23',
      '2026-11-23T14:31:021Z',
      '12345678901 x',
      '1234567890123x',
      '123456789 x',
      '9999999999 x',
      'Foo 23 14:31:02 host x',
      'X1123 14:31:02.123456 x',
      '{"time":12}',
      '{"time":"soon"}',
      '{"msg":"x","overtime":1795444262118}',
      `${'x'.repeat(1_024)} [23/Nov/2026:14:31:02 +0000]`,
    ])
      assert.equal(timeOf(line), undefined, line);
  });

  test('is looked for in bounded time, whatever the line is', () => {
    for (const piece of [
      '"time":',
      '[23/Nov/2026:',
      'I ',
      '2026-11-23 ',
      '[[[',
      'x | ',
      '1795444262',
      '"ts" ',
      ' ',
      '\0',
      '\xff',
      'INFO ',
      '{"time"    ',
    ])
      for (const first of ['', '{', 'a - - ']) {
        const started = performance.now();
        lineTimeMs(Buffer.from(first + piece.repeat(200_000 / piece.length), 'latin1'), WRITTEN);
        assert.ok(performance.now() - started < 1_000, JSON.stringify(first + piece));
      }
  });
});
