import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Aged, oldestFirst } from '../../../server/feed/file/part-order.ts';

/** Parts as `name: [born, last written]`. */
function orderOf(parts: Readonly<Record<string, readonly [birthtimeMs: number, mtimeMs: number]>>): string[] {
  const aged = Object.entries(parts).map(
    ([name, [birthtimeMs, mtimeMs]]): Aged => ({ path: `/logs/${name}`, birthtimeMs, mtimeMs }),
  );
  return oldestFirst(aged).map(({ path }) => path.slice('/logs/'.length));
}

test('parts are ordered by the time of their birth', () => {
  assert.deepEqual(orderOf({ 'a.log.1700000002': [30, 40], 'a.log.1700000001': [10, 20] }), [
    'a.log.1700000001',
    'a.log.1700000002',
  ]);
});

test('where there are no times of birth, the time of the last change tells', () => {
  assert.deepEqual(orderOf({ x: [0, 40], y: [0, 20] }), ['y', 'x']);
});

test('a late line to an old part changes nothing', () => {
  assert.deepEqual(orderOf({ 'a.log.1': [20, 30], 'a.log.2': [10, 25] }), ['a.log.2', 'a.log.1']);
});

test('an archive has the time of the part that it was made from', () => {
  const parts = { 'a.log.1': [40, 50], 'a.log.2.gz': [52, 30], 'a.log.3.gz': [35, 20] } as const;
  assert.deepEqual(orderOf(parts), ['a.log.3.gz', 'a.log.2.gz', 'a.log.1']);
});

test('of two parts of one tick of the clock, the one with the larger number is the older', () => {
  assert.deepEqual(orderOf({ 'a.log.1': [10, 10], 'a.log.2': [10, 10] }), ['a.log.2', 'a.log.1']);
});

test('two parts that began in one tick of the clock tell no direction, though one had a late line', () => {
  assert.deepEqual(orderOf({ 'a.log.1': [10, 10], 'a.log.2': [10, 30] }), ['a.log.2', 'a.log.1']);
});

test('a rotator that counts up is understood', () => {
  const parts = { 'a-1.log': [10, 20], 'a-2.log': [20, 30], 'a-10.log': [30, 40] } as const;
  assert.deepEqual(orderOf(parts), ['a-1.log', 'a-2.log', 'a-10.log']);
});

test('a date in the name rules over the times of files that were copied', () => {
  const parts = { 'a.log-20261102': [10, 10], 'a.log-20261101': [90, 90], 'a.log-20261030.gz': [95, 95] } as const;
  assert.deepEqual(orderOf(parts), ['a.log-20261030.gz', 'a.log-20261101', 'a.log-20261102']);
});

test('of one date, the times tell', () => {
  const parts = { 'a-2026-11-01.2.log': [20, 30], 'a-2026-11-01.1.log': [10, 20], 'a-2026-10-31.log': [5, 50] } as const;
  assert.deepEqual(orderOf(parts), ['a-2026-10-31.log', 'a-2026-11-01.1.log', 'a-2026-11-01.2.log']);
});

test('of two parts, one late line to the older, which is compressed now, turns nothing round', () => {
  const late = { 'a.log.1': [20, 30], 'a.log.2.gz': [35, 33] } as const;
  assert.deepEqual(orderOf(late), ['a.log.2.gz', 'a.log.1']);
  const both = { 'a.log.1.gz': [36, 30], 'a.log.2.gz': [35, 33] } as const;
  assert.deepEqual(orderOf(both), ['a.log.2.gz', 'a.log.1.gz']);
});

test('a rotator that counts up and compresses is understood by when it compressed, or by a third part', () => {
  const log4j = { 'a-1.log.gz': [21, 20], 'a-2.log.gz': [31, 30] } as const;
  assert.deepEqual(orderOf(log4j), ['a-1.log.gz', 'a-2.log.gz']);
  const restored = { 'a.log.1.gz': [0, 20], 'a.log.2.gz': [0, 30], 'a.log.3.gz': [0, 40] } as const;
  assert.deepEqual(orderOf(restored), ['a.log.1.gz', 'a.log.2.gz', 'a.log.3.gz']);
});
