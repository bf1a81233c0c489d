import { type Bench, livefeed, withPeer } from './bench.ts';
import { makeFeeds, type Phase, runPhase } from './phase.ts';
import type { Table } from './table.ts';

/** Deliveries a second that leave each event a write of its own, so that what is compared is the same work. */
const DELIVERIES_PER_SECOND = 20_000;
/** Publishing this many leaves the server room: what it costs at its limit cannot be told from what it leaves undone. */
const MAX_EVENTS_PER_SECOND = 1_000;
const READERS = [100, 1_000, 10_000];
const FEEDS = [1, 10, 100, 2_000];
const FEED_READERS = 10_000;
const ROWS: Table['rows'] = [
  ['microseconds', 'CPU a delivery, us'],
  ['batch', 'events a read'],
  ['lost', 'lost'],
  ['p99', 'p99, ms'],
  ['serverCpuPercent', 'server CPU, %'],
];

/**
 * What a delivery costs with more readers, and with more feeds. Publishing and framing are taken off: the same is published to one
 * reader a feed, and what that costs is not counted.
 */
export async function scale(bench: Bench): Promise<readonly Table[]> {
  const readers: Record<string, object> = {};
  for (const count of READERS) readers[`${count} readers`] = await costOf(bench, count, 1);
  const feeds: Record<string, object> = {};
  for (const count of FEEDS) feeds[`${count} feeds`] = await costOf(bench, FEED_READERS, count);
  return [
    { title: 'scale-readers: one feed', rows: ROWS, columns: readers },
    { title: `scale-feeds: ${FEED_READERS} readers`, rows: ROWS, columns: feeds },
  ];
}

async function costOf(bench: Bench, readers: number, feeds: number): Promise<Readonly<Record<string, number>>> {
  const rate = Math.min(MAX_EVENTS_PER_SECOND, Math.max(2, Math.round((DELIVERIES_PER_SECOND * feeds) / readers)));
  const few = await deliver(bench, feeds, feeds, rate);
  const many = await deliver(bench, readers, feeds, rate);
  const microseconds = ((many.cpuSeconds - few.cpuSeconds) / (many.deliveries - few.deliveries)) * 1e6;
  return { microseconds, batch: many.batch, lost: many.lost, p99: many.p99, serverCpuPercent: many.serverCpuPercent };
}

async function deliver(bench: Bench, count: number, feeds: number, rate: number): Promise<Phase> {
  return await withPeer(bench, livefeed(bench, { kind: 'journal-unsynced' }), async (peer, readers) => {
    await makeFeeds(bench, peer, feeds);
    await readers.open({ count, port: peer.port, path: peer.readPath, feeds });
    const target = 'file' in peer.target ? peer.target : { ...peer.target, feeds };
    const at = (seconds: number) => runPhase(bench, { ...peer, target }, readers, { rate, count: rate * seconds });
    await at(2);
    return await at(bench.seconds);
  });
}
