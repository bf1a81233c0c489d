import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ReusedRoom } from '../../server/delivery/room.ts';

test('memory is used again once it has been given back, and other memory until then', () => {
  const room = new ReusedRoom();
  const first = room.take(100);
  const second = room.take(100);
  assert.notEqual(first.buffer, second.buffer);
  room.giveBack(second.subarray(10, 20));
  const third = room.take(80);
  assert.equal(third.buffer, second.buffer);
  assert.notEqual(room.take(1).buffer, third.buffer);
});

test('what is given back too late, or was never taken, changes nothing', () => {
  const room = new ReusedRoom();
  const first = room.take(100);
  const second = room.take(100);
  room.giveBack(first);
  room.giveBack(Buffer.from('from elsewhere'));
  room.giveBack(Buffer.alloc(0));
  assert.notEqual(room.take(100).buffer, second.buffer);
});

test('more than there was before is other memory, from then on the one that is used again', () => {
  const room = new ReusedRoom();
  room.giveBack(room.take(100));
  const large = room.take(1_000);
  assert.ok(large.length >= 1_000);
  room.giveBack(large);
  assert.equal(room.take(100).buffer, large.buffer);
});
