import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { TimerWheel } from '../../server/delivery/timer-wheel.ts';
import { eventually } from '../source/eventually.ts';

/** The clock of the wheel under control: only the interval is mocked, its owner decides by what `tick` answers. */
function wheelOf(context: TestContext): { wheel: TimerWheel; pass: (ms: number) => void } {
  context.mock.timers.enable({ apis: ['setInterval'] });
  const wheel = new TimerWheel();
  context.after(() => wheel.close());
  const pass = (ms: number) => {
    for (let passed = 0; passed < ms; passed += 250) context.mock.timers.tick(250);
  };
  return { wheel, pass };
}

function counting(answers: number | undefined): { ticks: number; tick: () => number | undefined } {
  return {
    ticks: 0,
    tick() {
      this.ticks += 1;
      return answers;
    },
  };
}

test('a turn comes after the delay, and again after each delay that it asks for', (context) => {
  const { wheel, pass } = wheelOf(context);
  const each = counting(1_000);
  wheel.add(each, 2_000);
  pass(1_750);
  assert.equal(each.ticks, 0);
  pass(250);
  assert.equal(each.ticks, 1);
  pass(10_000);
  assert.equal(each.ticks, 11);
});

test('whoever answers undefined has no other turn', (context) => {
  const { wheel, pass } = wheelOf(context);
  const once = counting(undefined);
  wheel.add(once, 250);
  pass(120_000);
  assert.equal(once.ticks, 1);
});

test('whoever has been removed has no turn, also when it is removed in the turn of another', (context) => {
  const { wheel, pass } = wheelOf(context);
  const gone = counting(250);
  wheel.add(gone, 500);
  wheel.remove(gone);
  wheel.remove(gone);
  pass(1_000);
  assert.equal(gone.ticks, 0);
});

test('being added again moves the turn, it does not double it', (context) => {
  const { wheel, pass } = wheelOf(context);
  const moved = counting(undefined);
  wheel.add(moved, 500);
  wheel.add(moved, 1_000);
  pass(750);
  assert.equal(moved.ticks, 0);
  pass(250);
  assert.equal(moved.ticks, 1);
  pass(70_000);
  assert.equal(moved.ticks, 1);
});

test('a delay of nothing is one step, a minute is a minute, and more than the wheel has is cut to what it has', (context) => {
  const { wheel, pass } = wheelOf(context);
  const [soon, minute, far] = [counting(undefined), counting(undefined), counting(undefined)];
  wheel.add(soon, 0);
  wheel.add(minute, 60_000);
  wheel.add(far, 3_600_000);
  pass(250);
  assert.equal(soon.ticks, 1);
  pass(59_500);
  assert.equal(minute.ticks, 0);
  pass(250);
  assert.equal(minute.ticks, 1);
  assert.equal(far.ticks, 0);
  pass(3_750);
  assert.equal(far.ticks, 1);
});

test('a closed wheel turns no more', (context) => {
  const { wheel, pass } = wheelOf(context);
  const each = counting(250);
  wheel.add(each, 250);
  wheel.close();
  pass(10_000);
  assert.equal(each.ticks, 0);
});

test('thousands who are due together have their turns in many turns of the loop, and whoever leaves meanwhile has none', async (context) => {
  const { wheel, pass } = wheelOf(context);
  let ticks = 0;
  const slow = () => ({
    tick() {
      const until = performance.now() + 1;
      while (performance.now() < until);
      ticks += 1;
      return undefined;
    },
  });
  const [gone, moved, again] = [counting(undefined), counting(undefined), counting(250)];
  for (let number = 0; number < 100; number += 1) wheel.add(slow(), 250);
  for (const one of [gone, moved, again]) wheel.add(one, 250);
  pass(250);
  assert.ok(ticks > 0 && ticks < 50, `${ticks} in one turn of the loop`);
  wheel.remove(gone);
  wheel.add(moved, 500);
  let turns = 0;
  const count = () => {
    turns += 1;
    if (ticks < 100) setImmediate(count);
  };
  setImmediate(count);
  await eventually('all have had theirs', () => ticks === 100 && again.ticks === 1);
  assert.ok(turns > 5, `${turns} turns of the loop`);
  assert.deepEqual([gone.ticks, moved.ticks], [0, 0]);
  pass(500);
  await eventually('who was moved has its own', () => moved.ticks === 1 && again.ticks >= 2);
});
