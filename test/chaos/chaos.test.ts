import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seeded } from '../e2e/seed.ts';
import { KEPT_SEEDS } from './kept-seeds.ts';
import { MUTANTS } from './mutants.ts';
import { planOf } from './plan.ts';
import { runRound } from './round.ts';
import { Summary } from './summary.ts';

const RANDOM_SEEDS = 10;
const KILLS = 2;

test('whatever happens to files, readers and the service, every line comes once, or a gap beside what destroyed it', async (t) => {
  const { seed: first } = seeded(t);
  const random = Array.from({ length: RANDOM_SEEDS }, (_, index) => first + index);
  // The mutants' seeds as well: what finds a mutant must find nothing where there is none.
  const seeds = [...new Set([...random, ...KEPT_SEEDS, ...MUTANTS.flatMap((mutant) => mutant.seeds)])];
  const result = await runRound({ plans: seeds.map(planOf), kills: KILLS });

  const summary = new Summary();
  summary.add(result);
  t.diagnostic(summary.headline());
  const again = summary.failed.map((seed) => `  npm run chaos -- --seed ${seed}`);
  const together = `  npm run chaos -- --seeds ${seeds.join(',')} --together ${seeds.length}`;
  const words = [...summary.problemsOf(result), 'again, alone:', ...again, 'again, all of them:', together];
  assert.deepEqual(summary.failed, [], words.join('\n'));
  assert.deepEqual(
    result.verdicts.map(({ seed }) => seed),
    seeds,
    'each seed has its verdict',
  );
});
