/**
 * How long the history of a tailed file takes to answer: the last lines, a time, pages backwards.
 *
 *     npm run bench:history -- [--sparse-gib 10] [--log-mib 1024] [--archive-mib 512] [--runs 7] [--folder DIR]
 *
 * How it is honest:
 * - The real command runs as a process on a core of its own, and is asked over HTTP; the time is from the request to the last byte of the
 *   answer, in this process, which reads it all. How many events came is checked against what was asked for.
 * - The first answer is told apart: it opens what is older, and inflates an archive. The others are told as median and most.
 * - `CPU` is the processor time of the service for an answer, which says more than the clock on a machine that has other things to do.
 * - What was written a moment ago lies in the page cache; a disk adds its own time for some 20 places of 64 KiB in a search by time.
 * - `sparse` is a file of one hole with 150,000 lines behind it, for what is read from the end; a time is looked for in a file that is real
 *   from its first byte to its last.
 */
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Scope } from '../test/e2e/child.ts';
import { startService } from '../test/e2e/service.ts';
import { pinServerAndLoad } from './pinning.ts';
import { cpuSeconds } from './process-figures.ts';
import { median } from './quantiles.ts';
import { compress, linesOf, timeOf, writeTimedLog } from './timed-log.ts';

interface Figure {
  readonly file: string;
  readonly asked: string;
  readonly events: number;
  readonly firstMs: number;
  readonly medianMs: number;
  readonly mostMs: number;
  /** Processor time of the service, on average. */
  readonly cpuMs: number;
}

/** A file as the service is to find it, and what to ask. */
interface Case {
  readonly name: string;
  readonly lines: number;
  readonly cacheBytes: number;
  write(path: string): Promise<void> | void;
}

const BEHIND_THE_HOLE = 150_000;

const { values } = parseArgs({
  options: {
    'sparse-gib': { type: 'string', default: '10' },
    'log-mib': { type: 'string', default: '1024' },
    'archive-mib': { type: 'string', default: '512' },
    runs: { type: 'string', default: '7' },
    folder: { type: 'string', default: tmpdir() },
  },
});
const sparseGib = wholeNumber('sparse-gib');
const logMib = wholeNumber('log-mib');
const archiveMib = wholeNumber('archive-mib');
const runs = wholeNumber('runs');
const pin = pinServerAndLoad();
const figures: Figure[] = [];
for (const each of cases()) figures.push(...(await measure(each)));
print();

function cases(): Case[] {
  const archive = async (path: string) => {
    writeTimedLog(path, linesOf(archiveMib));
    await compress(path, `${path}.1.gz`);
    writeFileSync(path, '');
  };
  const [logLines, archiveLines] = [linesOf(logMib), linesOf(archiveMib)];
  return [
    {
      name: `sparse, ${sparseGib} GiB`,
      lines: BEHIND_THE_HOLE,
      cacheBytes: 0,
      write: (path) => writeTimedLog(path, BEHIND_THE_HOLE, sparseGib * 1024 ** 3),
    },
    { name: `log, ${logMib} MiB`, lines: logLines, cacheBytes: 0, write: (path) => writeTimedLog(path, logLines) },
    { name: `archive of ${archiveMib} MiB, kept`, lines: archiveLines, cacheBytes: 2 * archiveMib * 1024 ** 2, write: archive },
    { name: `archive of ${archiveMib} MiB, linear`, lines: archiveLines, cacheBytes: 1024 ** 2, write: archive },
  ];
}

async function measure({ name, lines, cacheBytes, write }: Case): Promise<Figure[]> {
  const folder = mkdtempSync(join(values.folder, 'livefeed-bench-'));
  const ends: (() => Promise<void>)[] = [];
  const scope: Scope = { after: (end) => void ends.push(end) };
  try {
    const path = join(folder, 'bench.log');
    await write(`${path}.new`);
    renameAll(`${path}.new`, path);
    const service = await startService(scope, [path, '--archive-cache', String(cacheBytes)], { before: pin });
    const url = `${service.url}/feeds/bench.log?format=ndjson`;
    const queries = name.startsWith('sparse') ? fromTheEnd() : [...fromTheEnd(), ...deep(lines, await cursorAt(url, lines >> 1))];
    const made: Figure[] = [];
    for (const [asked, query, events] of queries)
      made.push({ file: name, asked, ...(await time(service.pid, `${url}&${query}`, events)) });
    return made;
  } finally {
    for (const end of ends.reverse()) await end();
    rmSync(folder, { recursive: true });
  }
}

