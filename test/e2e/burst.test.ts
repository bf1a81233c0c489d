import assert from 'node:assert/strict';
import { closeSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { EventSource } from 'eventsource';
import { LoopStalls } from '../loop-stalls.ts';
import { eventually } from '../source/eventually.ts';
import { waitedForCpuMs } from '../waited-for-cpu.ts';
import { scratchFolder } from './scratch.ts';
import { type Seeded, seeded } from './seed.ts';
import { startService } from './service.ts';

const ROUNDS = 1_000;
const APART_MS = 3;
const LIMIT_MS = 150;
const MOST_SILENCE_MS = 10;
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
  const stalls = new LoopStalls();
  t.after(() => stalls.stop());
  const rounds = await burst({ file, pid: service.pid, arrivals, stalls, random: seeded(t) });

  const tookMs = rounds.map((round) => round.tookMs).sort((a, b) => a - b);
  const late = rounds.filter(isLate);
  const at = (share: number) => tookMs[Math.floor(share * (tookMs.length - 1))]?.toFixed(1);
  t.diagnostic(`the second line took p50 ${at(0.5)}, p99 ${at(0.99)}, at most ${at(1)} ms`);
  assert.equal(tookMs.length - late.length, ROUNDS, `late, ms: ${JSON.stringify(late)}`);
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

interface Round {
  readonly tookMs: number;
  /** Of that, what other work of the machine took from the reader and the service. */
  readonly heldUpMs: number;
}

interface Burst {
  readonly file: string;
  readonly pid: number;
  readonly arrivals: ReadonlyMap<string, number>;
  readonly stalls: LoopStalls;
  readonly random: Seeded;
}

/** Writes pair after pair, each after the one before has arrived; returns how long each second line took. Gives up at many late ones. */
async function burst({ file, pid, arrivals, stalls, random }: Burst): Promise<Round[]> {
  const handle = openSync(file, 'a');
  const rounds: Round[] = [];
  for (let round = 0; round < ROUNDS && rounds.filter(isLate).length < ENOUGH_LATE; round += 1) {
    writeSync(handle, `${round} first\n`);
    waitActively(APART_MS);
    const waitedMs = waitedForCpuMs(pid);
    const writtenAt = performance.now();
    writeSync(handle, `${round} second\n`);
    await eventually(`line ${round} second arrives`, () => arrivals.has(`${round} second`), DEADLINE_MS);
    const arrivedAt = arrivals.get(`${round} second`) as number;
    const heldUpMs = stalls.longestMs(writtenAt, arrivedAt) + waitedForCpuMs(pid) - waitedMs;
    rounds.push({ tookMs: arrivedAt - writtenAt, heldUpMs });
    await delay(random.whole(0, MOST_SILENCE_MS));
  }
  closeSync(handle);
  return rounds;
}

function isLate({ tookMs, heldUpMs }: Round): boolean {
  return tookMs - heldUpMs > LIMIT_MS;
}

/** A timer would be late by a millisecond or two: this is 3 ms, every time, and holds only this process. */
function waitActively(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}
