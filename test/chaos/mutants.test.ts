import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { describe, it } from 'node:test';
import { MUTANTS, type Mutant } from './mutants.ts';
import { planOf } from './plan.ts';
import { runRound } from './round.ts';

/** Some show themselves only where two things happen at the same moment, which a busy machine may prevent once. */
const ROUNDS = 2;
/** What has not come until then does not come: long enough for a machine that stalls, short of the 5 s after which a watch begins again. */
const ARRIVE_MS = 2_500;

// That the same seeds find nothing where there is no mutant, chaos.test.ts shows.
describe('the chaos checker finds out a service that has been made wrong', { concurrency: true }, () => {
  for (const mutant of MUTANTS)
    it(`"${mutant.name}" shows as ${mutant.shows.join(' or ')}`, async () => {
      const found = new Set<string>();
      for (let round = 0; round < ROUNDS && !mutant.shows.some((kind) => found.has(kind)); round += 1)
        for (const kind of await problemsOf(mutant)) found.add(kind);
      assert.ok(
        mutant.shows.some((kind) => found.has(kind)),
        `its seeds found ${[...found].join(', ') || 'nothing'}; again: npm run chaos -- --mutant "${mutant.name}" --seeds ${mutant.seeds.join(',')} --kills 0`,
      );
    });
});

async function problemsOf(mutant: Mutant): Promise<string[]> {
  const { verdicts, folder } = await runRound({ plans: mutant.seeds.map(planOf), kills: 0, mutant, arriveMs: ARRIVE_MS });
  rmSync(folder, { recursive: true, force: true });
  return verdicts.flatMap(({ problems }) => problems.map(({ kind }) => kind));
}
