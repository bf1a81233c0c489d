import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { FeedListing } from '../../server/feed/feed-listing.ts';
import { MemoryLog } from '../../server/feed/memory-log.ts';
import { toFeedName } from '../../server/feed/name.ts';
import { type Feed, Registry } from '../../server/feed/registry.ts';

function setUp(names: string[] = []) {
  const registry = new Registry();
  const own = new MemoryLog();
  const add = (name: string, log = new MemoryLog()): Feed => registry.add({ name: toFeedName(name), source: 'generator', log });
  add('livefeed/feeds', own);
  const feeds = names.map((name) => add(name));
  const listing = new FeedListing(registry, own);
  let nowMs = 0;
  /** Looks a second later: the names that have changed, then those removed. */
  const look = (): string[] => {
    nowMs += 1000;
    const changes = listing.look(nowMs);
    return changes === null ? [] : [...changes.changed.map(({ name }) => name), ...changes.removed.map((name) => `-${name}`)];
  };
  return { registry, own, add, feeds, listing, look, nextMs: () => (nowMs += 1000) };
}

const logOf = (feed: Feed | undefined): MemoryLog => feed?.log as MemoryLog;

describe('the list of feeds', () => {
  test('has every feed, by name, with what is known of it', () => {
    const { listing, registry } = setUp();
    const log = new MemoryLog();
    const at = Date.parse('2026-11-23T14:31:02.118Z');
    const stats = { bytes: 81234, bytesAppended: 5, eventsAppended: null, lastEventAt: at };
    Object.assign(log, { stats });
    const watch = { by: 'polling', why: 'no inotify watches are left' };
    registry.add({ name: toFeedName('access.log'), source: 'file', detail: '/var/log/access.log', log, watch }).readers = 2;
    listing.look(1000);
    assert.deepEqual(
      listing.all().map(({ name }) => name),
      ['access.log', 'livefeed/feeds'],
    );
    assert.deepEqual(listing.all()[0], {
      name: 'access.log',
      source: 'file',
      detail: '/var/log/access.log',
      kind: 'memory',
      bytes: 81234,
      rate: null,
      bytesPerSecond: 0,
      readers: 2,
      lastEventAt: '2026-11-23T14:31:02.118Z',
      watch,
    });
  });

  test('tells every feed once, then nothing while nothing happens', () => {
    const { look } = setUp(['a', 'b']);
    assert.deepEqual(look(), ['a', 'b']);
    for (let second = 0; second < 10; second += 1) assert.deepEqual(look(), []);
  });

  test('tells events, readers and watching as they change, and rates until they are at rest', () => {
    const { look, feeds } = setUp(['a', 'b']);
    const [a, b] = feeds as [Feed, Feed];
    look();
    logOf(a).append('x');
    b.readers += 1;
    assert.deepEqual(look(), ['a', 'b']);
    b.watch = { by: 'inotify' };
    assert.ok(look().includes('b'));
    b.watch = { by: 'inotify' };
    const told = Array.from({ length: 10 }, look);
    assert.ok(told.every((names) => !names.includes('b')));
    assert.deepEqual(told.slice(5).flat(), [], 'the rate of a is 0 after five seconds');
  });

  test('tells feeds that come and go', () => {
    const { look, add, registry } = setUp(['a']);
    look();
    const b = add('b');
    assert.deepEqual(look(), ['b']);
    void registry.remove(b.name);
    assert.deepEqual(look(), ['-b']);
    add('c');
    void registry.remove(toFeedName('c'));
    assert.deepEqual(look(), ['-c'], 'somebody may have been given it meanwhile');
    void registry.remove(toFeedName('a'));
    add('a');
    assert.deepEqual(look(), ['a'], 'one that went and came again has changed');
  });

  test('tells again what a reader was given between two looks, though it is as it was told before', () => {
    const { look, feeds, listing } = setUp(['a']);
    const [a] = feeds as [Feed];
    look();
    a.readers = 1;
    assert.equal(listing.all()[0]?.readers, 1);
    a.readers = 0;
    assert.deepEqual(look(), ['a']);
    listing.all();
    assert.deepEqual(look(), []);
  });

  test('never tells of the feed that tells it', () => {
    const { look, own } = setUp(['a']);
    look();
    own.append('x');
    assert.deepEqual(look(), []);
  });

  test('hears of nothing any more once it is closed', () => {
    const { look, add, listing } = setUp(['a']);
    listing.close();
    add('b');
    assert.deepEqual([look(), listing.all()], [[], []]);
  });

  test('of 5,000 idle feeds is looked at by reading the figures of each once', () => {
    const { listing, add, nextMs } = setUp();
    let reads = 0;
    for (let index = 0; index < 5000; index += 1) {
      const log = new MemoryLog();
      const { stats } = log;
      const get = (): unknown => {
        reads += 1;
        return stats;
      };
      Object.defineProperty(log, 'stats', { get });
      add(`f${index}`, log);
    }
    for (let second = 0; second < 10; second += 1) listing.look(nextMs());
    reads = 0;
    assert.equal(listing.look(nextMs()), null);
    assert.equal(reads, 5000);
  });
});
