import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Histogram } from '../../server/delivery/histogram.ts';
import { inTurn } from '../../server/delivery/in-turn.ts';
import { MemoryLog } from '../../server/feed/memory-log.ts';
import { eventually } from '../source/eventually.ts';
import { feedServer, get, RawClient } from './feed-server.ts';

const SSE = { Accept: 'text/event-stream' };

test('a value is counted in the first bucket that it is not above', () => {
  const histogram = new Histogram();
  for (const ms of [0, 1, 1.01, 5, 2_500, 2_500.1, 1e9]) histogram.add(ms);
  const { count, maxMs, buckets } = histogram.figures;
  assert.deepEqual([count, maxMs], [7, 1e9]);
  const filled = Object.fromEntries(Object.entries(buckets).filter(([, values]) => values > 0));
  assert.deepEqual(filled, { '1': 2, '2': 1, '5': 1, '2500': 1, more: 2 });
});

test('what the delivery has done is counted: writes, reading behind the window, gaps, stalls', async (context) => {
  const { port, add, delivery } = await feedServer(context, { windowBytes: 64 * 1024, stallTimeoutMs: 1_000 });
  const { log } = add('a', new MemoryLog({ maxBytes: 2 ** 20 }));
  const { figures } = delivery;
  log.append('before the window');
  const client = await RawClient.open(context, port, get('/feeds/a', SSE));
  await eventually('it is open', () => client.body.text.includes('feed.open'));
  log.append('x');
  await eventually('it has come', () => client.body.text.includes('data: x'));
  assert.deepEqual([figures.windowHits, figures.catchUps, figures.gaps, figures.stalls], [1, 0, 0, 0]);
  await eventually('its latency is known', () => figures.latency.figures.count === 1);
  await RawClient.open(context, port, get('/feeds/a?since=start', SSE));
  await eventually('it has read from the log', () => figures.catchUps === 1);
  await RawClient.open(context, port, get('/feeds/a', { ...SSE, 'Last-Event-ID': 'mAAAAAAAA1' }));
  await eventually('the gap is counted', () => figures.gaps === 1);
  client.socket.pause();
  for (let event = 0; event < 3_000; event += 1) {
    log.append('x'.repeat(10_000));
    if (event % 10 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  await eventually('the one that takes nothing is cut off', () => figures.stalls === 1, 30_000);
});

test('what is done in turn is spread over the time there is; a few things take less, and the end of the service ends it', async () => {
  const { signal } = new AbortController();
  const at: number[] = [];
  const start = performance.now();
  await inTurn(Array.from({ length: 200 }), 400, () => at.push(performance.now() - start), signal);
  assert.equal(at.length, 200);
  assert.ok((at[0] ?? 0) < (at[199] ?? 0) - 300, 'not all at once');
  for (let index = 0; index < 200; index += 1)
    assert.ok((at[index] ?? 0) >= 2 * index - 5, `${index} is not early: ${at[index]}`);

  const before = performance.now();
  await inTurn([1], 60_000, () => undefined, signal);
  await inTurn([], 60_000, () => undefined, signal);
  assert.ok(performance.now() - before < 5_000);
  const ending = new AbortController();
  const done: number[] = [];
  const running = inTurn([1, 2, 3, 4, 5, 6, 7, 8, 9], 60_000, (item) => done.push(item) === 2 && ending.abort(), ending.signal);
  await running;
  assert.equal(done.length, 2);
});
