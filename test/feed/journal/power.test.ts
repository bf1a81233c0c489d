import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Lives, type LivesOptions } from './lives.ts';
import type { Faults, Random } from './power-disk.ts';

/** More with `SEEDS=1000`. */
const SEEDS = Number(process.env.SEEDS ?? 10);
/** Whether a sync is needed shows only in some of the lives: in these, when this was written, and if not, in others. */
const MUTANT_SEEDS = [1, 2, 5, 34, 41, 42, 46, 56, ...Array.from({ length: 300 }, (_, index) => index + 1)];

describe('a journal on a disk that loses its power, and in a process that is killed', () => {
  test('loses nothing that was acknowledged with fsync always, and gives no cursor to another event', async () =>
    void (await runAll('always')));

  for (const fsync of ['interval', 'never', 'mixed'] as const)
    test(`with fsync ${fsync} gives no cursor that was seen to another event`, async () => void (await runAll(fsync)));

  test('keeps that promise on a disk that is full, fails to write, or fails to sync', async () => {
    let refused = 0;
    for (const rate of [0.03, 0.2]) refused += await runAll('always', (random) => failingDisk(random, rate));
    assert.ok(refused > 0, 'something has been refused');
  });

  test('needs every sync that it does: without any one of them, something is lost', async () => {
    const survivors: string[] = [];
    const syncs = await syncsOf(['always', 'mixed', 'never']);
    for (const sync of syncs) if (!(await isMissed(sync))) survivors.push(sync);
    assert.ok(syncs.length >= 10, `${syncs.length} places that sync`);
    assert.deepEqual(survivors, []);
  });
});

/** Answers how many appends were refused. */
async function runAll(fsync: LivesOptions['fsync'], faults?: (random: Random) => Faults): Promise<number> {
  let refused = 0;
  for (let seed = 1; seed <= SEEDS; seed += 1) {
    const lives = new Lives({ seed, fsync, ...(faults === undefined ? {} : { faults }) });
    await lives.run().catch((error: Error) => {
      throw new Error(`seed ${seed}: ${error.message}`, { cause: error });
    });
    refused += lives.refused;
  }
  return refused;
}

const CODES = {
  open: ['ENOSPC', 'EIO'],
  write: ['ENOSPC', 'EIO'],
  sync: ['EIO'],
  truncate: ['EIO'],
  rename: ['ENOSPC'],
  unlink: ['EIO'],
  syncFolder: ['EIO'],
} as const;

function failingDisk(random: Random, rate: number): Faults {
  return { fault: (act) => (random() < rate ? CODES[act][Math.floor(random() * CODES[act].length)] : undefined) };
}

async function syncsOf(modes: readonly LivesOptions['fsync'][]): Promise<string[]> {
  const syncs = new Set<string>();
  for (const fsync of modes)
    for (let seed = 1; seed <= 5; seed += 1) {
      const lives = new Lives({ seed, fsync });
      await lives.run();
      for (const sync of lives.syncs) syncs.add(sync);
    }
  return [...syncs].filter((sync) => !sync.endsWith(' test'));
}

/** Whether somebody loses something when that sync does nothing. */
async function isMissed(sync: string): Promise<boolean> {
  for (const seed of MUTANT_SEEDS)
    for (const fsync of ['always', 'mixed', 'never'] as const) {
      const lives = new Lives({ seed, fsync, faults: () => ({ ignores: (kind) => kind === sync }) });
      const isLost = await lives.run().then(
        () => false,
        () => true,
      );
      if (isLost) return true;
    }
  return false;
}
