import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MAX_TOGETHER, namesIn, rowNames, shortNames, titleOf, toggled } from '../../../public/src/feeds/together.ts';
import { formatHash, parseHash } from '../../../public/src/location-hash.ts';

test('feeds that are shown together stand in the address, each once; what is no name is left out', () => {
  const { feed } = parseHash('#feeds=web/a,b,web/a,x%26y,web/*&filter=x&at=abc:3');
  assert.equal(feed, 'web/a,b');
  assert.deepEqual(parseHash('#feeds=web/a,b&at=abc:3'), { feed, filter: '', levels: [] });
  assert.equal(formatHash({ feed, filter: 'x' }), '#feeds=web/a,b&filter=x');
  assert.equal(parseHash('#feeds=one').feed, 'one');
});

test('a feed is added and left out; the last one stays, and a 33rd does not come', () => {
  assert.equal(toggled(undefined, 'a'), 'a');
  assert.equal(toggled('a', 'b'), 'a,b');
  assert.equal(toggled('a,b', 'a'), 'b');
  assert.equal(toggled('b', 'b'), 'b');
  const full = Array.from({ length: MAX_TOGETHER }, (_, number) => `f${number}`).join();
  assert.equal(toggled(full, 'one-more'), undefined);
  assert.equal(namesIn(toggled(full, 'f3') ?? '').length, MAX_TOGETHER - 1);
});

test('names are as short as they can be told apart', () => {
  assert.deepEqual(shortNames(['web/access.log', 'api/access.log', 'web/app.log', 'log']), [
    'web/access.log',
    'api/access.log',
    'app.log',
    'log',
  ]);
  assert.deepEqual(rowNames(['web/a.log', 'api/a.log', 'b.log']), ['web/a', 'api/a', 'b']);
  assert.deepEqual(rowNames(['a.log', 'b.txt']), ['a.log', 'b.txt']);
  assert.deepEqual(rowNames(['.log', 'b.log']), ['.log', 'b.log']);
  assert.equal(titleOf('web/a.log,api/b.log'), 'a.log + b.log');
  assert.equal(titleOf('a,b,c,d'), '4 feeds');
});
