import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { FanOut } from '../../server/delivery/fan-out.ts';

test('a slice is twenty writes a loop turn, and everybody gets a turn', async () => {
  const fanOut = new FanOut();
  let writes = 0;
  for (let index = 0; index < 50; index += 1) fanOut.add({ advance: () => ((writes += 1), false) });
  assert.equal(writes, 0, 'nothing is written in the turn that adds');
  const perTurn: number[] = [];
  for (let before = -1; writes !== before; ) {
    before = writes;
    await turn();
    perTurn.push(writes - before);
  }
  assert.deepEqual(
    perTurn.filter((count) => count > 0),
    [20, 20, 10],
  );
});

test('one who has much to come does not keep the others waiting', async () => {
  const fanOut = new FanOut();
  const order: string[] = [];
  let left = 5;
  fanOut.add({ advance: () => (order.push('much'), (left -= 1) > 0) });
  fanOut.add({ advance: () => (order.push('little'), false) });
  await turn();
  await turn();
  assert.deepEqual(order, ['much', 'little', 'much', 'much', 'much', 'much']);
});

test('being behind twice is one turn, and whoever has left has none', async () => {
  const fanOut = new FanOut();
  let turns = 0;
  const reader = { advance: () => ((turns += 1), false) };
  fanOut.add(reader);
  fanOut.add(reader);
  await turn();
  await turn();
  assert.equal(turns, 1);
  fanOut.add(reader);
  fanOut.remove(reader);
  await turn();
  await turn();
  assert.equal(turns, 1);
});

test('one who leaves in the turn of another has no turn, and one who comes then has one', async () => {
  const fanOut = new FanOut();
  const told: string[] = [];
  const leaver = { advance: () => (told.push('leaver'), false) };
  const comer = { advance: () => (told.push('comer'), false) };
  fanOut.add({
    advance: () => {
      fanOut.remove(leaver);
      fanOut.add(comer);
      return false;
    },
  });
  fanOut.add(leaver);
  await turn();
  await turn();
  assert.deepEqual(told, ['comer']);
});
