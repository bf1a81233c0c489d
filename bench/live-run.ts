import { once } from 'node:events';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type Scope, startChild } from '../test/e2e/child.ts';
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

const BEHIND_LIMIT_MS = 30_000;

/** One reader follows a file that a writer appends to; both, and the server, are gone at the end. */
export async function runLive(scope: Scope, folder: string, live: Live, pin: readonly string[]): Promise<LiveFigures> {
  const file = join(folder, 'live.log');
  await writeFile(file, '');
  const service = await startService(scope, [file], { before: pin });
  const tookMs = new Float64Array(live.rate * (live.warmUpSeconds + live.seconds)).fill(Number.NaN);
  const at = { port: service.port, path: '/feeds/live.log', shape: 'sse' } as const;
  const tally = streamLines(scope, at, (number, sentAtNs) => note(tookMs, number, sentAtNs));
  while (tally.bytes === 0) await delay(5);
  const writing = startWriter(scope, file, live);
  await delay(live.warmUpSeconds * 1_000);
  const usage = watchUsage(service.pid);
  const { count, lateMs } = await writing;
  const used = usage.end();
  const behindMs = await untilRead(tally, count);
  await service.stop();
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
