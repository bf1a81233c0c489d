import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { Channel } from '../../server/delivery/channel.ts';
import { FanOut } from '../../server/delivery/fan-out.ts';
import { sseSetFormat } from '../../server/delivery/formats.ts';
import { FramingTurns } from '../../server/delivery/framing-turns.ts';
import { WindowShare } from '../../server/delivery/window-share.ts';
import { MemoryLog } from '../../server/feed/memory-log.ts';
import { eventually } from '../source/eventually.ts';

/** Takes some time, as framing does, and then does `act`. */
function taking<T>(ms: number, act: () => T): T {
  const until = performance.now() + ms;
  while (performance.now() < until);
  return act();
}

test('what is framed alone is framed at once; many in one turn of the loop are spread over others, one after the other', async () => {
  const turns = new FramingTurns();
  const done: number[] = [];
  let loopTurns = 0;
  const count = () => {
    loopTurns += 1;
    if (done.length < 60) setImmediate(count);
  };
  turns.add({ frame: () => done.push(-1) < 0 });
  assert.deepEqual(done, [-1]);
  for (let item = 0; item < 60; item += 1) turns.add({ frame: () => taking(1, () => done.push(item) < 0) });
  assert.ok(done.length < 30, `${done.length} in one turn`);
  setImmediate(count);
  await eventually('all are framed', () => done.length === 61);
  assert.deepEqual(
    done,
    [...done].sort((a, b) => a - b),
    'in the order in which they came',
  );
  assert.ok(loopTurns >= 5, `${loopTurns} turns`);
});

test('one who has much to frame does not keep the others waiting, and whoever has left has no turn', async () => {
  const turns = new FramingTurns();
  let [much, other, left] = [0, 0, 0];
  turns.add({ frame: () => taking(1, () => ++much < 100) });
  const leaving = { frame: () => ++left < 0 };
  turns.add(leaving);
  turns.add({ frame: () => ++other < 0 });
  turns.remove(leaving);
  await eventually('the other is framed', () => other === 1);
  assert.ok(much < 50, `${much} pieces before`);
  await eventually('all is framed', () => much === 100);
  assert.equal(left, 0);
});

test('what has just come is framed before history that many wait for, which goes on all the same', async () => {
  const turns = new FramingTurns();
  let [history, live] = [0, 0];
  const readers = Array.from({ length: 60 }, () => turns.run(() => taking(1, () => history++)));
  const before = history;
  let news = 200;
  turns.add({ frame: () => taking(1, () => ++live < news) });
  await eventually('the news have their turn', () => live > 0);
  assert.ok(history < before + 20, `${history - before} before the news`);
  await Promise.all(readers);
  assert.ok(live < news, `all of history was framed while ${live} of ${news} came`);
  news = 0;
});

test('who fails to frame does not keep the others from it', async () => {
  const turns = new FramingTurns();
  const fail = () => {
    throw new Error('it cannot be framed');
  };
  assert.throws(() => turns.add({ frame: fail }), /cannot be framed/);
  await assert.rejects(turns.run(fail), /cannot be framed/);
  assert.equal(await turns.run(() => 'framed'), 'framed');
});

test('a burst in a feed that 100 sets read is framed in many turns of the loop, and everything comes in order', async (context) => {
  const log = new MemoryLog({ maxBytes: 1 << 24 });
  const fanOut = new FanOut();
  const share = new WindowShare(1 << 22);
  const channels = await Promise.all(Array.from({ length: 100 }, () => Channel.open(log, sseSetFormat(), share, fanOut)));
  context.after(() => {
    for (const channel of channels) channel.close();
  });
  for (let event = 0; event < 2_000; event += 1) log.append(`${event} ${'x'.repeat(100)}`);
  let turns = 0;
  while (channels.some((channel) => channel.cursor !== log.head)) {
    await turn();
    turns += 1;
    assert.ok(turns < 100_000);
  }
  assert.ok(turns > 10, `${turns} turns`);
  const numbers = [...String(channels.at(-1)?.window.from(0).framed).matchAll(/"data":"(\d+) /g)].map(([, number]) =>
    Number(number),
  );
  assert.deepEqual(
    numbers,
    Array.from({ length: numbers.length }, (_, number) => number),
  );
  assert.ok(numbers.length > 100);
});

test('a channel that cannot keep up forgets what waits, and its readers go on from the log', async (context) => {
  const log = new MemoryLog({ maxBytes: 1 << 26, maxEvents: 100_000 });
  const fanOut = new FanOut();
  const channel = await Channel.open(log, sseSetFormat(), new WindowShare(1 << 22), fanOut);
  context.after(() => channel.close());
  // Others take all the time there is.
  fanOut.framing.add({ frame: () => taking(10, () => channel.window.end < 1) });
  for (let event = 0; event < 20_000; event += 1) log.append('x'.repeat(200));
  await eventually('it has gone on', () => channel.cursor === log.head);
  const { position } = await log.locate({ at: 'head' });
  assert.equal(channel.window.find(position), channel.window.end);
});
