/**
 * The writer, a program of its own: does what the plans say, each in a folder of its own, and writes down what it did.
 *
 *     node --import tsx test/chaos/writer.ts PLANS FOLDER
 *
 * Its standard input tells it, a word a line, when the service goes `down`, comes `up`, and that no more kills will come: `calm`.
 */
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Plan } from './plan.ts';
import { ScheduleWriter } from './schedule-writer.ts';
import { ServiceTurns } from './service-turns.ts';

const [plansPath = '', folder = ''] = process.argv.slice(2);
const plans = JSON.parse(readFileSync(plansPath, 'utf8')) as Plan[];
const turns = new ServiceTurns();
const words = createInterface(process.stdin);

const writers = plans.map((plan) => ({ plan, writer: new ScheduleWriter(plan, join(folder, `s${plan.seed}`), turns) }));
// Every file is there: the service can start.
process.stdout.write('ready\n');
// Before the first word is awaited: the next ones may come with it.
words.on('line', (word) => turns.take(word));
await once(words, 'line');

await Promise.all(writers.map(({ writer }) => writer.run()));
// All end at the same time: never has the service more to look at.
await Promise.all(writers.map(({ writer }) => writer.end()));
for (const { plan, writer } of writers) {
  const text = writer.record.map((entry) => `${JSON.stringify(entry)}\n`).join('');
  writeFileSync(join(folder, `s${plan.seed}.writer`), text);
}
words.close();
process.stdin.destroy();
