import { once } from 'node:events';
import { rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { endChild, type Scope, startChild } from '../test/e2e/child.ts';
import { freePort } from '../test/e2e/free-port.ts';
import { startService } from '../test/e2e/service.ts';
import { streamLines, type Tally } from './line-stream.ts';
import { quantile } from './quantiles.ts';
import { watchUsage } from './usage.ts';

export interface Live {
  /** Lines a second. */
  readonly rate: number;
  readonly linesAWrite: number;
  readonly warmUpSeconds: number;
  readonly seconds: number;
}

/** Milliseconds from just before a line's write to its arrival at the reader's socket, but for what says otherwise. */
export interface LiveFigures {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
  /** The same of plain-tail.mjs under the same load, just before. */
  readonly plainP50: number;
  readonly plainP99: number;
  readonly plainCpuPercent: number;
  /** Between the end of the writer and the arrival of its last line: what the service was behind. */
  readonly behindMs: number;
  /** How far the writer itself was behind its schedule at worst: lines are late by that, and not counted so. */
  readonly writerLateMs: number;
  /** For so long the server was ready to run while other processes had its core. */
  readonly waitedPercent: number;
  readonly serverCpuPercent: number;
  readonly serverMib: number;
  readonly lost: number;
  readonly doubled: number;
}

type OwnFigures = Omit<LiveFigures, 'plainP50' | 'plainP99' | 'plainCpuPercent'>;

const BEHIND_LIMIT_MS = 30_000;

/** What is measured: a process that follows a file and gives it to who asks. */
interface Server {
  readonly pid: number;
  readonly port: number;
  readonly path: string;
  stop(): Promise<unknown>;
}
type Start = (scope: Scope, file: string, pin: readonly string[]) => Promise<Server>;

/** One reader follows a file that a writer appends to, first from the plain tail and then from the service. */
export async function runLive(scope: Scope, folder: string, live: Live, pin: readonly string[]): Promise<LiveFigures> {
  const file = join(folder, 'live.log');
  const plain = await runOnce(scope, await prepared(scope, file, pin, startPlain), file, live);
  const figures = await runOnce(scope, await prepared(scope, file, pin, startOurs), file, live);
  return { ...figures, plainP50: plain.p50, plainP99: plain.p99, plainCpuPercent: plain.serverCpuPercent };
}

async function prepared(scope: Scope, file: string, pin: readonly string[], start: Start): Promise<Server> {
  await writeFile(file, '');
  return start(scope, file, pin);
}

const startOurs: Start = async (scope, file, pin) => {
  const service = await startService(scope, [file], { before: pin });
  return { pid: service.pid, port: service.port, path: `/feeds/${basename(file)}`, stop: () => service.stop() };
};

const startPlain: Start = async (scope, file, pin) => {
  const port = await freePort();
  const command = [...pin, process.execPath, join(import.meta.dirname, 'plain-tail.mjs'), file, String(port)];
  const child = startChild(scope, command, { stdio: ['ignore', 'pipe', 'inherit'] });
  if (child.stdout === null || child.pid === undefined) throw new Error('the plain tail has not started');
  await once(child.stdout, 'data');
  return { pid: child.pid, port, path: '/', stop: () => endChild(child, 'SIGTERM') };
};

/** Server and file are gone at the end. */
async function runOnce(scope: Scope, server: Server, file: string, live: Live): Promise<OwnFigures> {
  const tookMs = new Float64Array(live.rate * (live.warmUpSeconds + live.seconds)).fill(Number.NaN);
  const at = { port: server.port, path: server.path, shape: 'sse' } as const;
  const tally = streamLines(scope, at, (number, sentAtNs) => note(tookMs, number, sentAtNs));
  while (tally.bytes === 0) await delay(5);
  const writing = startWriter(scope, file, live);
  await delay(live.warmUpSeconds * 1_000);
  const usage = watchUsage(server.pid);
  const { count, lateMs } = await writing;
  const used = usage.end();
  const behindMs = await untilRead(tally, count);
  await server.stop();
  await rm(file);
  return {
    ...quantiles(tookMs.subarray(live.rate * live.warmUpSeconds, count)),
    behindMs,
    writerLateMs: lateMs,
    waitedPercent: (used.waitedSeconds / used.seconds) * 100,
    serverCpuPercent: (used.cpuSeconds / used.seconds) * 100,
    serverMib: used.mostMib,
    lost: tally.lost + count - tally.next,
    doubled: tally.doubled,
  };
}

function note(tookMs: Float64Array, number: number, sentAtNs: number): void {
  // The first arrival counts; a doubled line is counted as doubled.
  if (Number.isNaN(tookMs[number])) tookMs[number] = nowMs() - sentAtNs / 1e6;
}

/** CLOCK_MONOTONIC, as the writer takes it. */
function nowMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

async function startWriter(scope: Scope, file: string, live: Live): Promise<{ count: number; lateMs: number }> {
  const program = join(import.meta.dirname, 'burst-writer.mjs');
  const numbers = [live.rate, live.warmUpSeconds + live.seconds, live.linesAWrite].map(String);
  const child = startChild(scope, [process.execPath, program, file, ...numbers], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  await once(child, 'close');
  return JSON.parse(output);
}

async function untilRead(tally: Tally, count: number): Promise<number> {
  const from = performance.now();
  while (tally.next < count && performance.now() - from < BEHIND_LIMIT_MS) await delay(1);
  return performance.now() - from;
}

function quantiles(tookMs: Float64Array): { p50: number; p99: number; max: number } {
  const sorted = tookMs.filter((ms) => !Number.isNaN(ms)).sort();
  return { p50: quantile(sorted, 0.5), p99: quantile(sorted, 0.99), max: quantile(sorted, 1) };
}
