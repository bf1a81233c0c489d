/**
 * `npm run chaos -- --seed N --rounds M`: runs the schedules of the seeds N to N + M - 1 (or of `--seeds A,B,C`) and says what
 * readers saw. Exits with 1 where something is wrong, and keeps the files and records then. `--together` is how many schedules
 * share one service. `--mutant NAME` runs the service made wrong in one way.
 */
import { parseArgs } from 'node:util';
import { MUTANTS } from './mutants.ts';
import { planOf } from './plan.ts';
import { runRound } from './round.ts';
import { Summary } from './summary.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    seeds: { type: 'string' },
    rounds: { type: 'string', default: '1' },
    together: { type: 'string', default: '40' },
    kills: { type: 'string', default: '2' },
    mutant: { type: 'string' },
  },
});
const first = values.seed === undefined ? Math.floor(Math.random() * 1e9) + 1 : wholeNumber('seed', values.seed);
const all =
  values.seeds === undefined
    ? Array.from({ length: wholeNumber('rounds', values.rounds) }, (_, index) => first + index)
    : values.seeds.split(',').map((seed) => wholeNumber('seeds', seed));
const together = Math.max(1, wholeNumber('together', values.together));
const kills = wholeNumber('kills', values.kills);
const mutant = MUTANTS.find(({ name }) => name === values.mutant);
if (values.mutant !== undefined && mutant === undefined)
  throw new Error(`no mutant is called ${values.mutant}: there are ${MUTANTS.map(({ name }) => `"${name}"`).join(', ')}`);

const summary = new Summary();
for (let at = 0; at < all.length; at += together) {
  const seeds = all.slice(at, at + together);
  const startedAt = performance.now();
  const result = await runRound({
    plans: seeds.map(planOf),
    kills,
    ...(mutant === undefined ? {} : { mutant, arriveMs: 6_000 }),
  });
  summary.add(result);
  console.log(`seeds ${seeds[0]} to ${seeds.at(-1)}: ${((performance.now() - startedAt) / 1_000).toFixed(1)} s`);
  for (const line of summary.problemsOf(result)) console.log(line);
}
console.log(summary.text());
if (summary.failed.length > 0) process.exitCode = 1;

function wholeNumber(name: string, text: string): number {
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < 0) throw new Error(`--${name} must be a whole number, not "${text}"`);
  return number;
}
