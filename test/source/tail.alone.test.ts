import assert from 'node:assert/strict';
import { appendFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { Batch } from '../../server/feed/batch.ts';
import { discovering, temporaryFolder } from './discovering.ts';
import { eventually } from './eventually.ts';

test('a line that is appended the moment a reader comes is not kept waiting for the next sweep', async (context) => {
  const folder = await temporaryFolder(context);
  const path = join(folder, 'a.log');
  writeFileSync(path, 'old\n');
  const { start, registry } = discovering(context);
  await start(path);
  await delay(200);
  const log = registry.get('a.log')?.log;
  assert.ok(log);
  let slowest = 0;
  for (let round = 0; round < 10; round += 1) {
    const batches: Batch[] = [];
    const asking = log.follow({ batch: (batch) => batches.push(batch), partial: () => undefined });
    for (let turns = 0; turns < round; turns += 1) await new Promise((resolve) => setImmediate(resolve));
    appendFileSync(path, 'new\n');
    const start = performance.now();
    const following = await asking;
    const isBehindIt = following.position.offset === 4 + 4 * (round + 1);
    await eventually('the line has come', () => isBehindIt || batches.length > 0);
    slowest = Math.max(slowest, performance.now() - start);
    following.stop();
    await delay(20);
  }
  assert.ok(slowest < 500, `the slowest took ${Math.round(slowest)} ms`);
});

test('a file and a link to it that are both followed are both woken by one write', async (context) => {
  const [folder, other] = [await temporaryFolder(context), await temporaryFolder(context)];
  writeFileSync(join(folder, 'a.log'), 'old\n');
  symlinkSync(join(folder, 'a.log'), join(other, 'link.log'));
  const { start, registry } = discovering(context);
  await start(join(folder, 'a.log'), join(other, 'link.log'));
  const told: Record<string, number> = {};
  for (const name of ['a.log', 'link.log']) {
    told[name] = 0;
    const count = (batch: Batch) => {
      if (batch.kind === 'events') told[name] = (told[name] ?? 0) + batch.count;
    };
    await registry.get(name)?.log.follow({ batch: count, partial: () => undefined });
  }
  await delay(200);
  let slowest = 0;
  for (let round = 1; round <= 5; round += 1) {
    appendFileSync(join(folder, 'a.log'), 'new\n');
    const start = performance.now();
    await eventually('both have it', () => Object.values(told).every((count) => count === round));
    slowest = Math.max(slowest, performance.now() - start);
    await delay(100 + 70 * round);
  }
  assert.ok(slowest < 500, `the slowest took ${Math.round(slowest)} ms`);
});
