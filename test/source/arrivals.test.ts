import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { Arrivals } from '../../server/source/arrivals.ts';
import { temporaryFolder } from './discovering.ts';

test('of thousands of paths that come at once a few are judged at a time, each once, and beyond the bound they are handed back', async () => {
  let judging = 0;
  let mostAtOnce = 0;
  const judged: string[] = [];
  const overflow: string[] = [];
  const arrivals = new Arrivals({
    judge: async (path) => {
      judging += 1;
      mostAtOnce = Math.max(mostAtOnce, judging);
      await turn();
      judging -= 1;
      judged.push(path);
      return true;
    },
    onTrouble: (_path, error) => assert.fail(String(error)),
    onOverflow: (path) => overflow.push(path),
  });
  for (let index = 0; index < 25_000; index += 1) {
    arrivals.add(`/${index}`, 'touched');
    arrivals.add(`/${index}`, 'seen');
  }
  await arrivals.settle(60_000);
  assert.equal(mostAtOnce, 8);
  assert.equal(new Set(judged).size, judged.length);
  assert.equal(new Set([...judged, ...overflow]).size, 25_000);
  assert.ok(judged.length >= 20_000 && judged.length < 20_100, `${judged.length} were judged`);
});

test('one that was refused is not judged at each of its writes, nor when it is only seen', async (context) => {
  const path = join(await temporaryFolder(context), 'a.bin');
  writeFileSync(path, '');
  let judged = 0;
  const judge = async () => {
    judged += 1;
    return false;
  };
  const arrivals = new Arrivals({ judge, onTrouble: () => assert.fail(), onOverflow: () => assert.fail() });
  for (let round = 0; round < 10; round += 1) {
    arrivals.add(path, 'touched');
    arrivals.add(path, 'seen');
    await arrivals.settle(60_000);
    arrivals.again();
  }
  assert.equal(judged, 1);
});

test('one that is not there when it is judged is judged whenever it is touched', async () => {
  let judged = 0;
  const judge = async () => {
    judged += 1;
    return false;
  };
  const arrivals = new Arrivals({ judge, onTrouble: () => assert.fail(), onOverflow: () => assert.fail() });
  for (let round = 1; round <= 3; round += 1) {
    arrivals.add('/no/such/file', 'touched');
    await arrivals.settle(60_000);
    assert.equal(judged, round);
  }
});

test('waiting for what has come ends, though more comes all the time', { timeout: 10_000 }, async () => {
  let judged = 0;
  const judge = async () => {
    await turn();
    judged += 1;
    arrivals.add(`/${judged}`, 'touched');
    return true;
  };
  const arrivals = new Arrivals({ judge, onTrouble: () => assert.fail(), onOverflow: () => assert.fail() });
  arrivals.add('/0', 'touched');
  await arrivals.settle(100);
  arrivals.close();
  assert.ok(judged > 1);
});
