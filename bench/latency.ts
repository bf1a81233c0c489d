/**
 * How long a line takes from its append to an EventSource on the same machine, while 100 read and the file is rotated.
 *
 *     npm run bench:latency -- [--rate 1000] [--readers 100] [--rotate 5] [--seconds 20] [--runs 5]
 *
 * How it is honest:
 * - The real command runs as a process; where `taskset` and two cores are there it has a core of its own, writer and readers the other.
 * - The writer is a process too, and each line one unbuffered write with the time just before it. All take the time from one clock
 *   (CLOCK_MONOTONIC); a writer that falls behind does not make later lines look quicker, since it writes them with their own time.
 * - Some of the readers (`--measured`) are eventsource 4, and every one of their arrivals counts, the wait in their own event loop
 *   too; the others read the same bytes from sockets and count. `load CPU` says how busy the process of all readers was: near 100 %
 *   the figures are those of the load.
 * - Each run has a server of its own and is warmed up (`--warm-up`); told are median, least and most of `--runs` runs. Lost and
 *   doubled lines are counted over all readers and all of the run.
 * - Just after a rotation the service waits 250 ms for late lines of the old file, so p99 holds that wait; "p99 steady" leaves out
 *   the lines written in the 300 ms after a rotation.
 */
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { type Figures, type Load, runLatency } from './latency-run.ts';
import { pinServerAndLoad } from './pinning.ts';
import { median } from './quantiles.ts';

const DEFAULTS = { rate: 1_000, readers: 100, measured: 5, rotate: 5, seconds: 20, 'warm-up': 3, runs: 5 };
type Flag = keyof typeof DEFAULTS;

const ROWS: readonly [keyof Figures, string, string][] = [
  ['p50', 'p50', 'ms'],
  ['p99', 'p99', 'ms'],
  ['max', 'max', 'ms'],
  ['p99Steady', 'p99 steady', 'ms'],
  ['lost', 'lost', 'lines'],
  ['doubled', 'doubled', 'lines'],
  ['serverCpuPercent', 'server CPU', '%'],
  ['serverMib', 'server RSS', 'MiB'],
  ['loadCpuPercent', 'load CPU', '%'],
];

const flags = readFlags();
const pin = pinServerAndLoad();
const load: Load = {
  rate: flags.rate,
  readers: Math.max(flags.readers, flags.measured),
  measured: flags.measured,
  warmUpSeconds: flags['warm-up'],
  seconds: flags.seconds,
  rotateSeconds: flags.rotate,
  pin,
};
const runs: Figures[] = [];
for (let run = 1; run <= flags.runs; run += 1) {
  runs.push(await runLatency(load));
  process.stderr.write(`run ${run} of ${flags.runs} done\n`);
}
print(runs);

function readFlags(): Record<Flag, number> {
  const names = Object.keys(DEFAULTS) as Flag[];
  const options = Object.fromEntries(names.map((name) => [name, { type: 'string' as const }]));
  const { values } = parseArgs({ options });
  const numbers = names.map((name) => [name, Number(values[name] ?? DEFAULTS[name])] as const);
  const wrong = numbers.find(([, number]) => !Number.isInteger(number) || number < 1);
  if (wrong === undefined) return Object.fromEntries(numbers) as Record<Flag, number>;
  process.stderr.write(`--${wrong[0]} must be a whole number from 1 on\n`);
  process.exit(2);
}

function print(runs: readonly Figures[]): void {
  const machine = `${cpus()[0]?.model ?? 'unknown processor'}, ${cpus().length} cores, Node ${process.version}`;
  console.log(
    `append → EventSource: ${load.rate} lines/s of 150 bytes, ${load.readers} readers, rotated every ${load.rotateSeconds} s`,
  );
  console.log(
    `${runs.length} runs of ${load.seconds} s, server ${pin.length > 0 ? 'on a core of its own' : 'not pinned'}; ${machine}\n`,
  );
  console.log(row(['', 'median', 'least', 'most', '']));
  for (const [key, name, unit] of ROWS) {
    const values = runs.map((figures) => figures[key]);
    console.log(row([name, ...[median(values), Math.min(...values), Math.max(...values)].map(shown), unit]));
  }
  console.log(`\n${JSON.stringify({ bench: 'latency', load, machine, runs })}`);
}

function row([name = '', ...cells]: readonly string[]): string {
  return `${name.padEnd(12)}${cells.map((cell) => cell.padStart(10)).join('')}`;
}

function shown(value: number): string {
  return Number.isInteger(value) ? String(value) : value.toFixed(1);
}
