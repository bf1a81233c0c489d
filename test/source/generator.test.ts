import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { MemoryLog } from '../../server/feed/memory-log.ts';
import { startDemoMessages } from '../../server/source/demo-messages.ts';
import { startDemoSystem } from '../../server/source/demo-system.ts';
import { every, startGenerator } from '../../server/source/generator.ts';
import { eventually } from './eventually.ts';
import { shown } from './reading.ts';

describe('a generator', () => {
  test('makes an event at once and one each interval, until it is aborted', async () => {
    const log = new MemoryLog();
    const controller = new AbortController();
    startDemoMessages(log, controller.signal, 10);
    assert.deepEqual(await shown(log), ['Message 0 from server']);
    await eventually('five messages came', () => (log.stats.eventsAppended ?? 0) >= 5);
    controller.abort();
    const events = await shown(log);
    await delay(50);
    assert.deepEqual(await shown(log), events);
    assert.deepEqual(
      events,
      Array.from({ length: events.length }, (_, index) => `Message ${index} from server`),
    );
  });

  test('makes none when it is aborted before', async () => {
    const log = new MemoryLog();
    startGenerator({ log, intervalMs: 1, signal: AbortSignal.abort(), make: () => 'x' });
    startDemoSystem(log, AbortSignal.abort());
    assert.equal(log.stats.eventsAppended, 0);
  });

  test('may leave one out', async () => {
    const log = new MemoryLog();
    const controller = new AbortController();
    startGenerator({
      log,
      intervalMs: 5,
      signal: controller.signal,
      make: (count) => (count % 2 === 0 ? `${count}` : undefined),
    });
    await eventually('three events came', () => (log.stats.eventsAppended ?? 0) >= 3);
    controller.abort();
    assert.deepEqual((await shown(log)).slice(0, 3), ['0', '2', '4']);
  });

  test('never makes up for ticks that it missed, however long one takes', async () => {
    const controller = new AbortController();
    const start = performance.now();
    const times: number[] = [];
    every(20, controller.signal, () => {
      times.push(performance.now() - start);
      const busyMs = times.length === 3 ? 70 : 5;
      for (const until = performance.now() + busyMs; performance.now() < until; );
    });
    await eventually('ten ticks came', () => times.length >= 10);
    controller.abort();
    for (const [index, time] of times.entries()) {
      const missed = index > 2 ? 2 : 0;
      assert.ok(index + missed <= (time + 1) / 20, `tick ${index} is not early: ${times.map(Math.round)}`);
    }
  });
});

test('the host tells its figures as JSON', async () => {
  const log = new MemoryLog();
  const controller = new AbortController();
  startDemoSystem(log, controller.signal, 50);
  await eventually('two samples came', () => (log.stats.eventsAppended ?? 0) >= 2);
  controller.abort();
  const sample = JSON.parse((await shown(log))[1] ?? '');
  assert.deepEqual(Object.keys(sample), [
    'cpuPercent',
    'memoryPercent',
    'memoryUsedBytes',
    'memoryTotalBytes',
    'rssBytes',
    'load1',
    'load5',
    'load15',
    'loopDelayMs',
  ]);
  assert.ok(sample.cpuPercent === null || (sample.cpuPercent >= 0 && sample.cpuPercent <= 100));
  assert.ok(sample.memoryUsedBytes > 0 && sample.memoryUsedBytes < sample.memoryTotalBytes);
  assert.ok(sample.loopDelayMs.max >= sample.loopDelayMs.p50);
});
