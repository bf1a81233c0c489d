import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type Scope, startChild } from '../test/e2e/child.ts';
import { startService } from '../test/e2e/service.ts';
import { cpuSeconds, residentMib } from './process-figures.ts';
import { quantile } from './quantiles.ts';
import { countingReader, measuringReader, type Tally } from './readers.ts';

export interface Load {
  readonly rate: number;
  readonly readers: number;
  /** Of the readers, those that are eventsource 4 and whose arrivals are measured. */
  readonly measured: number;
  readonly warmUpSeconds: number;
  readonly seconds: number;
  readonly rotateSeconds: number;
  /** Put before the server's command. */
  readonly pin: readonly string[];
}

/** Milliseconds, but for what says otherwise. */
export interface Figures {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
  /** Of the lines that were not written within ROTATION_MS of a rotation. */
  readonly p99Steady: number;
  readonly lost: number;
  readonly doubled: number;
  readonly serverCpuPercent: number;
  readonly serverMib: number;
  readonly loadCpuPercent: number;
}

/** The service leaves an old file when it has been quiet for 250 ms, so lines of this time after a rotation are late on purpose. */
const ROTATION_MS = 300;
const SETTLE_DEADLINE_MS = 20_000;

/** One run: its own server, file, writer and readers, all gone at its end. */
export async function runLatency(load: Load): Promise<Figures> {
  const ends: (() => Promise<void>)[] = [];
  const scope: Scope = { after: (end) => void ends.push(end) };
  const folder = await mkdtemp(join(tmpdir(), 'livefeed-bench-'));
  try {
    return await measure(scope, join(folder, 'bench.log'), load);
  } finally {
    for (const end of ends.reverse()) await end();
    await rm(folder, { recursive: true, force: true });
  }
}

async function measure(scope: Scope, file: string, load: Load): Promise<Figures> {
  await writeFile(file, '');
  const service = await startService(scope, [file], { before: load.pin });
  const url = `${service.url}/feeds/bench.log?since=start`;
  const total = load.rate * (load.warmUpSeconds + load.seconds);
  const arrivals = Array.from({ length: load.measured }, () => new Float64Array(total).fill(Number.NaN));
  const tallies = [
    ...arrivals.map((tookMs) => measuringReader(scope, url, (number, sentAt) => note(tookMs, number, sentAt))),
    ...Array.from({ length: load.readers - load.measured }, () => countingReader(scope, url)),
  ];
  await until('all readers read', async () => (await readersOf(service.url)) === load.readers);

  const writing = startWriter(scope, file, load);
  await delay(load.warmUpSeconds * 1_000);
  const usage = startUsage(service.pid);
  const { count, rotatedAt } = await writing;
  const used = usage.end();
  await until('all lines have come', async () => tallies.every(({ next }) => next === count)).catch(() => undefined);
  return figures(arrivals, rotatedAt, load, { ...used, ...summed(tallies, count) });
}

function note(tookMs: Float64Array, number: number, sentAt: bigint): void {
  // The first arrival counts: a doubled line would make it look better or worse than it is, and is counted as doubled.
  if (Number.isNaN(tookMs[number])) tookMs[number] = Number(process.hrtime.bigint() - sentAt) / 1e6;
}

async function startWriter(scope: Scope, file: string, load: Load): Promise<{ count: number; rotatedAt: number[] }> {
  const program = join(import.meta.dirname, 'timed-writer.mjs');
  const numbers = [load.rate, load.warmUpSeconds + load.seconds, load.rotateSeconds].map(String);
  const child = startChild(scope, [process.execPath, program, file, ...numbers], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  await once(child, 'close');
  return JSON.parse(output);
}

function figures(
  arrivals: readonly Float64Array[],
  rotatedAt: readonly number[],
  load: Load,
  rest: Pick<Figures, 'lost' | 'doubled' | 'serverCpuPercent' | 'serverMib' | 'loadCpuPercent'>,
): Figures {
  const nearby = (ROTATION_MS / 1_000) * load.rate;
  const isSteady = (number: number) => !rotatedAt.some((first) => number >= first && number < first + nearby);
  const first = load.warmUpSeconds * load.rate;
  const taken = (wanted: (number: number) => boolean) =>
    Float64Array.from(
      arrivals.flatMap((tookMs) => [...tookMs].filter((ms, at) => at >= first && !Number.isNaN(ms) && wanted(at))),
    ).sort();
  const all = taken(() => true);
  const [p50, p99, max] = [quantile(all, 0.5), quantile(all, 0.99), quantile(all, 1)];
  return { p50, p99, max, p99Steady: quantile(taken(isSteady), 0.99), ...rest };
}

/** Over all readers, those that only count too. Lines that never came are lost. */
function summed(tallies: readonly Tally[], count: number): { lost: number; doubled: number } {
  const lost = tallies.reduce((sum, tally) => sum + tally.lost + count - tally.next, 0);
  return { lost, doubled: tallies.reduce((sum, tally) => sum + tally.doubled, 0) };
}

/** Processor time and the most memory of the server, and the processor time of this process, which reads. */
function startUsage(pid: number) {
  const startedAt = performance.now();
  const before = cpuSeconds(pid);
  const ownBefore = process.cpuUsage();
  let serverMib = residentMib(pid);
  const timer = setInterval(() => {
    serverMib = Math.max(serverMib, residentMib(pid));
  }, 250);
  return {
    end() {
      clearInterval(timer);
      const seconds = (performance.now() - startedAt) / 1_000;
      const own = process.cpuUsage(ownBefore);
      return {
        serverMib,
        serverCpuPercent: ((cpuSeconds(pid) - before) / seconds) * 100,
        loadCpuPercent: ((own.user + own.system) / 1e6 / seconds) * 100,
      };
    },
  };
}

async function readersOf(url: string): Promise<number> {
  const answer = await fetch(`${url}/healthz`);
  return ((await answer.json()) as { readers: number }).readers;
}

async function until(what: string, condition: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + SETTLE_DEADLINE_MS;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`not within ${SETTLE_DEADLINE_MS} ms: ${what}`);
    await delay(20);
  }
}
