import assert from 'node:assert/strict';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { type Behind, FanOut } from '../../server/delivery/fan-out.ts';
import { Round } from '../../server/delivery/round.ts';
import type { Seat } from '../../server/delivery/seats.ts';
import { Window } from '../../server/delivery/window.ts';
import type { Cursor } from '../../server/feed/cursor.ts';

/** Notes each turn, and does something in it. */
function member(name: string, told: string[], act: () => boolean = () => false): Behind {
  return {
    advance: () => {
      told.push(name);
      return act();
    },
  };
}

function round(names: string, told: string[]) {
  const fanOut = new FanOut();
  fanOut.someoneComes();
  const window = new Window({ generation: 0, offset: 0 }, { bytes: 1_000 });
  const round = new Round(fanOut, window);
  const seats = [...names].map((name) => round.add(member(name, told)));
  return { fanOut, window, round, seats };
}

async function untilQuiet(told: string[]): Promise<string> {
  for (let last = -1; last !== told.length; ) {
    last = told.length;
    await turn();
    await turn();
  }
  return told.join('');
}

test('news is one turn for each, and none without news', async () => {
  const told: string[] = [];
  const { round: all } = round('abc', told);
  assert.equal(await untilQuiet(told), '');
  all.start();
  all.start();
  assert.equal(await untilQuiet(told), 'abc');
  all.start();
  assert.equal(await untilQuiet(told), 'abcabc');
});

/** Does `act` in its first turn. */
function once(name: string, told: string[], act: () => void): Behind {
  let hasActed = false;
  return member(name, told, () => {
    if (!hasActed) act();
    hasActed = true;
    return false;
  });
}

test('news that comes while they go round is a turn more for those who had theirs, and none for the others', async () => {
  const told: string[] = [];
  const { round: all } = round('ab', told);
  all.add(once('N', told, () => all.start()));
  for (const name of 'cd') all.add(member(name, told));
  all.start();
  assert.equal(await untilQuiet(told), 'abNcdabN');
});

test('whoever leaves has no turn, and whoever comes takes none from the others', async () => {
  const told: string[] = [];
  const { round: all, seats } = round('ab', told);
  const change = () => {
    all.start();
    all.delete(seats[0] as Seat);
    all.add(member('z', told));
  };
  all.add(once('X', told, change));
  for (const name of 'cd') all.add(member(name, told));
  all.start();
  assert.match(await untilQuiet(told), /^abXcdzbXc?$/);
});

test('one who has more to come than a write has its turns among those who are behind', async () => {
  const told: string[] = [];
  const { round: all } = round('a', told);
  let left = 3;
  all.add(member('M', told, () => --left > 0));
  all.add(member('b', told));
  all.start();
  assert.equal(await untilQuiet(told), 'aMbMM');
});

test('those who go round and those who are behind share the turns', async () => {
  const told: string[] = [];
  const { round: all, fanOut } = round('r'.repeat(40), told);
  for (let index = 0; index < 40; index += 1) fanOut.add(member('b', told));
  all.start();
  await turn();
  assert.equal(told.join(''), `${'r'.repeat(10)}${'b'.repeat(10)}`);
  assert.equal((await untilQuiet(told)).length, 80);
});

test('latency is one value for a lap, from the news to the last who gets it', async () => {
  const told: string[] = [];
  const { round: all, fanOut } = round('ab', told);
  const { latency } = fanOut.figures;
  all.add(once('N', told, () => all.start()));
  all.add(member('c', told, () => void told.push(`${latency.figures.count}`) === undefined && false));
  all.start(performance.now() - 300);
  assert.equal(await untilQuiet(told), 'abNc0abN', 'nothing is measured before the last has its turn');
  const { count, maxMs } = latency.figures;
  assert.equal(count, 2, 'the news of the first lap, and that which came in it');
  assert.ok(maxMs >= 300 && maxMs < 5_000, `${maxMs}`);
});

