import assert from 'node:assert/strict';
import { closeSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { EventSource } from 'eventsource';
import { eventually } from '../source/eventually.ts';
import { scratchFolder } from './scratch.ts';
import { type Seeded, seeded } from './seed.ts';
import { startService } from './service.ts';

const ROUNDS = 1_000;
const APART_MS = 3;
const LIMIT_MS = 150;
/** A service that fails this often need not be watched for minutes. */
const ENOUGH_LATE = 20;
/** For hangs: what takes longer than this has been lost. */
const DEADLINE_MS = 5_000;

/** What watchers that throttle (chokidar's `change`) miss is just this: of two writes within 40 ms the second raises no event, and then nothing more comes. */
test('of two appends 3 ms apart, then silence, the second arrives within 150 ms, 1,000 times of 1,000', async (t) => {
  const file = join(scratchFolder(), 'burst.log');
  writeFileSync(file, '');
  const service = await startService(t, [file]);
  const arrivals = await readArrivals(t, `${service.url}/feeds/burst.log?since=start`);
  const tookMs = await burst(file, arrivals, seeded(t));

  tookMs.sort((a, b) => a - b);
  const late = tookMs.filter((ms) => ms > LIMIT_MS);
  const at = (share: number) => tookMs[Math.floor(share * (tookMs.length - 1))]?.toFixed(1);
  t.diagnostic(`the second line took p50 ${at(0.5)}, p99 ${at(0.99)}, at most ${at(1)} ms`);
  assert.equal(tookMs.length - late.length, ROUNDS, `${late.length} of ${tookMs.length} took longer than ${LIMIT_MS} ms`);
});

/** When each line arrived (performance.now). */
async function readArrivals(test: TestContext, url: string): Promise<Map<string, number>> {
  const arrivals = new Map<string, number>();
  const source = new EventSource(url);
  test.after(() => source.close());
  source.addEventListener('message', ({ data }) => arrivals.set(data, performance.now()));
  let isOpen = false;
  source.addEventListener('feed.open', () => {
    isOpen = true;
  });
  await eventually('the reader reads', () => isOpen);
  return arrivals;
}

/** Writes pair after pair, each after the one before has arrived; returns how long each second line took, ms. Gives up at many late ones. */
async function burst(file: string, arrivals: ReadonlyMap<string, number>, random: Seeded): Promise<number[]> {
  const handle = openSync(file, 'a');
  const tookMs: number[] = [];
  let late = 0;
  for (let round = 0; round < ROUNDS && late < ENOUGH_LATE; round += 1) {
    writeSync(handle, `${round} first\n`);
    waitActively(APART_MS);
    const writtenAt = performance.now();
    writeSync(handle, `${round} second\n`);
    await eventually(`line ${round} second arrives`, () => arrivals.has(`${round} second`), DEADLINE_MS);
    const ms = (arrivals.get(`${round} second`) as number) - writtenAt;
    tookMs.push(ms);
    if (ms > LIMIT_MS) late += 1;
    await delay(random.whole(0, 30));
  }
  closeSync(handle);
  return tookMs;
}

/** A timer would be late by a millisecond or two: this is 3 ms, every time, and holds only this process. */
function waitActively(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}
