/**
 * `npm run soak`: what is too long for the test suite. Runs 2,000 seeds of the chaos harness in rounds, with the long runs between them,
 * prints how far it is and one table at the end; ends early, with that table, after `--minutes` or at Ctrl-C. Exits with 1 where
 * something is wrong, and says where the files and records of the seeds that failed are.
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { planOf } from './chaos/plan.ts';
import { runRound } from './chaos/round.ts';
import { Summary } from './chaos/summary.ts';

interface LongRun {
  readonly name: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

const ROOT = join(import.meta.dirname, '..');
const SCRATCH = mkdtempSync(join(tmpdir(), 'livefeed-soak-'));
/** The tests among them take another seed each time. */
const LONG_RUNS: readonly LongRun[] = [
  { name: 'livefeed prove', args: ['server/main.ts', 'prove', SCRATCH] },
  { name: 'kills while the writer never pauses', args: ['test/run.ts', 'e2e/kills'] },
  {
    name: '20 faults under a page that follows and 20 under one scrolled up',
    args: ['test/e2e/page-faults.test.ts'],
    env: { LIVEFEED_FAULTS: '20' },
  },
  { name: 'clients of many kinds, one oracle', args: ['test/run.ts', 'e2e/exact'] },
  { name: 'odd clients of 30 seeds', args: ['test/delivery/odd-clients.test.ts'], env: { SEEDS: '30' } },
  { name: '200 kills under eight publishers', args: ['test/e2e/publish-kills.test.ts'], env: { LIVEFEED_ROUNDS: '200' } },
  { name: 'power cuts and disks that fail', args: ['test/feed/journal/power.test.ts'], env: { SEEDS: '300' } },
  { name: 'an idle minute behind nginx and haproxy', args: ['test/run.ts', 'e2e/proxies'], env: { LIVEFEED_IDLE_S: '65' } },
  {
    name: 'a download of 3 GB that is cut and resumed',
    args: ['test/files/large-download.test.ts'],
    env: { LIVEFEED_RESUMED_MIB: '3072' },
  },
  { name: '10,000 clients that come and are cut', args: ['test/hardening/cuts.test.ts'], env: { LIVEFEED_CUTS: '10000' } },
  { name: 'axe in each state, theme and size of the page', args: ['test/browser/page-states.test.ts'], env: { AXE_ALL: '1' } },
  { name: 'rotators of npm', args: ['test/run.ts', 'e2e/rotators'] },
  { name: 'random pages, times and archives', args: ['test/run.ts', 'feed/file/paging', 'feed/file/find-time', 'archive-cache'] },
];
const LONG_RUN_LIMIT_MS = 900_000;
/** So many rounds lie between two long runs. */
const ROUNDS_BETWEEN = 5;
/** A limit for hangs, of a machine that has other things to do. */
const ARRIVE_MS = 120_000;
const KILLS = 2;

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    seeds: { type: 'string', default: '2000' },
    together: { type: 'string', default: '50' },
    minutes: { type: 'string', default: '90' },
  },
});
const first = wholeNumber(values.seed);
const count = wholeNumber(values.seeds);
const together = wholeNumber(values.together);
const minutes = wholeNumber(values.minutes);
const startedAt = performance.now();
const summary = new Summary();
const wrong: string[] = [];
let longRuns = 0;
let isStopped = false;
process.once('SIGINT', () => {
  isStopped = true;
});

let round = 0;
let seed = first;
for (; seed < first + count && !isOver(); seed += together) {
  if (round % ROUNDS_BETWEEN === 0) await runLong(LONG_RUNS[longRuns % LONG_RUNS.length] as LongRun);
  await runSeeds(Array.from({ length: Math.min(together, first + count - seed) }, (_, index) => seed + index));
  round += 1;
}
for (; longRuns < LONG_RUNS.length && !isOver(); ) await runLong(LONG_RUNS[longRuns] as LongRun);
rmSync(SCRATCH, { recursive: true, force: true });

if (seed < first + count) console.log(`ended early: the next seed is ${seed}`);
console.log(`\n${summary.text()}\n${longRuns} long runs, ${minutesSince(startedAt)} minutes`);
for (const line of wrong) console.log(`WRONG: ${line}`);
if (summary.failed.length > 0 || wrong.length > 0) process.exitCode = 1;

function isOver(): boolean {
  return isStopped || performance.now() - startedAt > minutes * 60_000;
}

async function runSeeds(seeds: readonly number[]): Promise<void> {
  const words = `seeds ${seeds[0]} to ${seeds.at(-1)}`;
  const begunAt = performance.now();
  try {
    const result = await runRound({ plans: seeds.map(planOf), kills: KILLS, arriveMs: ARRIVE_MS });
    summary.add(result);
    say(words, begunAt, summary.headline());
    for (const line of summary.problemsOf(result)) console.log(line);
  } catch (error) {
    fail(words, begunAt, String(error));
  }
}

async function runLong({ name, args, env }: LongRun): Promise<void> {
  longRuns += 1;
  const begunAt = performance.now();
  try {
    const options = { cwd: ROOT, env: { ...process.env, ...env }, timeout: LONG_RUN_LIMIT_MS };
    await promisify(execFile)(process.execPath, ['--import', 'tsx', ...args], options);
    say(name, begunAt, 'passed');
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    fail(name, begunAt, `${String(error)}\n${stdout}\n${stderr}`);
  }
}

function say(what: string, begunAt: number, words: string): void {
  const tookS = ((performance.now() - begunAt) / 1_000).toFixed(0);
  console.log(`${minutesSince(startedAt)} min: ${what}, ${tookS} s: ${words}`);
}

function fail(what: string, begunAt: number, why: string): void {
  wrong.push(what);
  say(what, begunAt, `FAILED\n${why}`);
}

function minutesSince(ms: number): string {
  return ((performance.now() - ms) / 60_000).toFixed(1);
}

function wholeNumber(text: string): number {
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < 1) throw new Error(`"${text}" is no whole number above 0`);
  return number;
}
