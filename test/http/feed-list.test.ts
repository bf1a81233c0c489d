import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import type { Cursor } from '../../server/feed/cursor.ts';
import type { FeedEntry } from '../../server/feed/feed-entry.ts';
import { FeedListing } from '../../server/feed/feed-listing.ts';
import { MemoryLog } from '../../server/feed/memory-log.ts';
import { toFeedName } from '../../server/feed/name.ts';
import { Registry } from '../../server/feed/registry.ts';
import { feedList } from '../../server/http/feed-list.ts';
import { startFeedsFeed } from '../../server/source/feeds-feed.ts';
import { readStart } from '../conformance/log-reading.ts';
import { eventually } from '../source/eventually.ts';
import { ask, serve } from './serving.ts';

interface List {
  readonly feeds: FeedEntry[];
  readonly cursor: Cursor;
}

async function setUp(context: TestContext) {
  const registry = new Registry();
  const log = new MemoryLog();
  registry.add({ name: toFeedName('livefeed/feeds'), source: 'service', log });
  const listing = new FeedListing(registry, log);
  const controller = new AbortController();
  context.after(() => controller.abort());
  startFeedsFeed({ listing, log, signal: controller.signal, intervalMs: 10 });
  const { port } = await serve(context, (app) => app.all('/feeds', feedList(listing, log)));
  const get = async (): Promise<List> => JSON.parse((await ask(port, '/feeds')).body.toString());
  return { registry, log, port, get };
}

/** The list as it is when the changes after its cursor have been heard. */
async function broughtUpToDate({ feeds, cursor }: List, log: MemoryLog): Promise<Map<string, number>> {
  const readers = new Map<string, number>(feeds.map((feed) => [feed.name, feed.readers]));
  for (const { data } of (await readStart(log, { at: 'cursor', cursor })).events) {
    const { changed, removed } = JSON.parse(data) as { changed: FeedEntry[]; removed: string[] };
    for (const name of removed) readers.delete(name);
    for (const feed of changed) readers.set(feed.name, feed.readers);
  }
  return readers;
}

describe('GET /feeds', () => {
  test('answers the feeds and the cursor, not to be kept', async (context) => {
    const { registry, get, port } = await setUp(context);
    registry.add({ name: toFeedName('a'), source: 'file', log: new MemoryLog() });
    const { feeds, cursor } = await get();
    assert.deepEqual(
      feeds.map(({ name }) => name),
      ['a', 'livefeed/feeds'],
    );
    assert.match(cursor, /^[A-Za-z0-9._~-]{1,40}$/);
    const { headers, status } = await ask(port, '/feeds', { method: 'HEAD' });
    assert.deepEqual([status, headers['cache-control']], [200, 'no-store']);
    assert.match(headers['content-type'] ?? '', /^application\/json/);
  });

  test('with the changes after its cursor is the list as it is, whatever happens meanwhile', async (context) => {
    const { registry, log, get } = await setUp(context);
    const names = ['a', 'b', 'c', 'd'].map(toFeedName);
    const lists: List[] = [];
    for (let step = 0; step < 120; step += 1) {
      const name = names[(step * 7) % 4] ?? toFeedName('a');
      const feed = registry.get(name);
      if (feed === undefined) registry.add({ name, source: 'file', log: new MemoryLog() });
      else if (step % 5 === 0) await registry.remove(name);
      else feed.readers = step % 3;
      lists.push(await get());
    }
    registry.add({ name: toFeedName('last'), source: 'file', log: new MemoryLog() });
    const before = log.stats.eventsAppended ?? 0;
    await eventually('the last change is told', () => (log.stats.eventsAppended ?? 0) > before);
    const expected = new Map(registry.list().map((feed) => [feed.name as string, feed.readers]));
    for (const list of lists) assert.deepEqual(sorted(await broughtUpToDate(list, log)), sorted(expected));
  });
});

function sorted(map: Map<string, number>): [string, number][] {
  return [...map].sort();
}
