import { median } from '../quantiles.ts';
import { watchUsage } from '../usage.ts';
import type { Bench } from './bench.ts';
import type { Peer } from './peer.ts';
import { type Publishing, publish, type Target } from './publish.ts';
import type { Readers, Seen } from './readers.ts';

/** What a stretch of publishing came to. */
export interface Phase {
  readonly eventsPerSecond: number;
  readonly deliveriesPerSecond: number;
  readonly deliveriesPerCpuSecond: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
  readonly lost: number;
  readonly doubled: number;
  /** Events that came with one read. */
  readonly batch: number;
  readonly serverCpuPercent: number;
  readonly cpuSeconds: number;
  readonly deliveries: number;
  /** The server's main thread was ready to run, and another process had its core. */
  readonly serverWaitedPercent: number;
  readonly readersCpuPercent: number;
  /** How late the publisher was, ms: it shares its core with the readers. */
  readonly lateP99: number;
  readonly serverMib: number;
}

/** Readers who are that far behind have not kept up. */
const SETTLE_MS = 5_000;
let runs = 0;

/** A number for the events of a run, other than those of the runs before. */
export function nextRun(): number {
  runs = (runs % 98) + 1;
  return runs;
}

/** Publishes `seconds` of events at `rate`, and counts what comes to `group`. */
export async function runPhase(
  { scope, programs }: Bench,
  { pid, target }: { readonly pid: number; readonly target: Target },
  readers: Readers,
  { group = 0, ...wanted }: Omit<Publishing, 'run'> & { readonly group?: number },
): Promise<Phase> {
  const run = nextRun();
  await readers.measure(run, wanted.count);
  const usage = watchUsage(pid);
  const published = await publish(scope, programs.publisher, target, { ...wanted, run });
  const report = await readers.settled(published.published, SETTLE_MS, group);
  const used = usage.end();
  const seen = report.groups[group] as Seen;
  return {
    eventsPerSecond: published.published / published.seconds,
    deliveriesPerSecond: seen.distinct / used.seconds,
    deliveriesPerCpuSecond: seen.distinct / used.cpuSeconds,
    p50: seen.p50,
    p99: seen.p99,
    max: seen.max,
    lost: seen.expected - seen.distinct,
    doubled: seen.doubled,
    batch: seen.received / seen.reads,
    serverCpuPercent: (used.cpuSeconds / used.seconds) * 100,
    cpuSeconds: used.cpuSeconds,
    deliveries: seen.distinct,
    serverWaitedPercent: (used.waitedSeconds / used.seconds) * 100,
    readersCpuPercent: (report.cpuSeconds / report.seconds) * 100,
    lateP99: published.lateP99,
    serverMib: used.mostMib,
  };
}

/** Several phases of one server as one: what was counted is added up, and the latencies are the median of theirs. */
export function together(phases: readonly Phase[]): Phase {
  const all = (key: keyof Phase) => phases.map((phase) => phase[key]);
  const sum = (key: keyof Phase) => all(key).reduce((total, value) => total + value, 0);
  const most = (key: keyof Phase) => Math.max(...all(key));
  const mean = (key: keyof Phase) => sum(key) / phases.length;
  return {
    eventsPerSecond: mean('eventsPerSecond'),
    deliveriesPerSecond: mean('deliveriesPerSecond'),
    deliveriesPerCpuSecond: sum('deliveries') / sum('cpuSeconds'),
    p50: median(all('p50')),
    p99: median(all('p99')),
    max: most('max'),
    lost: sum('lost'),
    doubled: sum('doubled'),
    batch: mean('batch'),
    serverCpuPercent: mean('serverCpuPercent'),
    cpuSeconds: sum('cpuSeconds'),
    deliveries: sum('deliveries'),
    serverWaitedPercent: mean('serverWaitedPercent'),
    readersCpuPercent: mean('readersCpuPercent'),
    lateP99: most('lateP99'),
    serverMib: most('serverMib'),
  };
}

/** Makes the feeds, before anyone reads them: those that are published to are made by their first event. */
export async function makeFeeds({ scope, programs }: Bench, { target }: Peer, feeds = 1): Promise<void> {
  if ('file' in target) return;
  await publish(scope, programs.publisher, { ...target, feeds }, { run: 0, rate: 0, count: feeds, connections: 8 });
}

/** Everything has been compiled that will be, and the readers' buffers are warm. */
export async function warmUp(bench: Bench, peer: Peer, rate: number, seconds = 2): Promise<void> {
  await publish(bench.scope, bench.programs.publisher, peer.target, { run: 0, rate, count: Math.max(1, rate * seconds) });
}
