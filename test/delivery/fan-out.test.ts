import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { type Behind, FanOut } from '../../server/delivery/fan-out.ts';

/** Has a turn as often as it wants one, and notes that it had it. */
class Reader implements Behind {
  readonly #name: string;
  readonly #told: string[];
  #left: number;

  constructor(name: string, told: string[], turns = 1) {
    this.#name = name;
    this.#told = told;
    this.#left = turns;
  }

  advance(): boolean {
    this.#told.push(this.#name);
    this.#left -= 1;
    return this.#left > 0;
  }
}

async function writesATurn(told: string[]): Promise<number[]> {
  const perTurn = [told.length];
  for (let turns = 0; turns < 4; turns += 1) {
    const before = told.length;
    await turn();
    perTurn.push(told.length - before);
  }
  return perTurn;
}

test('a slice is twenty writes a loop turn while somebody comes, and everybody gets a turn', async () => {
  const fanOut = new FanOut();
  const told: string[] = [];
  fanOut.someoneComes();
  for (let index = 0; index < 50; index += 1) fanOut.add(new Reader(`${index}`, told));
  assert.deepEqual(await writesATurn(told), [0, 20, 20, 10, 0], 'nothing is written in the turn that adds');
  assert.equal(new Set(told).size, 50);
});

test('while nobody comes a loop turn has more slices, but none that begins after a millisecond', async () => {
  const fanOut = new FanOut();
  const told: string[] = [];
  const slow = (name: string) => ({
    advance: () => {
      const until = performance.now() + 0.1;
      while (performance.now() < until);
      return told.push(name) === 0;
    },
  });
  for (let index = 0; index < 15; index += 1) fanOut.add(slow(`slow ${index}`));
  for (let index = 0; index < 100; index += 1) fanOut.add(new Reader(`${index}`, told));
  const [, first = 0] = await writesATurn(told);
  assert.equal(first, 20, 'the first slice took more than a millisecond');
  assert.equal(new Set(told).size, 115);
});

test('one who has much to come does not keep the others waiting', async () => {
  const fanOut = new FanOut();
  const told: string[] = [];
  fanOut.add(new Reader('much', told, 5));
  fanOut.add(new Reader('little', told));
  await turn();
  assert.deepEqual(told, ['much', 'little', 'much', 'much', 'much', 'much']);
});

test('being behind twice is one turn, and whoever has left has none', async () => {
  const fanOut = new FanOut();
  const told: string[] = [];
  const reader = new Reader('reader', told);
  fanOut.add(reader);
  fanOut.add(reader);
  await turn();
  await turn();
  assert.deepEqual(told, ['reader']);
  fanOut.add(reader);
  fanOut.remove(reader);
  await turn();
  assert.deepEqual(told, ['reader']);
});

test('one who leaves in the turn of another has no turn, and one who comes then has one', async () => {
  const fanOut = new FanOut();
  const told: string[] = [];
  const leaver = new Reader('leaver', told);
  fanOut.add({
    advance: () => {
      fanOut.remove(leaver);
      fanOut.add(new Reader('comer', told));
      return false;
    },
  });
  fanOut.add(leaver);
  await turn();
  await turn();
  assert.deepEqual(told, ['comer']);
});
