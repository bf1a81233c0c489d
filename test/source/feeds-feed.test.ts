import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { FeedEntry } from '../../server/feed/feed-entry.ts';
import { FeedListing } from '../../server/feed/feed-listing.ts';
import { MemoryLog } from '../../server/feed/memory-log.ts';
import { type FeedName, toFeedName } from '../../server/feed/name.ts';
import { Registry } from '../../server/feed/registry.ts';
import { startFeedsFeed } from '../../server/source/feeds-feed.ts';
import { eventually } from './eventually.ts';
import { shown } from './reading.ts';

interface Told {
  readonly changed: FeedEntry[];
  readonly removed: FeedName[];
}

function start(context: TestContext, count: number, detail: string, intervalMs = 20) {
  const registry = new Registry();
  const log = new MemoryLog();
  for (let index = 0; index < count; index += 1) {
    registry.add({ name: toFeedName(`f${index}`), source: 'file', detail, log: new MemoryLog() });
  }
  const controller = new AbortController();
  context.after(() => controller.abort());
  startFeedsFeed({ listing: new FeedListing(registry, log), log, signal: controller.signal, intervalMs });
  const told = async (): Promise<Told[]> => (await shown(log)).map((data) => JSON.parse(data));
  return { registry, log, told, stop: () => controller.abort() };
}

describe('the feed of the list of feeds', () => {
  test('tells what changes, and is silent while nothing does', async (context) => {
    const { registry, log, told } = start(context, 2, '/x');
    assert.deepEqual(
      (await told()).map(({ changed }) => changed.map(({ name }) => name)),
      [['f0', 'f1']],
    );
    await delay(100);
    assert.equal(log.stats.eventsAppended, 1);
    await registry.remove(toFeedName('f0'));
    await eventually('the removal is told', () => log.stats.eventsAppended === 2);
    assert.deepEqual((await told())[1], { changed: [], removed: ['f0'] });
  });

  test('tells the change of very many feeds in several events, each of them whole JSON', async (context) => {
    const { told } = start(context, 3000, `/a "path" \u0001 ${'é'.repeat(150)}`);
    const all = await told();
    assert.ok(all.length > 1);
    const names = all.flatMap(({ changed }) => changed.map(({ name }) => name));
    assert.deepEqual([names.length, new Set(names).size], [3000, 3000]);
  });

  test('keeps a detail without end in bounds', async (context) => {
    const { told } = start(context, 3, '\u0001'.repeat(1_000_000));
    assert.equal((await told()).flatMap(({ changed }) => changed).length, 3);
  });

  test('ends with the service', async (context) => {
    const { registry, log, stop } = start(context, 1, '/x', 5);
    stop();
    await registry.remove(toFeedName('f0'));
    await delay(30);
    assert.equal(log.stats.eventsAppended, 1);
  });
});
