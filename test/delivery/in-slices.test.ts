import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inSlices } from '../../server/delivery/in-slices.ts';
import { eventually } from '../source/eventually.ts';

test('what takes long is done in many turns of the loop, in order, and begins at once', async () => {
  const done: number[] = [];
  inSlices([1, 2, 3], (item) => void done.push(item));
  assert.equal(done[0], 1, 'it has begun; a machine that stalls here leaves the others for the next turn');
  await eventually('all is done', () => done.length === 3);
  assert.deepEqual(done, [1, 2, 3]);
  const items = Array.from({ length: 60 }, (_, item) => item);
  done.length = 0;
  inSlices(items, (item) => {
    const until = performance.now() + 1;
    while (performance.now() < until);
    done.push(item);
  });
  assert.ok(done.length > 0 && done.length < 30, `${done.length} at once`);
  let turns = 0;
  const count = () => {
    turns += 1;
    if (done.length < items.length) setImmediate(count);
  };
  setImmediate(count);
  await eventually('all is done', () => done.length === items.length);
  assert.deepEqual(done, items);
  assert.ok(turns > 5, `${turns} turns`);
});
