import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ChunkStore, type Place } from '../../../public/src/log/chunk-store.ts';
import { LinesBuilder } from '../../../public/src/log/lines.ts';
import { Shown } from '../../../public/src/log/shown.ts';
import { Burst } from '../../../public/src/view/burst.ts';

/** A feed whose lines come when told to, and what is drawn of them. `drawn` are the rows that are seen before it is a burst. */
function followed(drawn: (shown: Shown) => readonly Place[] = () => []) {
  const store = new ChunkStore(1e9);
  const shown = new Shown(store);
  const burst = new Burst(
    () => undefined,
    () => drawn(shown),
  );
  burst.show(shown);
  let nowMs = 0;
  /** `ms` after those before. */
  const come = (texts: readonly string[], ms = 100) => {
    const builder = new LinesBuilder('c');
    for (const text of texts) builder.addLine({ text, time: null, cut: false, id: 'c' });
    nowMs += ms;
    burst.add(store.append(builder.take()), nowMs);
  };
  return { burst, come };
}

const textsOf = (places: readonly Place[] = []) => places.map(({ chunk, index }) => chunk.text(index));
const plain = (count: number) => Array.from({ length: count }, (_, index) => `line ${index}`);

test('what a feed opens with, and lines that can be read, are no burst', (t) => {
  const { burst, come } = followed();
  t.after(() => burst.end());
  come(plain(1_000));
  for (let tick = 0; tick < 20; tick += 1) come(plain(90));
  assert.deepEqual([burst.rows, burst.notDrawn, burst.words], [undefined, 0, '']);
});

test('what a feed opens with is no burst either where it comes in pieces', (t) => {
  const { burst, come } = followed();
  t.after(() => burst.end());
  for (let tick = 0; tick < 4; tick += 1) come(plain(250));
  assert.deepEqual([burst.rows, burst.notDrawn, burst.words], [undefined, 0, '']);
});

test('a burst draws some lines and each error from its beginning on, and counts the others exactly', (t) => {
  const { burst, come } = followed();
  t.after(() => burst.end());
  const drawn = new Set<string>();
  const rows = new Set<string>();
  let lines = 0;
  for (let tick = 0; tick < 20; tick += 1) {
    come([...plain(500), `ERROR ${tick}`, ...plain(499)], 200);
    lines += 1_000;
    for (const text of textsOf(burst.rows)) if (text.startsWith('ERROR')) drawn.add(text);
    for (const { chunk, index } of burst.rows ?? []) rows.add(`${chunk.id} ${index}`);
  }
  assert.equal(drawn.size, 20);
  const share = Number(/1 line in ([\d,]+) is drawn, and every error/.exec(burst.words)?.[1]);
  assert.ok(share > 100 && share < 300, burst.words);
  assert.equal(burst.notDrawn, lines - rows.size);
  come(plain(10), 200);
  assert.equal(burst.rows, undefined, 'it is over');
});

test('what comes ten times as fast as a burst is one at once, but not what came in a pause of unknown length', (t) => {
  const { burst, come } = followed();
  t.after(() => burst.end());
  come(plain(1_000));
  come(plain(20_000), 60_000);
  assert.equal(burst.rows, undefined);
  come(plain(999));
  assert.ok(burst.rows, 'as fast as a burst for two ticks');
  come(plain(10), 200);
  assert.equal(burst.rows, undefined, 'it is over');
  come(plain(1_001));
  assert.ok(burst.rows, 'ten times as fast for one');
});

test('while a burst lasts, what is drawn of it changes five times a second', (t) => {
  const { burst, come } = followed();
  t.after(() => burst.end());
  come(plain(1_000));
  const drawn = new Set<unknown>();
  for (let tick = 0; tick < 20; tick += 1) {
    come(plain(2_000));
    drawn.add(burst.rows);
  }
  assert.equal(drawn.size, 10);
});

test('a burst begins with the rows that are seen already, and errors that came before them stand above them', (t) => {
  const newest = (shown: Shown) => {
    const chunk = shown.store.last;
    return chunk === undefined ? [] : shown.before({ chunk, index: chunk.count }, 40, Number.POSITIVE_INFINITY);
  };
  const { burst, come } = followed(newest);
  t.after(() => burst.end());
  come(plain(1_000));
  come(plain(90));
  come(['ERROR early', ...plain(999)]);
  come(plain(999));
  const texts = textsOf(burst.rows);
  const at = texts.indexOf('ERROR early');
  assert.equal(texts.length, 60);
  assert.deepEqual(texts.slice(0, at), plain(90).slice(-at), 'above it is what came before the burst');
  assert.deepEqual(texts.slice(-40), plain(999).slice(-40));
  assert.equal(burst.notDrawn, 1_999 - (60 - at));
});

test('errors that no screen could hold are not drawn, and that is said', (t) => {
  const { burst, come } = followed();
  t.after(() => burst.end());
  for (let tick = 0; tick < 3; tick += 1) come(Array.from({ length: 600 }, (_, index) => `ERROR ${tick} ${index}`));
  assert.equal(burst.rows?.length, 60);
  assert.match(burst.words, /as many errors as fit, 1,740 errors did not/);
  assert.equal(burst.notDrawn, 1_740);
});