test('a round whose members have all left ends', async () => {
  const told: string[] = [];
  const { round: all, seats } = round('abc', told);
  all.start();
  for (const seat of seats) all.delete(seat);
  assert.equal(await untilQuiet(told), '');
  all.add(member('d', told));
  all.start();
  assert.equal(await untilQuiet(told), 'd');
});

/** Where everyone is before anything has come. */
const START = { next: 0, position: { generation: 0, offset: 0 }, cursor: 'm-0' as Cursor };

function push(window: Window, text: string): void {
  const from = window.head;
  const to = { generation: 0, offset: from.offset + 1 };
  window.push({ from, to, bytes: Buffer.from(text), cursor: `m-${to.offset}` as Cursor });
}

/** A file that stands for a client: what a round has written to it. */
function client(context: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'livefeed-'));
  const file = join(folder, 'client');
  const descriptor = openSync(file, 'a+');
  context.after(() => {
    closeSync(descriptor);
    rmSync(folder, { recursive: true });
  });
  return { descriptor, read: () => readFileSync(file, 'utf8') };
}

test('whoever has lent its descriptor is written to there, and its place is known', async (context) => {
  const told: string[] = [];
  const { round: all, window, seats, fanOut } = round('ab', told);
  const { descriptor, read } = client(context);
  const [seat] = seats as [Seat];
  seat.lend(descriptor, START);
  push(window, 'one');
  all.start();
  assert.equal(await untilQuiet(told), 'b');
  push(window, 'two');
  all.start();
  all.start();
  assert.equal(await untilQuiet(told), 'bb');
  assert.equal(read(), '3\r\none\r\n3\r\ntwo\r\n');
  assert.deepEqual(seat.place, { next: 2, position: { generation: 0, offset: 2 }, cursor: 'm-2' });
  assert.equal(fanOut.figures.windowHits, 2);
  assert.equal(seat.takeBack()?.next, 2);
  assert.equal(seat.takeBack(), undefined);
  all.start();
  assert.equal(await untilQuiet(told), 'bbab');
});

test('those who are at one place have it in common, however they came there', async (context) => {
  const { round: all, window, seats } = round('ab', []);
  const [a, b] = seats as [Seat, Seat];
  for (const seat of [a, b]) seat.lend(client(context).descriptor, { ...START });
  push(window, 'one');
  all.start();
  await untilQuiet([]);
  assert.equal(a.place, b.place);
});

test('where the round cannot write, the member does, and is told what has been taken', async (context) => {
  const taken: (number | undefined)[] = [];
  const { round: all, window } = round('', []);
  const { descriptor } = client(context);
  const seats = [0, 1].map(() => all.add({ advance: (bytes) => taken.push(bytes) < 0 }));
  const [broken, behind] = seats as [Seat, Seat];
  push(window, 'x'.repeat(600));
  push(window, 'y'.repeat(600));
  broken.lend(2 ** 30, { ...START, next: 1 });
  behind.lend(descriptor, START);
  all.start();
  await untilQuiet([]);
  assert.deepEqual(taken, [0, undefined], 'one whose descriptor takes nothing, and one that is behind the window');
});

test('whoever comes and leaves, the others go round in the order in which they came', async () => {
  const told: string[] = [];
  const { round: all } = round('', told);
  const seats = new Map<string, Seat>();
  let [seed, expected] = [1, ''];
  const random = (below: number) => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed % below;
  };
  for (let step = 0; step < 400; step += 1) {
    const name = `${step},`;
    if (seats.size === 0 || random(8) < (step < 200 ? 6 : 2)) seats.set(name, all.add(member(name, told)));
    else {
      const [gone, seat] = [...seats][random(seats.size)] as [string, Seat];
      all.delete(seat);
      seats.delete(gone);
    }
    if (step % 20 !== 0) continue;
    all.start();
    await untilQuiet(told);
    const lap = told.splice(0);
    assert.deepEqual([...lap].sort(), [...seats.keys()].sort());
    expected = [...seats.keys()].join('');
    assert.ok(`${expected}${expected}`.includes(lap.join('')), 'around from where it was');
  }
});
