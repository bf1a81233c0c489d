/** `npm run chaos -- --seed N --rounds M`: runs the schedules of the seeds N to N + M - 1 and says what readers saw. */
import { parseArgs } from 'node:util';
import { planOf } from './plan.ts';
import { runRound } from './round.ts';

const { values } = parseArgs({
  options: { seed: { type: 'string' }, rounds: { type: 'string', default: '1' }, together: { type: 'string', default: '40' } },
});
const first = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31));
for (let at = first; at < first + Number(values.rounds); at += Number(values.together)) {
  const seeds = Array.from({ length: Math.min(Number(values.together), first + Number(values.rounds) - at) }, (_, i) => at + i);
  const t = performance.now();
  const { verdicts, output, folder } = await runRound({ plans: seeds.map(planOf), kills: 2 });
  console.log(`${seeds[0]}..${seeds.at(-1)} in ${Math.round(performance.now() - t)} ms; ${folder}`);
  for (const v of verdicts) {
    const { problems, ...rest } = v;
    console.log(JSON.stringify(rest));
    for (const p of problems.slice(0, 6)) console.log('   ', p.who, p.kind, p.words);
    if (problems.length > 6) console.log('   ...', problems.length);
  }
  if (output.length > 2000) console.log(output.slice(-1500));
}
