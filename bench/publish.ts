/**
 * How many events a second are published over HTTP, each acknowledged.
 *
 *     npm run bench:publish -- [--seconds 5] [--runs 3] [--bytes 100]
 *
 * How it is honest:
 * - The real command runs as a process; where `taskset` and two cores are there it has a core of its own, and the load the other.
 * - An event counts when its acknowledgement has come: the 201, or its line of the answer. With `always` that is behind an fsync.
 *   How long one takes on this disk is measured just before, by writing as many bytes and syncing, one after the other.
 * - Publishers that wait for each answer measure the way there and back as well; `wait` is theirs. The load is raw sockets, so that it
 *   costs less than what is measured; `load CPU` near 100 % means that the figure is that of the load.
 * - Each figure has a server of its own on an empty folder and is warmed up for a second; told is the median of `--runs` runs.
 */
import { closeSync, fsyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { startService } from '../test/e2e/service.ts';
import { pinServerAndLoad } from './pinning.ts';
import { type PublishLoad, publishOneByOne, publishStream } from './publish-load.ts';
import { median, quantile } from './quantiles.ts';
import { watchUsage } from './usage.ts';

interface Figures {
  readonly perSecond: number;
  readonly waitMs: number;
  readonly serverCpuPercent: number;
  readonly loadCpuPercent: number;
}

const FSYNCS = ['always', 'interval', 'never'] as const;
const SYNCS = 200;

const { values } = parseArgs({
  options: { seconds: { type: 'string' }, runs: { type: 'string' }, bytes: { type: 'string' } },
});
const seconds = Number(values.seconds ?? 5);
const runs = Number(values.runs ?? 3);
const data = 'x'.repeat(Number(values.bytes ?? 100));
const LOADS: readonly [string, (port: number) => PublishLoad][] = [
  ['1 publisher', (port) => publishOneByOne(port, 1, data)],
  ['64 publishers', (port) => publishOneByOne(port, 64, data)],
  ['1 NDJSON stream', (port) => publishStream(port, data)],
];

const pin = pinServerAndLoad();
const syncMs = fsyncMs();
console.log(`${cpus()[0]?.model}, Node ${process.version}; events of ${data.length} bytes; fsync ${syncMs.toFixed(2)} ms`);
const table: Record<string, string | number>[] = [];
for (const [load, start] of LOADS)
  for (const fsync of FSYNCS) {
    const figures: Figures[] = [];
    for (let run = 0; run < runs; run += 1) figures.push(await measure(fsync, start));
    const of = (name: keyof Figures) => median(figures.map((one) => one[name]));
    table.push({
      load,
      fsync,
      'events/s': Math.round(of('perSecond')),
      'wait ms': Number(of('waitMs').toFixed(2)),
      'server CPU %': Math.round(of('serverCpuPercent')),
      'load CPU %': Math.round(of('loadCpuPercent')),
    });
  }
console.table(table);
console.log(JSON.stringify({ syncMs, table }));

async function measure(fsync: string, start: (port: number) => PublishLoad): Promise<Figures> {
  const ends: (() => Promise<void>)[] = [];
  const scope = { after: (end: () => Promise<void>) => void ends.push(end) };
  const folder = mkdtempSync(join(tmpdir(), 'livefeed-bench-'));
  const args = ['--no-demo', '--log-level', 'silent', '--data', join(folder, 'data'), '--fsync', fsync];
  const service = await startService(scope, args, { before: pin });
  const load = start(service.port);
  await delay(1_000);
  const before = load.acknowledged;
  const waitsBefore = load.waitsMs.length;
  const usage = watchUsage(service.pid);
  await delay(seconds * 1_000);
  const used = usage.end();
  const acknowledged = load.acknowledged - before;
  const waits = Float64Array.from(load.waitsMs.slice(waitsBefore)).sort();
  load.stop();
  for (const end of ends) await end();
  rmSync(folder, { recursive: true });
  return {
    perSecond: acknowledged / used.seconds,
    waitMs: quantile(waits, 0.5),
    serverCpuPercent: (used.cpuSeconds / used.seconds) * 100,
    loadCpuPercent: used.ownCpuPercent,
  };
}

/** One fsync behind a small write, on the disk of the folders that are measured. */
function fsyncMs(): number {
  const folder = mkdtempSync(join(tmpdir(), 'livefeed-bench-'));
  const file = openSync(join(folder, 'file'), 'a');
  const times = Array.from({ length: SYNCS }, () => {
    const startedAt = performance.now();
    writeSync(file, data);
    fsyncSync(file);
    return performance.now() - startedAt;
  });
  closeSync(file);
  rmSync(folder, { recursive: true });
  return median(times);
}
