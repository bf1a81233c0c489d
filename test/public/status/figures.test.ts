import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Lag } from '../../../public/src/status/lag.ts';
import { Meter } from '../../../public/src/status/meter.ts';
import { formatBytes, formatDuration, formatRate } from '../../../public/src/units.ts';

test('the meter gives whole seconds of the last five, and falls to zero in silence', () => {
  const meter = new Meter();
  for (let ms = 0; ms < 10_000; ms += 10) meter.add(10, ms);
  assert.equal(meter.perSecond(10_000), 1_000);
  assert.equal(meter.perSecond(12_000), 600);
  assert.equal(meter.perSecond(60_000), 0);
});

test('a clock that is wrong by an hour does not show as lag', () => {
  const lag = new Lag();
  const hour = 3_600_000;
  lag.clock(1_000_000 - hour, 1_000_005);
  lag.line(1_000_100 - hour, 1_000_114);
  assert.equal(lag.ms, 9);
});

test('figures are short and have their units', () => {
  assert.deepEqual([0, 999, 1_000, 12_400, 312_000_000].map(formatBytes), ['0 B', '999 B', '1.0 kB', '12.4 kB', '312 MB']);
  assert.deepEqual([0, 0.04, 0.2, 3, 12.4, 1_240].map(formatRate), ['0', '0', '0.2', '3', '12', '1,240']);
  assert.deepEqual([9, 4_000, 240_000, 10_800_000, 172_800_000].map(formatDuration), ['9 ms', '4 s', '4 min', '3 h', '2 d']);
});
