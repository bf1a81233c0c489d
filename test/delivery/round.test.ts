import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { type Behind, FanOut } from '../../server/delivery/fan-out.ts';
import { Round } from '../../server/delivery/round.ts';

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
  const round = new Round(fanOut);
  const members = [...names].map((name) => member(name, told));
  for (const one of members) round.add(one);
  return { fanOut, round, members };
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
  const { round: all, members } = round('ab', told);
  const change = () => {
    all.start();
    all.delete(members[0] as Behind);
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
  const { round: all, members } = round('abc', told);
  all.start();
  for (const one of members) all.delete(one);
  assert.equal(await untilQuiet(told), '');
  all.add(member('d', told));
  all.start();
  assert.equal(await untilQuiet(told), 'd');
});
