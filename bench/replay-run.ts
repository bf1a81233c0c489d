import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Scope } from '../test/e2e/child.ts';
import { type Service, startService } from '../test/e2e/service.ts';
import { type Shape, streamLines, type Tally } from './line-stream.ts';
import { residentMib } from './process-figures.ts';
import { watchUsage } from './usage.ts';

export interface Replay {
  readonly shape: Shape;
  /** What is asked for behind the feed's name. */
  readonly query: string;
}

export interface ReplayFigures {
  readonly linesPerSecond: number;
  /** The same without the time for which the server was ready and other processes had its core. */
  readonly linesPerSecondOfCore: number;
  /** Megabytes (10^6) of the file a second. */
  readonly fileMbPerSecond: number;
  /** Processor seconds of the server, user and system, for a million lines. */
  readonly cpuSecondsPerMillion: number;
  /** The same of plain-loop.mjs, which has read the file just before this run. */
  readonly plainCpuSecondsPerMillion: number;
  /** What a line costs the service over what it costs the plain loop. */
  readonly timesPlain: number;
  /** The most memory of the server in this run over what it had before anybody had read, MiB. */
  readonly grownMib: number;
  readonly readerCpuPercent: number;
  readonly lost: number;
  readonly doubled: number;
}

export interface NumberedFile {
  readonly path: string;
  readonly name: string;
  readonly count: number;
  readonly bytes: number;
}

const HANG_MS = 300_000;

/** One reader at a time reads `file` from its start, `runs` times after a first time that is not counted; each after a plain loop. */
export async function runReplay(
  scope: Scope,
  file: NumberedFile,
  replay: Replay,
  { runs, pin }: { readonly runs: number; readonly pin: readonly string[] },
): Promise<ReplayFigures[]> {
  const service = await startService(scope, [file.path], { before: pin });
  const mibBefore = residentMib(service.pid);
  const figures: ReplayFigures[] = [];
  for (let run = 0; run <= runs; run += 1) {
    const plain = await loopPlainly(file, pin);
    figures.push(await readOnce(service, file, replay, { mibBefore, plain }));
  }
  await service.stop();
  return figures.slice(1);
}

/** Processor seconds of a million lines. */
async function loopPlainly({ path, count }: NumberedFile, pin: readonly string[]): Promise<number> {
  const [command, ...words] = [...pin, process.execPath, join(import.meta.dirname, 'plain-loop.mjs'), path] as const;
  const { stdout } = await promisify(execFile)(command as string, words);
  const looped: { readonly count: number; readonly cpuSeconds: number } = JSON.parse(stdout);
  if (looped.count !== count) throw new Error(`the plain loop found ${looped.count} lines of ${count}`);
  return (looped.cpuSeconds / count) * 1e6;
}

async function readOnce(
  service: Service,
  file: NumberedFile,
  replay: Replay,
  { mibBefore, plain }: { readonly mibBefore: number; readonly plain: number },
): Promise<ReplayFigures> {
  const ends: (() => Promise<void>)[] = [];
  const usage = watchUsage(service.pid);
  const path = `/feeds/${file.name}?${replay.query}`;
  const tally = streamLines({ after: (end) => void ends.push(end) }, { port: service.port, path, shape: replay.shape });
  await untilRead(tally, file.count);
  const used = usage.end();
  for (const end of ends) await end();
  const cpuSecondsPerMillion = (used.cpuSeconds / file.count) * 1e6;
  return {
    linesPerSecond: file.count / used.seconds,
    linesPerSecondOfCore: file.count / (used.seconds - used.waitedSeconds),
    fileMbPerSecond: file.bytes / used.seconds / 1e6,
    cpuSecondsPerMillion,
    plainCpuSecondsPerMillion: plain,
    timesPlain: cpuSecondsPerMillion / plain,
    grownMib: used.mostMib - mibBefore,
    readerCpuPercent: used.ownCpuPercent,
    lost: tally.lost + file.count - tally.next,
    doubled: tally.doubled,
  };
}

/** Until the last line has come, or the stream has ended without it. */
async function untilRead(tally: Tally, count: number): Promise<void> {
  const deadline = performance.now() + HANG_MS;
  while (tally.next < count && !tally.hasEnded) {
    if (performance.now() > deadline) throw new Error(`only ${tally.next} of ${count} lines in ${HANG_MS} ms`);
    await delay(1);
  }
}
