import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Chunk } from '../../../public/src/log/chunk.ts';
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
  shown.setFilter(parseFilter('error !50'), new Set(), true);
  const wanted = range(0, 5_000, 10).filter((line) => !`${line}`.includes('50'));
  assert.deepEqual(numbersOf(shown.from(placeOf(store, 0), 9_000, LATER)), wanted);
  assert.deepEqual([shown.hidden, shown.lines], [5_000 - wanted.length, wanted.length]);
  shown.setFilter(NO_FILTER, new Set(['error']), true);
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
  shown.setFilter(parseFilter('ä'), new Set(), true);
  const builder = new LinesBuilder('c10');
  for (const text of ['ä 1', 'no', 'Ä 2']) builder.addLine({ text, time: null, cut: false, id: 'c' });
  const added = store.append(builder.take());
  assert.equal(
    added.reduce((sum, each) => sum + shown.count(each), 0),
    2,
  );
  assert.deepEqual([shown.hidden, shown.lines], [11, 2]);
});

const TRACE = ['INFO before', 'ERROR it broke', 'Error: no room', '    at a (b.js:1:2)', '    at c (d.js:3:4)', 'INFO after'];

function traced(lines: readonly string[], width = 0): { store: ChunkStore; shown: Shown } {
  const store = new ChunkStore(1e9);
  const builder = new LinesBuilder('c0');
  for (const text of lines) builder.addLine({ text: text.padEnd(width), time: null, cut: false, id: 'c1' });
  store.append(builder.take());
  return { store, shown: new Shown(store) };
}

const textsOf = (places: readonly Place[]) => places.map(({ chunk, index }) => chunk.text(index).trim());
const allOf = (shown: Shown) => textsOf(shown.from({ chunk: shown.store.chunks[0] as Chunk, index: 0 }, 9_000, LATER));

test('frames of a stack trace are folded under the line before them, counted and copied as lines that are shown', () => {
  const { store, shown } = traced(TRACE);
  assert.deepEqual(allOf(shown), ['INFO before', 'ERROR it broke', 'Error: no room', 'INFO after']);
  assert.deepEqual([shown.lines, shown.hidden], [6, 0]);
  assert.equal(shown.count({ chunk: store.last as Chunk, from: 3 }), 3);
  assert.deepEqual(
    [...shown.rows()].map((row) => row.kind === 'line' && row.text),
    TRACE,
  );
  const said = { chunk: store.last as Chunk, index: 2 };
  assert.deepEqual(textsOf(shown.folded.under(said)), ['at a (b.js:1:2)', 'at c (d.js:3:4)']);
  assert.deepEqual(shown.folded.carrierOf({ chunk: store.last as Chunk, index: 4 }), said);
  shown.setFilter(NO_FILTER, new Set(), false);
  assert.deepEqual(
    allOf(shown),
    TRACE.map((line) => line.trim()),
  );
});

test('a frame that the filter finds without its line is a row of its own; found with it, it stays folded', () => {
  const { shown } = traced(TRACE);
  shown.setFilter(parseFilter('d.js'), new Set(), true);
  assert.deepEqual(allOf(shown), ['at c (d.js:3:4)']);
  assert.deepEqual([shown.lines, shown.hidden], [1, 5]);
  shown.setFilter(NO_FILTER, new Set(['error']), true);
  assert.deepEqual(allOf(shown), ['ERROR it broke', 'Error: no room']);
  assert.deepEqual([shown.lines, shown.hidden], [4, 2]);
});

test('a trace goes on over the edge of a chunk, and its frames are rows while what they follow is not loaded', () => {
  const frames = Array.from({ length: 1_500 }, (_, index) => `    at f${index} (a.js:1:2)`);
  const { store, shown } = traced(['ERROR it broke', ...frames, 'INFO after']);
  assert.ok(store.chunks.length > 1);
  assert.deepEqual(allOf(shown), ['ERROR it broke', 'INFO after']);
  assert.equal(shown.folded.under({ chunk: store.first as Chunk, index: 0 }).length, 1_500);
  assert.deepEqual([shown.lines, shown.hidden], [1_502, 0]);
  const kept = store.chunks[1] as Chunk;
  store.drop(store.first as Chunk);
  assert.equal(allOf(shown).length, kept.lines);
  assert.deepEqual([shown.lines, shown.hidden], [kept.lines, 0]);
});

test('of a trace that never ends each line is folded or a row, also while its start is dropped', () => {
  const frames = Array.from({ length: 5_000 }, (_, index) => `    at f${index} (a.js:1:2)`);
  const { store, shown } = traced(['ERROR it broke', ...frames]);
  for (let chunks = store.chunks.length; chunks > 1; chunks -= 1) {
    const first = { chunk: store.first as Chunk, index: 0 };
    const rows = shown.from(first, 9_000, LATER);
    const under = shown.folded.under(first);
    const isCarried = first.chunk.text(0) === 'ERROR it broke';
    assert.equal(rows.length + (isCarried ? under.length : 0), store.lines);
    assert.deepEqual([shown.lines, shown.hidden], [store.lines, 0]);
    store.drop(first.chunk);
  }
});
