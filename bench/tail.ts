/**
 * How fast a tailed file is read: from its start by one reader, and live while it is appended to.
 *
 *     npm run bench:tail -- [--megabytes 2048] [--runs 5] [--seconds 10] [--files 5000] [--only sse,burst]
 *
 * How it is honest:
 * - The real command runs as a process; where `taskset` and two cores are there it has a core of its own, all of its threads
 *   included, and reader and writer have the other.
 * - The reader is a bare socket of Node that reads into one buffer (`onread`) and takes the number of every line: no client. `reader
 *   CPU` says how busy it was; near 100 % the figures are those of the reader. Lost and doubled lines are counted by number.
 * - The log (`--megabytes`, 2^20 each) is lines of 150 bytes with CRLF; in `odd` one line in 20 is not ASCII and one in 500 not UTF-8. It
 *   has just been written, so it is read from memory where memory has room for it.
 * - Each case has a server of its own and one run that is not counted; told are median, least and most of `--runs` runs. Memory
 *   grown is the most at any time over what the server had before its first reader, the uncounted run included.
 * - Where other processes use its core, `waits left out` takes from the time that for which the server's main thread was ready to run
 *   and had no core (/proc/PID/schedstat). Processor seconds for a million lines are those of the whole server process.
 * - Just before each run plain-loop.mjs reads the same file on the server's core: a loop that makes a hash, an id and a frame of each
 *   line and sends nothing. Where the machine is slower for a while, both are: `times the plain loop` is what to compare.
 *   Live, plain-tail.mjs has had the same load just before: a file that is read every 5 ms and framed, nothing else.
 * - Live, a line's time is taken just before the write that holds it, and again when its bytes have come to the reader; the
 *   writer's own lateness is told beside. `follow` is `since=start` without an end: what a page asks for.
 */
import { rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Scope } from '../test/e2e/child.ts';
import { readFlags } from './flags.ts';
import { type IdleFigures, runIdle } from './idle-run.ts';
import { type Live, type LiveFigures, runLive } from './live-run.ts';
import { type Content, LINE_BYTES, writeNumberedLog } from './numbered-log.ts';
import { pinServerAndLoad } from './pinning.ts';
import { median } from './quantiles.ts';
import { type Replay, type ReplayFigures, runReplay } from './replay-run.ts';

const DEFAULTS = { megabytes: 2_048, runs: 5, seconds: 10, files: 5_000 };

const REPLAYS: Readonly<Record<string, Replay & { readonly content: Content }>> = {
  sse: { content: 'plain', shape: 'sse', query: 'since=start&follow=false' },
  follow: { content: 'plain', shape: 'sse', query: 'since=start' },
  text: { content: 'plain', shape: 'text', query: 'since=start&follow=false' },
  ndjson: { content: 'plain', shape: 'ndjson', query: 'since=start&follow=false' },
  batch: { content: 'plain', shape: 'batch', query: 'since=start&follow=false&batch=100' },
  'sse-odd': { content: 'odd', shape: 'sse', query: 'since=start&follow=false' },
};
/** 64 KiB a write, as buffered writers do; and one line a write, from many and from few. */
const LIVE: Readonly<Record<string, Pick<Live, 'rate' | 'linesAWrite'>>> = {
  burst: { rate: 200_000, linesAWrite: 436 },
  single: { rate: 20_000, linesAWrite: 1 },
  calm: { rate: 1_000, linesAWrite: 1 },
};
const NAMES = [...Object.keys(REPLAYS), ...Object.keys(LIVE), 'idle'];

