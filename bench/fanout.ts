/**
 * What it costs to give one event to thousands of readers, beside nchan (an nginx module in C) in the same run.
 *
 *     npm run bench:fanout -- [--rounds 5] [--seconds 5] [--readers 2000] [--only half,high,idle,stalled,reconnect,scale]
 *
 * It needs `cc` (apt-get install -y build-essential), and nchan to compare with: apt-get install -y nginx-light libnginx-mod-nchan.
 *
 * `half`: both at 20 events/s and at half of what nchan can do, with a journal, one that does not wait for the disk (nchan keeps events in
 * memory), and memory. `high`: 700 events/s, then up or down to the highest rate at which all comes in 250 ms, for each kind of log.
 * `idle`: memory of 10,000 readers, beside nchan's. `stalled`: one who takes nothing for 200 MB. `reconnect`: 10,000 come back within 15 s.
 * `scale`: what a delivery costs with more readers and more feeds.
 *
 * How it is honest:
 * - The real command and a real nginx with one worker run as processes, on the same core, one after the other (`half`: side by side, and
 *   published to by turns); readers and publisher have the other core. These are C (readers.c, publisher.c): Node as 2,000 clients would cost more than what is measured. `readers
 *   CPU` near 100 %, or a publisher that is late, mean that the figures are those of the load.
 * - Each event has a number and the time just before it was written; a reader counts lost, doubled and late ones by these.
 *   A latency ends when the bytes are read, so it holds the time for which the readers' core was busy with other readers.
 * - Events have 150 bytes, and are published over HTTP on 32 kept-alive connections; to a file and to standard input as a line a
 *   write. A figure is of a server that has been warmed up at that rate.
 * - Processor time is that of the server's process (/proc/PID/stat), with what the kernel does for it within its calls.
 * - Just before each round a fixed loop runs on the server's core (spin.c): wall over CPU is what other processes had of it.
 *   Ratios within a round are what to compare. Told are the median, the least and the most of `--rounds`.
 */
import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Bench } from './fanout/bench.ts';
import { half } from './fanout/half.ts';
import { high } from './fanout/high.ts';
import { idle } from './fanout/idle.ts';
import { missingNchan, nchanVersion } from './fanout/nchan.ts';
import { measureNoise, type Noise } from './fanout/noise.ts';
import { compilePrograms } from './fanout/programs.ts';
import { reconnect } from './fanout/reconnect.ts';
import { scale } from './fanout/scale.ts';
import { stalled } from './fanout/stalled.ts';
import { print, type Table } from './fanout/table.ts';
import { readFlags, refuse } from './flags.ts';
import { pinServerAndLoad } from './pinning.ts';

const DEFAULTS = { rounds: 5, seconds: 5, readers: 2_000 };
const CASES: Readonly<Record<string, (bench: Bench) => Promise<readonly Table[]>>> = {
  half,
  high,
  idle,
  stalled,
  reconnect,
  scale,
};

const { numbers, only } = readFlags(DEFAULTS, Object.keys(CASES));
const missing = missingNchan();
if (missing !== undefined) refuse(missing);
const ends: (() => Promise<void>)[] = [];
const folder = await mkdtemp(join(tmpdir(), 'livefeed-bench-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
const pin = pinServerAndLoad();
const bench: Bench = {
  scope: { after: (end) => void ends.push(end) },
  folder,
  programs: compilePrograms(folder),
  pin,
  ...numbers,
};
const machine = `${cpus()[0]?.model ?? 'unknown processor'}, ${cpus().length} cores, Node ${process.version}, ${nchanVersion()}`;
console.log(`server ${pin.length > 0 ? 'on a core of its own' : 'not pinned'}; ${machine}`);
const results: Record<string, { readonly rounds: readonly Table[]; readonly noise: readonly Noise[] }> = {};
try {
  for (const [name, run] of Object.entries(CASES)) if (only.length === 0 || only.includes(name)) await runCase(name, run);
  console.log(`\n${JSON.stringify({ bench: 'fanout', flags: numbers, machine, results })}`);
} finally {
  for (const end of ends.reverse()) await end();
}

async function runCase(name: string, run: (bench: Bench) => Promise<readonly Table[]>): Promise<void> {
  const noise: Noise[] = [];
  const rounds: (readonly Table[])[] = [];
  for (let round = 0; round < numbers.rounds; round += 1) {
    noise.push(measureNoise(bench));
    rounds.push(await run(bench));
  }
  const spins = noise.map(({ wallMs, cpuMs }) => `${Math.round(wallMs)}/${Math.round(cpuMs)}`).join(', ');
  console.log(`\n== ${name}; the fixed loop took, wall/CPU ms: ${spins}`);
  const tables = rounds[0]?.map((_, index) => rounds.flatMap((tables) => tables[index] ?? [])) ?? [];
  for (const table of tables) print(table);
  results[name] = { rounds: rounds.flat(), noise };
}
