/** P6: an event that was acknowledged survives kill -9, once, in the order of its publisher; P1 for a reader that lives through it. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { eventually } from '../source/eventually.ts';
import { ResumingReader } from './publish-reader.ts';
import { PublishingWriter } from './publish-writer.ts';
import { scratchFolder } from './scratch.ts';
import { seeded } from './seed.ts';
import { startService } from './service.ts';

const ONE_BY_ONE = 6;
const STREAMS = 2;
/** Set for long runs (`npm run soak`); else as many rounds as fit. */
const ROUNDS = Number(process.env.LIVEFEED_ROUNDS ?? 0);
const BUDGET_MS = 6_000;
/** However slow the machine is. */
const MIN_ROUNDS = 2;

test('what was acknowledged is there once, in order, however often the service is killed', { timeout: 3_600_000 }, async (t) => {
  const random = seeded(t);
  const data = join(scratchFolder(), 'data');
  // A long run writes more than is kept where nothing else is said.
  const service = await startService(t, ['--no-demo', '--log-level', 'silent', '--data', data, '--retain-bytes', '100g']);
  const url = `${service.url}/feeds/kills`;
  const writers = Array.from(
    { length: ONE_BY_ONE + STREAMS },
    (_, index) => new PublishingWriter(url, `w${index}`, random.whole(1, 1e9)),
  );
  const writing = writers.map((writer, index) => (index < ONE_BY_ONE ? writer.publishOneByOne() : writer.publishStreams()));
  await eventually('the feed is there', () => writers.every(({ acknowledged }) => acknowledged.length > 0));
  const reader = new ResumingReader(`${url}?since=start`);
  const following = reader.follow();
  t.after(() => reader.stop());

  const startedAt = performance.now();
  let rounds = 0;
  const isEnough = () => (ROUNDS > 0 ? rounds >= ROUNDS : rounds >= MIN_ROUNDS && performance.now() - startedAt >= BUDGET_MS);
  for (; !isEnough(); rounds += 1) {
    await delay(random.whole(0, 400));
    await service.kill('SIGKILL');
    await service.start();
  }
  for (const writer of writers) writer.stop();
  await Promise.all(writing);

  const replay = await replayOf(`${url}?since=start&follow=false`);
  await eventually('the reader has everything', () => reader.events.length >= replay.length, 30_000);
  reader.stop();
  await following;

  const byId = new Map(replay.map(({ id, data }) => [id, data]));
  assert.equal(byId.size, replay.length, 'no id comes twice');
  for (const { id, data } of writers.flatMap(({ acknowledged }) => acknowledged)) assert.equal(byId.get(id), data);
  assert.equal(replay.length, sum(writers.map(({ acknowledged }) => acknowledged.length)), 'no event comes twice');
  for (const [index, { acknowledged }] of writers.entries())
    assert.deepEqual(
      replay.filter(({ data }) => data.replace(/^"/, '').startsWith(`w${index}:`)).map(({ id }) => id),
      acknowledged.map(({ id }) => id),
      `the events of writer ${index} are in order`,
    );
  assert.deepEqual(reader.events, replay, 'who lived through it has what the replay gives');
  assert.deepEqual(reader.gaps, []);
  const retries = sum(writers.map((writer) => writer.retries));
  t.diagnostic(`${rounds} kills, ${replay.length} events, ${retries} retries, ${reader.connections} connections of the reader`);
  assert.ok(reader.connections > 1 && retries > 0);
});

async function replayOf(url: string): Promise<{ id: string; data: string }[]> {
  const reader = new ResumingReader(url);
  const reading = reader.follow();
  await eventually('the replay has begun', () => reader.connections === 1, 30_000);
  reader.stopAtEnd();
  await reading;
  return reader.events;
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}
