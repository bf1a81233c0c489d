import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bodyOf } from '../../server/delivery/chunked.ts';
import { type Chunk, Window } from '../../server/delivery/window.ts';
import type { Cursor } from '../../server/feed/cursor.ts';
import type { Position } from '../../server/feed/position.ts';
import { at } from './batches.ts';

function chunk(from: Position, to: Position, bytes: string | Buffer = '', cursor?: string): Chunk {
  return { from, to, bytes: Buffer.from(bytes), cursor: cursor as Cursor | undefined };
}

/** Chunks of ten positions each: 0-10, 10-20 and so on. */
function filled(count: number, bytesEach: number, maxBytes: number): Window {
  const window = new Window(at(0), { bytes: maxBytes });
  for (let index = 0; index < count; index += 1)
    window.push(chunk(at(index * 10), at(index * 10 + 10), Buffer.alloc(bytesEach, 97 + index), `c${index + 1}`));
  return window;
}

test('a window keeps its numbers when the oldest chunks are dropped', () => {
  const window = filled(10, 100, 350);
  assert.equal(window.first, 7);
  assert.equal(window.end, 10);
  assert.deepEqual(window.head, at(100));
  assert.equal(window.bytesFrom(window.first), 300);
  assert.equal(window.bytesFrom(9), 100);
  assert.equal(window.bytesFrom(window.end), 0);
});

test('a chunk that alone is more than the window may hold is kept until the next one comes', () => {
  const window = filled(1, 1000, 10);
  assert.equal(window.first, 0);
  assert.equal(bodyOf(window.from(0).framed).length, 1000);
  window.push(chunk(at(10), at(20), 'x'));
  assert.equal(window.first, 1);
});

test('a place is found where a chunk begins and at the head, and nowhere else', () => {
  const window = filled(4, 10, 1000);
  assert.equal(window.find(at(0)), 0);
  assert.equal(window.find(at(30)), 3);
  assert.equal(window.find(at(40)), 4, 'the head is the number of the chunk to come');
  assert.equal(window.find(at(35)), undefined, 'in the middle of a chunk');
  assert.equal(window.find(at(50)), undefined, 'beyond the head');
  assert.equal(window.find(at(30, 1)), undefined, 'of another generation');
});

test('in an empty window only its start is found', () => {
  const window = new Window(at(7), { bytes: 100 });
  assert.equal(window.find(at(7)), 0);
  assert.equal(window.find(at(6)), undefined);
  assert.deepEqual(window.boundaryFrom(at(3)), at(7));
  assert.equal(window.boundaryFrom(at(8)), undefined);
});

test('whoever arrives at a place where news without width lies goes on with the events behind it', () => {
  const window = filled(1, 10, 1000);
  window.push(chunk(at(10), at(10), 'unfinished'));
  assert.equal(window.find(at(10)), 2, 'the head is behind the news');
  window.push(chunk(at(10), at(20), 'events'));
  assert.equal(window.find(at(10)), 2);
  window.push(chunk(at(20), at(20), 'gone'));
  window.push(chunk(at(20), at(0, 1), 'rotated'));
  assert.equal(window.find(at(20)), 4);
  assert.equal(window.find(at(0, 1)), window.end);
});

test('the next boundary is where a chunk begins, or the head, and never lies before the place', () => {
  const window = filled(4, 100, 250);
  assert.equal(window.first, 2);
  assert.deepEqual(window.boundaryFrom(at(5)), at(20), 'the oldest chunk that is kept');
  assert.deepEqual(window.boundaryFrom(at(21)), at(30));
  assert.deepEqual(window.boundaryFrom(at(31)), at(40), 'the head');
  assert.equal(window.boundaryFrom(at(41)), undefined);
  window.push(chunk(at(40), at(40), 'gone'));
  assert.deepEqual(window.boundaryFrom(at(31)), at(40));
});

test('everyone at the same place gets the same Buffer', () => {
  const window = filled(4, 10, 1000);
  const first = window.from(1);
  assert.equal(first.framed.toString(), `1e\r\n${'b'.repeat(10) + 'c'.repeat(10) + 'd'.repeat(10)}\r\n`);
  assert.equal(window.from(1).framed, first.framed, 'merged once');
  const single = window.from(3);
  assert.equal(window.from(3).framed, single.framed, 'a single chunk is not copied at all');
  window.push(chunk(at(40), at(50), 'e'));
  assert.notEqual(window.from(1).framed, first.framed, 'what has come since is in it');
});

test('one write is bounded, and the rest follows', () => {
  const window = filled(4, 200 * 1024, 1 << 20);
  const { framed, end } = window.from(0);
  assert.equal(bodyOf(framed).length, 200 * 1024);
  assert.equal(end, 1);
  const small = filled(8, 100 * 1024, 1 << 20);
  assert.equal(small.from(0).end, 2);
  assert.equal(small.from(2).end, 4);
});

test('a merged stretch ends at the cursor of its last event, also where news without a cursor follows it', () => {
  const window = filled(2, 10, 1000);
  window.push(chunk(at(20), at(20), 'unfinished'));
  const { cursor, to, end } = window.from(0);
  assert.equal(cursor, 'c2');
  assert.deepEqual(to, at(20));
  assert.equal(end, 3);
  assert.equal(window.from(2).cursor, undefined, 'news alone has none');
});

test('the newest cursor is known also when the events that had it have been dropped', () => {
  const window = new Window(at(0), { bytes: 100 });
  assert.equal(window.cursor, undefined);
  window.push(chunk(at(0), at(10), Buffer.alloc(90), 'c1'));
  window.push(chunk(at(10), at(10), Buffer.alloc(90)));
  assert.equal(window.first, 1);
  assert.equal(window.cursor, 'c1');
});