const REPLAY_ROWS: readonly [keyof ReplayFigures, string][] = [
  ['linesPerSecond', 'lines/s'],
  ['linesPerSecondOfCore', 'lines/s, waits left out'],
  ['fileMbPerSecond', 'MB/s of file'],
  ['cpuSecondsPerMillion', 'CPU s / 10^6 lines'],
  ['plainCpuSecondsPerMillion', 'the same, plain loop'],
  ['timesPlain', 'times the plain loop'],
  ['grownMib', 'memory grown, MiB'],
  ['readerCpuPercent', 'reader CPU, %'],
  ['lost', 'lost'],
  ['doubled', 'doubled'],
];
const LIVE_ROWS: readonly [keyof LiveFigures, string][] = [
  ['p50', 'append → socket p50, ms'],
  ['p99', 'p99, ms'],
  ['max', 'max, ms'],
  ['plainP50', 'plain tail p50, ms'],
  ['plainP99', 'plain tail p99, ms'],
  ['behindMs', 'behind at the end, ms'],
  ['writerLateMs', 'writer late, ms'],
  ['waitedPercent', 'server waited for core, %'],
  ['serverCpuPercent', 'server CPU, %'],
  ['plainCpuPercent', 'plain tail CPU, %'],
  ['serverMib', 'server RSS, MiB'],
  ['lost', 'lost'],
  ['doubled', 'doubled'],
];
const IDLE_ROWS: readonly [keyof IdleFigures, string][] = [
  ['serverCpuPercent', 'server CPU, %'],
  ['serverMib', 'server RSS, MiB'],
];

const { numbers, only } = readFlags(DEFAULTS, NAMES);
const pin = pinServerAndLoad();
const machine = `${cpus()[0]?.model ?? 'unknown processor'}, ${cpus().length} cores, Node ${process.version}`;
const results: Record<string, readonly unknown[]> = {};
const ends: (() => Promise<void>)[] = [];
const scope: Scope = { after: (end) => void ends.push(end) };
const folder = await mkdtemp(join(tmpdir(), 'livefeed-bench-'));
// However it ends, the file of gigabytes goes with it; the server is killed before that.
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
try {
  console.log(`server ${pin.length > 0 ? 'on a core of its own' : 'not pinned'}; ${machine}`);
  await runReplays();
  for (const [name, load] of Object.entries(LIVE)) if (isWanted(name)) await live(name, load);
  if (isWanted('idle')) await idle();
  console.log(`\n${JSON.stringify({ bench: 'tail', flags: numbers, machine, results })}`);
} finally {
  for (const end of ends.reverse()) await end();
}

async function runReplays(): Promise<void> {
  for (const content of ['plain', 'odd'] as const) {
    const wanted = Object.entries(REPLAYS).filter(([name, replay]) => replay.content === content && isWanted(name));
    if (wanted.length === 0) continue;
    const path = join(folder, 'bench.log');
    const count = writeNumberedLog(path, numbers.megabytes, content);
    const file = { path, name: 'bench.log', count, bytes: count * LINE_BYTES };
    for (const [name, replay] of wanted) {
      const runs = await runReplay(scope, file, replay, { runs: numbers.runs, pin });
      print(name, `${count} lines of ${content} text, ?${replay.query}`, runs, REPLAY_ROWS);
    }
    await rm(path);
  }
}

async function live(name: string, load: Pick<Live, 'rate' | 'linesAWrite'>): Promise<void> {
  const runs: LiveFigures[] = [];
  for (let run = 0; run < numbers.runs; run += 1)
    runs.push(await runLive(scope, folder, { ...load, warmUpSeconds: 2, seconds: numbers.seconds }, pin));
  print(name, `${load.rate} lines/s appended, ${load.linesAWrite} a write`, runs, LIVE_ROWS);
}

async function idle(): Promise<void> {
  const figures = await runIdle(scope, folder, { files: numbers.files, seconds: 2 * numbers.seconds, pin });
  print('idle', `${numbers.files} files watched that nobody reads`, [figures], IDLE_ROWS);
}

function isWanted(name: string): boolean {
  return only.length === 0 || only.includes(name);
}

function print<Figures>(name: string, title: string, runs: readonly Figures[], rows: readonly [keyof Figures, string][]): void {
  results[name] = runs;
  console.log(`\n${name}: ${title}`);
  console.log(row(['', 'median', 'least', 'most']));
  for (const [key, label] of rows) {
    const values = runs.map((figures) => Number(figures[key]));
    console.log(row([label, ...[median(values), Math.min(...values), Math.max(...values)].map(shown)]));
  }
}

function row([name = '', ...cells]: readonly string[]): string {
  return `  ${name.padEnd(26)}${cells.map((cell) => cell.padStart(12)).join('')}`;
}

function shown(value: number): string {
  if (Number.isInteger(value)) return String(value);
  return value >= 1_000 ? Math.round(value).toLocaleString('en') : value.toFixed(value < 10 ? 2 : 1);
}
