import assert from 'node:assert/strict';
import { test } from 'node:test';
import { filterOf } from '../../../server/feed/filter/filter.ts';
import { FilterViews, MAX_FILTERS } from '../../../server/feed/filter/filter-views.ts';
import { MemoryLog } from '../../../server/feed/memory-log.ts';
import { toFeedName } from '../../../server/feed/name.ts';
import { Registry } from '../../../server/feed/registry.ts';

const patternsOf = (...texts: readonly string[]) => filterOf({ patterns: texts.map((text) => ({ text, isNot: false })) });

test('those who ask for the same in another order have the same view, as long as one of them is there', (context) => {
  const registry = new Registry();
  context.after(() => registry.close());
  const views = new FilterViews({ onFailure: (_, error) => assert.fail(String(error)) });
  const one = registry.add({ name: toFeedName('one'), source: 'test', log: new MemoryLog() });
  const two = registry.add({ name: toFeedName('two'), source: 'test', log: new MemoryLog() });
  const acquire = (...texts: readonly string[]) => {
    const acquired = views.acquire(one, patternsOf(...texts));
    assert.ok(acquired);
    return acquired;
  };

  const first = acquire('a', 'b');
  const second = acquire('b', 'a', 'a');
  assert.equal(second.view, first.view);
  assert.notEqual(acquire('a').view, first.view);
  assert.notEqual(views.acquire(two, patternsOf('a', 'b'))?.view, first.view);
  assert.notEqual(filterOf({ patterns: [{ text: 'a', isNot: true }] }).key, patternsOf('a').key);
  first.release();
  assert.equal(acquire('a', 'b').view, second.view);
});

test('each feed is read through so many filters at most, and one that is released makes room', (context) => {
  const registry = new Registry();
  context.after(() => registry.close());
  const views = new FilterViews({ onFailure: (_, error) => assert.fail(String(error)) });
  const feed = registry.add({ name: toFeedName('one'), source: 'test', log: new MemoryLog() });
  const releases = Array.from({ length: MAX_FILTERS }, (_, number) => views.acquire(feed, patternsOf(`${number}`))?.release);
  assert.equal(views.acquire(feed, patternsOf('more')), undefined);
  assert.ok(views.acquire(feed, patternsOf('0')), 'one that is there already is shared');
  releases.at(-1)?.();
  assert.ok(views.acquire(feed, patternsOf('more')));
});
