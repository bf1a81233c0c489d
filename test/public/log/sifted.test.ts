/** Lines that the service has sifted: they stand among the others, without those between them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parsePage } from '../../../public/src/connection/page-request.ts';
import { ChunkStore } from '../../../public/src/log/chunk-store.ts';
import { parseFilter } from '../../../public/src/log/filter.ts';
import { LineNumbers } from '../../../public/src/log/line-numbers.ts';
import { askedOf } from '../../../public/src/log/service-filter.ts';
import { Shown } from '../../../public/src/log/shown.ts';
import { anchorOf, formatAnchor, parseAnchor } from '../../../public/src/places/anchor.ts';
import { loadedLine } from '../../../public/src/places/find-line.ts';

const line = (id: string, data: string) => JSON.stringify({ feed: 'f', id, time: null, type: 'message', data });
const control = (type: string, id: string, data: object) => JSON.stringify({ type, id, data });
const LATER = Number.POSITIVE_INFINITY;

/** Lines 1 to 100, of which the last 20 are loaded, and of the others those with `x`: 30 and 60. */
function sifted() {
  const store = new ChunkStore(1e9);
  const loaded = Array.from({ length: 20 }, (_, index) => line(`c${81 + index}`, index === 0 ? '  at frame(x.js:1:2)' : 'plain'));
  store.append(parsePage([control('feed.open', 'c80', {}), ...loaded].join('\n'), 'f', 100).lines);
  const answer = [
    control('feed.open', 'c0', { extent: { from: 0, until: 800, of: 1_000 }, atOldest: true }),
    line('c30', 'ERROR x failed'),
    control('feed.hidden', 'c50', { count: 49 }),
    line('c60', '  at x (x.js:1:2)'),
    control('feed.hidden', 'c80', { count: 29 }),
  ];
  const page = parsePage(answer.join('\n'), 'f', 250, true);
  assert.ok(page.sifted !== undefined);
  const next = store.chunks[0];
  assert.ok(next !== undefined);
  store.insertSifted(next, page.lines, page.sifted, page.open.extent);
  return { store, next, page };
}

test('what was sifted is one stretch with its cursors, and counts what is left out', () => {
  const { store, next, page } = sifted();
  assert.deepEqual([page.lines.since, page.lines.until, page.sifted], ['c0', 'c80', { ids: ['c30', 'c60'], hidden: 78 }]);
  const shown = new Shown(store);
  shown.setFilter(parseFilter('x'), new Set(), true);
  assert.ok(shown.look(LATER));
  assert.deepEqual([shown.lines, shown.hidden], [3, 97]);
  const rows = shown.before({ chunk: next, index: next.count }, 10, LATER).map(({ chunk, index }) => chunk.text(index));
  assert.deepEqual(
    rows,
    ['ERROR x failed', '  at x (x.js:1:2)', '  at frame(x.js:1:2)'],
    'none lies folded under one that it does not follow',
  );
  assert.deepEqual(store.chunks.map(({ fromByte, untilByte }) => [fromByte, untilByte])[0], [0, 800]);
  store.dropSifted();
  assert.deepEqual([shown.lines, shown.hidden, next.hasHoleBefore], [1, 19, true]);
});

test('a sifted line has the cursor behind it for an anchor, no number, and those around keep theirs', () => {
  const { store, next } = sifted();
  const [first] = store.chunks;
  assert.ok(first !== undefined);
  const anchor = anchorOf({ chunk: first, index: 1 });
  assert.deepEqual(anchor, { cursor: 'c60', skip: -1 });
  assert.deepEqual(anchor && parseAnchor(formatAnchor(anchor)), anchor);
  assert.deepEqual(anchor && loadedLine(store, anchor), { chunk: first, index: 1 });
  const numbers = new LineNumbers(store);
  assert.equal(numbers.numberOf({ chunk: next, index: 0 }), 1);
  assert.equal(numbers.numberOf({ chunk: first, index: 0 }), undefined);
});

test('a page in which nothing was found is a stretch too', () => {
  const { store, next } = sifted();
  store.dropSifted();
  const open = control('feed.open', 'c40', { extent: { from: 400, until: 800, of: 1_000 }, searched: 40 });
  const page = parsePage([open, control('feed.hidden', 'c80', { count: 40 })].join('\n'), 'f', 250, true);
  assert.ok(page.sifted !== undefined);
  store.insertSifted(next, page.lines, page.sifted, page.open.extent);
  const [first] = store.chunks;
  assert.deepEqual(
    [first?.since, first?.count, first?.fromByte, first?.untilByte, next.hasHoleBefore],
    ['c40', 0, 400, 800, false],
  );
  assert.equal(store.runStart(next), first);
});

test('the service is asked for what must be there, never for what hides', () => {
  assert.deepEqual(askedOf(parseFilter('checkout !healthz'), []), [['match', '(?i)checkout']]);
  assert.deepEqual(askedOf(parseFilter('a b'), ['error', 'warn']), [
    ['level', 'warn'],
    ['match', '(?i)a'],
    ['match', '(?i)b'],
  ]);
  assert.equal(askedOf(parseFilter('!healthz'), []), undefined);
  assert.equal(askedOf(parseFilter(''), ['debug']), undefined);
  assert.equal(askedOf(parseFilter(`"${'x'.repeat(600)}"`), []), undefined);
});
