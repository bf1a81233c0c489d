import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ChunkStore, type Place } from '../../../public/src/log/chunk-store.ts';
import { NO_FILTER, parseFilter } from '../../../public/src/log/filter.ts';
import { LinesBuilder } from '../../../public/src/log/lines.ts';
import { Shown } from '../../../public/src/log/shown.ts';

const LATER = Number.POSITIVE_INFINITY;

function filled(count: number): { store: ChunkStore; shown: Shown } {
  const store = new ChunkStore(1e9);
  const builder = new LinesBuilder('c0');
  for (let line = 0; line < count; line += 1)
    builder.addLine({ text: `${line % 10 === 0 ? 'ERROR ' : ''}line ${line}`, time: null, cut: false, id: `c${line + 1}` });
  store.append(builder.take());
  return { store, shown: new Shown(store) };
}

const numbersOf = (places: readonly Place[]) => places.map(({ chunk, index }) => Number(/\d+$/.exec(chunk.text(index))?.[0]));
const range = (from: number, until: number, step = 1) =>
  Array.from({ length: Math.ceil((until - from) / step) }, (_, index) => from + index * step);

function placeOf(store: ChunkStore, line: number): Place {
  for (const chunk of store.chunks)
    for (let index = 0; index < chunk.count; index += 1) if (chunk.text(index).endsWith(`line ${line}`)) return { chunk, index };
  throw new Error(`no line ${line}`);
}

test('rows before and from a place go over chunks, and end where the rows do', () => {
  const { store, shown } = filled(5_000);
  const place = placeOf(store, 2_500);
  assert.deepEqual(numbersOf(shown.before(place, 1_700, LATER)), range(800, 2_500));
  assert.deepEqual(numbersOf(shown.from(place, 1_700, LATER)), range(2_500, 4_200));
  assert.deepEqual(numbersOf(shown.before(place, 9_000, LATER)), range(0, 2_500));
  assert.deepEqual(numbersOf(shown.from(place, 9_000, LATER)), range(2_500, 5_000));
  assert.deepEqual(numbersOf(shown.from(place, 9_000, LATER, placeOf(store, 3_333))), range(2_500, 3_333));
});

test('at a hole they end on both sides', () => {
  const { store, shown } = filled(5_000);
  const [, hole] = store.chunks;
  assert.ok(hole !== undefined);
  const end = Number(/\d+$/.exec(store.chunks[0]?.text((store.chunks[0]?.count ?? 0) - 1) ?? '')?.[0]);
  store.drop(hole);
  assert.equal(numbersOf(shown.from(placeOf(store, 0), 9_000, LATER)).at(-1), end);
  const behind = store.chunks[1];
  assert.ok(behind !== undefined);
  assert.deepEqual(shown.before({ chunk: behind, index: 0 }, 10, LATER), []);
});

test('a filter shows what it lets through, counts the others bit by bit, and forgets what is dropped', () => {
  const { store, shown } = filled(5_000);
  shown.setFilter(parseFilter('error !50'), new Set());
  const wanted = range(0, 5_000, 10).filter((line) => !`${line}`.includes('50'));
  assert.deepEqual(numbersOf(shown.from(placeOf(store, 0), 9_000, LATER)), wanted);
  assert.deepEqual([shown.hidden, shown.lines], [5_000 - wanted.length, wanted.length]);
  shown.setFilter(NO_FILTER, new Set(['error']));
  assert.equal(shown.look(0), false, 'the time is over after one chunk');
  while (!shown.look(0));
  assert.deepEqual([shown.hidden, shown.lines], [4_500, 500]);
  const [first] = store.chunks;
  assert.ok(first !== undefined);
  store.drop(first);
  assert.equal(shown.hidden + shown.lines, store.lines);
});

test('what comes is counted as it comes, in a chunk that has been looked at', () => {
  const { store, shown } = filled(10);
  shown.setFilter(parseFilter('ä'), new Set());
  const builder = new LinesBuilder('c10');
  for (const text of ['ä 1', 'no', 'Ä 2']) builder.addLine({ text, time: null, cut: false, id: 'c' });
  const added = store.append(builder.take());
  assert.equal(
    added.reduce((sum, each) => sum + shown.count(each), 0),
    2,
  );
  assert.deepEqual([shown.hidden, shown.lines], [11, 2]);
});
