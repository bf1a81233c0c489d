import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Scope } from '../e2e/child.ts';
import { Seeded } from '../e2e/seed.ts';
import { type Service, startService } from '../e2e/service.ts';
import { eventually } from '../source/eventually.ts';
import { fetchFrames } from './http-frames.ts';
import type { Mutant } from './mutants.ts';
import { mutantImport } from './mutants.ts';
import { type Plan, pathName } from './plan.ts';
import { ReaderNotes } from './reader-notes.ts';
import { startReader } from './readers.ts';
import { parseRecord, type WriterEntry } from './record.ts';
import { type Verdict, verdictsOf } from './verdict.ts';
import { startWriter, type WriterProcess } from './writer-process.ts';

export interface RoundOptions {
  readonly plans: readonly Plan[];
  /** How often the service is killed. */
  readonly kills: number;
  readonly mutant?: Mutant;
  /** How long readers may take, after the writer has ended, to have its last line: a limit for hangs, ms. */
  readonly arriveMs?: number;
}

export interface RoundResult {
  readonly verdicts: readonly Verdict[];
  /** What the service printed last: of interest where something went wrong. */
  readonly output: string;
  /** Where the files and records are, kept where something went wrong. */
  readonly folder: string;
}

const ARRIVE_MS = 30_000;

/** Runs the plans, each on a file of its own, against one service that is killed now and then, and asks the checker. */
export async function runRound(options: RoundOptions): Promise<RoundResult> {
  const ends: (() => Promise<void>)[] = [];
  const scope: Scope = { after: (end) => void ends.push(end) };
  try {
    return await run(scope, options);
  } finally {
    for (const end of ends.reverse()) await end();
  }
}

async function run(scope: Scope, { plans, kills, mutant, arriveMs = ARRIVE_MS }: RoundOptions): Promise<RoundResult> {
  const folder = mkdtempSync(join(tmpdir(), 'livefeed-chaos-'));
  const writer = await startWriter(scope, plans, folder);
  const paths = plans.map((plan) => `s${plan.seed}=${join(folder, `s${plan.seed}`, pathName(plan))}`);
  const settings = ['--wait', '--window', '64k', '--partial-timeout', '100ms', '--log-level', 'warn'];
  const imports = mutant === undefined ? [] : [mutantImport(mutant)];
  const service = await startService(scope, [...paths, ...settings], { imports });
  const readers = plans.map((plan) => readersOf(scope, service, plan));
  const hasBegun = ({ entries }: ReaderNotes) => entries.some(({ what }) => what === 'line');
  await eventually('all readers have the first line', () => readers.flat().every(hasBegun), Math.max(arriveMs, ARRIVE_MS));
  writer.tell('up');
  await killNowAndThen(service, writer, kills, new Seeded(plans[0]?.seed ?? 0));
  await writer.ended;
  await allArrived(plans, readers, folder, arriveMs);
  const histories = await Promise.all(plans.map((plan) => askHistory(service, plan, arriveMs)));
  for (const [index, plan] of plans.entries()) {
    const notes = [...(readers[index] ?? []), ...(histories[index] ?? [])];
    const text = notes.map(({ record }) => `${JSON.stringify(record)}\n`).join('');
    writeFileSync(join(folder, `s${plan.seed}.readers`), text);
  }
  const verdicts = await verdictsOf(
    folder,
    plans.map(({ seed }) => seed),
  );
  if (verdicts.every(({ problems }) => problems.length === 0)) rmSync(folder, { recursive: true });
  return { verdicts, output: service.output, folder };
}

function readersOf(scope: Scope, service: Service, { seed, readers }: Plan): ReaderNotes[] {
  return readers.map((plan, index) => startReader(scope, `s${seed} reader ${index}`, `${service.url}/feeds/s${seed}`, plan));
}

/** Kills the process that listens, at random moments, and starts it again on the same port. */
async function killNowAndThen(service: Service, writer: WriterProcess, kills: number, random: Seeded): Promise<void> {
  for (let kill = 0; kill < kills; kill += 1) {
    await delay(random.whole(300, 1_500));
    await service.kill('SIGKILL');
    writer.tell('down');
    await delay(random.one([0, 0, 50, 400]));
    await service.start();
    writer.tell('up');
  }
  writer.tell('calm');
}

/** Waits until every reader has the last line of its file. The checker says who has not. */
async function allArrived(plans: readonly Plan[], readers: readonly ReaderNotes[][], folder: string, limitMs: number) {
  const last = plans.map(({ seed }) => lastHashOf(folder, seed));
  const deadline = performance.now() + limitMs;
  const isMissing = () => readers.some((notes, index) => notes.some((each) => !each.has(last[index] ?? '')));
  while (isMissing() && performance.now() < deadline) await delay(5);
  const left = Math.max(1_000, deadline - performance.now());
  await Promise.race([Promise.all(readers.flat().map((notes) => notes.settled())), delay(left, undefined, { ref: false })]);
}

function recordOf(folder: string, seed: number): WriterEntry[] {
  return parseRecord<WriterEntry>(readFileSync(join(folder, `s${seed}.writer`), 'utf8'));
}

function lastHashOf(folder: string, seed: number): string {
  const end = recordOf(folder, seed).find(({ what }) => what === 'end');
  return end?.what === 'end' ? end.lastHash : '';
}

/** What somebody is given who comes at the end and asks for all there is. */
async function askHistory(service: Service, plan: Plan, limitMs: number): Promise<ReaderNotes[]> {
  const url = `${service.url}/feeds/s${plan.seed}`;
  const notes = new ReaderNotes(`s${plan.seed} history`, url, 'history');
  const frames = await fetchFrames(`${url}?since=start&follow=false`, limitMs);
  if (frames === undefined) notes.broken(`the answer was cut or refused, or did not end in ${limitMs} ms`);
  for (const frame of frames ?? []) notes.take(frame, '');
  return [notes];
}
