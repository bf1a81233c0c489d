import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ChunkStore } from '../../../public/src/log/chunk-store.ts';
import { LinesBuilder } from '../../../public/src/log/lines.ts';
import { firstAt, reachesBack } from '../../../public/src/places/timed-lines.ts';

const startMs = Date.UTC(2025, 0, 23, 12);
const at = (second: number) => startMs + second * 1_000;

/** 3,000 lines of two feeds in order, a second apart, and among them some that came late or tell no time. */
function storeOfTwo(): ChunkStore {
  const store = new ChunkStore(1e9);
  const builder = new LinesBuilder();
  const add = (text: string, late = false) => builder.addLine({ text, time: null, cut: false, id: '', source: 0, late });
  add('before any time is told');
  for (let second = 0; second < 3_000; second += 1) {
    add(`${new Date(at(second)).toISOString()} line ${second}`);
    if (second % 1_000 === 500) add(`${new Date(at(second - 400)).toISOString()} late`, true);
    if (second % 1_000 === 700) add('    at Gateway.charge (/srv/a.js:1:2)');
    if (second === 50) builder.addLine({ text: '2999-01-01T00:00:00Z it ends', time: at(50), cut: false, id: '', source: 0 });
    if (second === 1_500) builder.addNote({ tone: 'plain', words: 'restarted' });
  }
  store.append(builder.take());
  return store;
}

test('the first line of a time or later is found among lines in order, whatever came late among them, or tells of what is to come', () => {
  const store = storeOfTwo();
  const textAt = (ms: number) => {
    const place = firstAt(store, ms);
    return place?.chunk.text(place.index).slice(25);
  };
  assert.ok(store.chunks.length > 2);
  for (const second of [0, 51, 99, 100, 101, 500, 999, 1_001, 1_501, 2_700, 2_999])
    assert.equal(textAt(at(second) - 400), `line ${second}`, `${second}`);
  assert.equal(textAt(at(-9_000)), 'line 0', 'the first that tells one');
  assert.equal(textAt(at(3_000)), undefined);
});

test('lines from before a time are loaded, or not', () => {
  const store = storeOfTwo();
  assert.equal(reachesBack(store, at(0)), false);
  assert.equal(reachesBack(store, at(0.5)), true);
});

test('a line that tells no day is of the day when it was read', () => {
  const store = new ChunkStore(1e9);
  const builder = new LinesBuilder();
  const readAt = (day: number) => new Date(2025, 0, day, 10, 0, 1).getTime();
  for (const day of [20, 21]) builder.addLine({ text: `10:00:00 of ${day}`, time: readAt(day), cut: false, id: '', source: 0 });
  store.append(builder.take());
  const place = firstAt(store, readAt(20));
  assert.equal(place?.chunk.text(place.index), '10:00:00 of 21');
  assert.equal(firstAt(store, readAt(21)), undefined);
});
