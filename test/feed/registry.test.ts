import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemoryLog } from '../../server/feed/memory-log.ts';
import { toFeedName } from '../../server/feed/name.ts';
import { Registry } from '../../server/feed/registry.ts';

class ClosingLog extends MemoryLog {
  closes = 0;

  override async close(): Promise<void> {
    this.closes += 1;
    await super.close();
  }
}

function add(registry: Registry, name: string): ClosingLog {
  const log = new ClosingLog();
  registry.add({ name: toFeedName(name), source: 'test', log });
  return log;
}

test('feeds are listed in order of their names, whichever came first', () => {
  const registry = new Registry();
  for (const name of ['b', 'a/z', 'B', 'a', 'a.b']) add(registry, name);
  assert.deepEqual(
    registry.list().map(({ name }) => name),
    ['B', 'a', 'a.b', 'a/z', 'b'],
  );
  assert.equal(registry.size, 5);
});

test('a feed is found by its exact name, and names of every object are none', () => {
  const registry = new Registry();
  add(registry, 'a');
  assert.equal(registry.get('a')?.readers, 0);
  for (const name of ['A', '', 'constructor', '__proto__', 'toString']) assert.equal(registry.get(name), undefined);
});

test('a name is given once: the second is refused, and the first stays', () => {
  const registry = new Registry();
  const first = add(registry, 'a');
  assert.throws(() => add(registry, 'a'), /feed a exists already/);
  assert.equal(registry.get('a')?.log, first);
});

test('whoever listens hears what comes and goes, until it listens no more', async () => {
  const registry = new Registry();
  const heard: string[] = [];
  const stop = registry.onChange(({ type, feed }) => heard.push(`${type} ${feed.name}`));
  add(registry, 'a');
  await registry.remove(toFeedName('a'));
  await registry.remove(toFeedName('a'));
  stop();
  stop();
  add(registry, 'b');
  assert.deepEqual(heard, ['added a', 'removed a']);
});

test('a removed feed is gone before anybody hears of it, and its log is closed after that', async () => {
  const registry = new Registry();
  const log = add(registry, 'a');
  const seen: unknown[] = [];
  registry.onChange(({ feed }) => seen.push(registry.get(feed.name), log.closes));
  await registry.remove(toFeedName('a'));
  assert.deepEqual(seen, [undefined, 0]);
  assert.equal(log.closes, 1);
  add(registry, 'a');
});

test('closing removes every feed and closes every log once', async () => {
  const registry = new Registry();
  const logs = ['a', 'b', 'c'].map((name) => add(registry, name));
  const removed: string[] = [];
  registry.onChange(({ type, feed }) => type === 'removed' && removed.push(feed.name));
  await Promise.all([registry.close(), registry.remove(toFeedName('b'))]);
  await registry.close();
  assert.deepEqual(removed.sort(), ['a', 'b', 'c']);
  assert.deepEqual(
    logs.map(({ closes }) => closes),
    [1, 1, 1],
  );
});