/** What is asked, as people and as the service read it, and how many events that is. */
type Query = readonly [asked: string, query: string, events: number];

function fromTheEnd(): Query[] {
  return [
    ['last=1000', 'last=1000&follow=false', 1_000],
    ['last=100000', 'last=100000&follow=false', 100_000],
    ['before=head&limit=1000', 'before=head&limit=1000', 1_000],
  ];
}

function deep(lines: number, cursor: string): Query[] {
  const at = lines >> 1;
  return [
    ['since=TIME&until=TIME, 1,000 lines', `since=${timeOf(at)}&until=${timeOf(at + 1_000)}`, 1_000],
    ['since=TIME, the last 1,000', `since=${timeOf(lines - 1_000)}&follow=false`, 1_000],
    ['before=CURSOR&limit=1000', `before=${cursor}&limit=1000`, 1_000],
    ['before=CURSOR&limit=10000', `before=${cursor}&limit=10000`, 10_000],
  ];
}

async function time(pid: number, url: string, events: number): Promise<Omit<Figure, 'file' | 'asked'>> {
  const tookMs: number[] = [];
  let cpuBefore = 0;
  for (let run = 0; run <= runs; run += 1) {
    if (run === 1) cpuBefore = cpuSeconds(pid);
    const startedAt = performance.now();
    const body = await (await fetch(url)).text();
    tookMs.push(performance.now() - startedAt);
    const came = body.split('"type":"message"').length - 1;
    if (came !== events) throw new Error(`${url}: ${came} events came, not ${events}`);
  }
  const cpuMs = ((cpuSeconds(pid) - cpuBefore) * 1_000) / runs;
  const [firstMs = Number.NaN, ...others] = tookMs;
  return { events, firstMs, medianMs: median(others), mostMs: Math.max(...others), cpuMs };
}

async function cursorAt(url: string, line: number): Promise<string> {
  const body = await (await fetch(`${url}&since=${timeOf(line)}&until=${timeOf(line)}`)).text();
  return JSON.parse(body.split('\n')[0] ?? '').id;
}

/** What was written under one name, with the parts that go with it. */
function renameAll(from: string, to: string): void {
  renameSync(from, to);
  try {
    renameSync(`${from}.1.gz`, `${to}.1.gz`);
  } catch {
    // It has no older part.
  }
}

function wholeNumber(name: 'sparse-gib' | 'log-mib' | 'archive-mib' | 'runs'): number {
  const number = Number(values[name]);
  if (Number.isInteger(number) && number > 0) return number;
  process.stderr.write(`--${name} must be a whole number from 1 on\n`);
  process.exit(2);
}

function print(): void {
  const machine = `${cpus()[0]?.model ?? 'unknown processor'}, ${cpus().length} cores, Node ${process.version}`;
  console.log(`History: lines of 150 bytes, ${runs} runs and a first one; ${machine}\n`);
  console.log(row(['file', 'asked', 'first ms', 'median ms', 'most ms', 'CPU ms']));
  for (const { file, asked, firstMs, medianMs, mostMs, cpuMs } of figures)
    console.log(row([file, asked, ...[firstMs, medianMs, mostMs, cpuMs].map((ms) => ms.toFixed(1))]));
  console.log(`\n${JSON.stringify({ bench: 'history', sparseGib, logMib, archiveMib, runs, machine, figures })}`);
}

function row([file = '', asked = '', ...cells]: readonly string[]): string {
  return `${file.padEnd(32)}${asked.padEnd(38)}${cells.map((cell) => cell.padStart(11)).join('')}`;
}
