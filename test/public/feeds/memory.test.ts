import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Growth } from '../../../public/src/feeds/growth.ts';
import { parseSeen } from '../../../public/src/feeds/last-seen.ts';
import { SeenMark } from '../../../public/src/status/seen-mark.ts';

const seen = { atMs: Date.parse('2026-11-23T14:02:00'), bytes: 100, cursor: 'c2' };

test('what has come to a feed is counted from when it was last open, or from the first look', () => {
  const growth = new Growth();
  growth.look('known', 350, seen);
  growth.look('new', 350, undefined);
  assert.deepEqual([growth.of('known'), growth.of('new'), growth.of('other')], [250, 0, 0]);
  growth.look('known', 400, seen);
  assert.equal(growth.of('known'), 300);
  growth.look('known', 30, seen);
  assert.equal(growth.of('known'), 330, 'after a rotation all that the file holds is new');
  growth.reset('known');
  growth.look('known', 35, seen);
  assert.equal(growth.of('known'), 5);
});

test('of what was stored only whole places are taken', () => {
  for (const stored of [null, 3, 'a', [], { a: 1 }, { a: { atMs: 1, bytes: 2 } }]) assert.equal(parseSeen(stored).size, 0);
  assert.deepEqual([...parseSeen({ a: seen, b: null })], [['a', seen]]);
});

function marked(mark: SeenMark, lines: [id: string, time: number | null][]): (string | undefined)[] {
  return lines.map(([id, time]) => mark.before(id, time));
}

test('the first line behind the place that was seen is told, once', () => {
  const mark = new SeenMark({ ...seen, atMs: Date.now() });
  mark.open('c9', 1_000);
  const told = marked(mark, [
    ['c1', null],
    ['c2', null],
    ['c3', null],
    ['c4', 999],
  ]);
  assert.deepEqual(told.map(Boolean), [false, false, true, false]);
  assert.match(told[2] ?? '', /^new since \d\d:\d\d$/);
});

test('where nothing came meanwhile, what comes live is not told as new', () => {
  const atHead = new SeenMark(seen);
  atHead.open('c2', 1_000);
  assert.deepEqual(marked(atHead, [['c3', 1_001]]), [undefined]);
  const later = new SeenMark(seen);
  later.open('c2b', 1_000);
  const told = marked(later, [
    ['c2', null],
    ['c3', 1_001],
    ['c4', null],
  ]);
  assert.deepEqual(told, [undefined, undefined, undefined]);
  assert.equal(new SeenMark(undefined).before('c2', null), undefined);
});

test('a visit of another day is told with its date', () => {
  const mark = new SeenMark({ ...seen, atMs: Date.parse('2020-02-01T14:02:00') });
  mark.open('c9', 1_000);
  assert.deepEqual(
    marked(mark, [
      ['c2', null],
      ['c3', null],
    ]),
    [undefined, 'new since 1 Feb 14:02'],
  );
});
