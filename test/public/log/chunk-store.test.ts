import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ChunkStore } from '../../../public/src/log/chunk-store.ts';
import { copyText } from '../../../public/src/log/copy-text.ts';
import { type Lines, LinesBuilder } from '../../../public/src/log/lines.ts';
import type { Row } from '../../../public/src/log/row.ts';

const textOf = (row: Row) => (row.kind === 'line' ? row.text : `(${row.words})`);
const textsOf = (store: ChunkStore) => [...store.rows()].map(textOf);
const numbered = (from: number, until: number, width = 0) =>
  Array.from({ length: until - from }, (_, index) => `${from + index}${'x'.repeat(width)}`);

/** Lines whose cursors are their numbers: the cursor of line 7 is the place behind it, `c8`. */
function linesOf(texts: readonly string[], first = 0, cut = false): Lines {
  const builder = new LinesBuilder(`c${first}`);
  for (const [index, text] of texts.entries()) builder.addLine({ text, time: null, cut, id: `c${first + index + 1}` });
  return builder.take();
}

function assertCursors(store: ChunkStore): void {
  for (const [at, chunk] of store.chunks.entries()) {
    const first = Number.parseInt(chunk.text(0), 10);
    const last = Number.parseInt(chunk.text(chunk.count - 1), 10);
    assert.deepEqual([chunk.since, chunk.until], [`c${first}`, `c${last + 1}`], `chunk ${at}`);
  }
}

test('rows come back as they were, whatever is in them, and copied text is the lines as they came', () => {
  const builder = new LinesBuilder();
  const texts = [
    '',
    'ä 🦄 \u0000',
    '\u001b[31mred\u001b[0m',
    'ERROR x',
    '  at y',
    '\ufeffmarked',
    'two\nlines',
    'x'.repeat(300_000),
  ];
  for (const text of texts) builder.addLine({ text, time: 7, cut: text === '', id: 'c' });
  builder.addNote({ tone: 'gap', words: 'missing' });
  const store = new ChunkStore(1e9);
  store.append(builder.take());
  assert.deepEqual(textsOf(store), [...texts, '(missing)']);
  assert.equal(copyText(store.rows()), `${texts.slice(1).join('\n')}\n`);
  const rows = [...store.rows()];
  const frame = rows[4];
  assert.deepEqual(frame?.kind === 'line' && [frame.level, frame.continued, frame.time], ['error', true, 7]);
  assert.deepEqual([store.lines, store.levels], [8, { error: 1, warn: 0, debug: 0 }]);
  assert.equal(new Set(rows.map(({ seq }) => seq)).size, rows.length);
});

test('a chunk grows by what comes until it is full, and each knows the cursors at its ends', () => {
  const store = new ChunkStore(1e9);
  for (let at = 0; at < 5_000; at += 7) store.append(linesOf(numbered(at, Math.min(5_000, at + 7)), at));
  store.append(linesOf(numbered(5_000, 9_000), 5_000));
  assert.deepEqual(textsOf(store), numbered(0, 9_000));
  assert.ok(store.chunks.length >= 9 && store.chunks.length < 14, `${store.chunks.length} chunks`);
  assertCursors(store);
});

test('beyond the bound the farthest from the view are dropped, and what grows is kept', () => {
  const store = new ChunkStore(2_000_000);
  for (let at = 0; at < 20_000; at += 500) {
    store.append(linesOf(numbered(at, at + 500, 200), at));
    store.makeRoom(undefined);
  }
  assert.ok(store.bytes <= 2_000_000);
  assert.equal(textsOf(store).at(-1), numbered(19_999, 20_000, 200)[0]);
  const view = store.chunks[2];
  for (let at = 20_000; at < 30_000; at += 500) {
    store.append(linesOf(numbered(at, at + 500, 200), at));
    store.makeRoom(view);
  }
  assert.ok(store.bytes <= 2_000_000 && view !== undefined && store.chunks.includes(view));
  assert.equal(textsOf(store).at(-1), numbered(29_999, 30_000, 200)[0]);
  assert.equal(store.last?.hasHoleBefore, true);
  assert.equal(store.lines, [...store.rows()].length);
  assertCursors(store);
});

test('what is fetched before and behind a place joins it, and its bytes are where the service says', () => {
  const store = new ChunkStore(1e9);
  store.append(linesOf(numbered(300, 310), 300));
  const [live] = store.chunks;
  assert.ok(live !== undefined);
  store.insertBefore(live, linesOf(numbered(200, 300), 200), { from: 1_000, until: 1_500, of: 1_540 });
  assert.deepEqual([live.fromByte, store.feedBytes, store.isMeasured], [1_500, 1_540, true]);
  const [apart] = store.insertApart(store.first, linesOf(numbered(0, 50), 0), { from: 0, of: 1_540 }, false);
  assert.ok(apart !== undefined);
  assert.deepEqual([store.startsAtOldest, store.behind(apart)?.hasHoleBefore], [true, true]);
  assert.equal(store.runEnd(apart), apart);
  store.insertAfter(apart, linesOf(numbered(50, 200), 50), true);
  assert.deepEqual(textsOf(store), numbered(0, 310));
  assert.equal(store.runStart(live), store.first);
  assertCursors(store);
  const place = store.placeAt(1_500);
  assert.deepEqual(place && [place.chunk.text(place.index), place.chunk.byteOf(place.index)], ['300', 1_500]);
});

test('a stack trace that a page has cut gets the level of the line it belongs to', () => {
  const store = new ChunkStore(1e9);
  store.append(linesOf(['  at f', '  at g', 'next'], 2));
  const [live] = store.chunks;
  assert.ok(live !== undefined);
  store.insertBefore(live, linesOf(['fine', 'ERROR x']), undefined);
  assert.deepEqual(
    [...store.rows()].map((row) => row.kind === 'line' && row.level),
    [undefined, 'error', 'error', 'error', undefined],
  );
});
