import { residentMib } from '../process-figures.ts';
import { type Bench, livefeed, withPeer } from './bench.ts';
import type { Peer } from './peer.ts';
import { makeFeeds, type Phase, runPhase, warmUp } from './phase.ts';
import type { Readers, Seen } from './readers.ts';
import type { Table } from './table.ts';

const OTHERS = 20;
const EVENT_BYTES = 8 * 1024;
/** 200 MB in all. */
const EVENTS = 24_500;
const RATE = 1_200;
const CATCH_UP_MS = 30_000;
const GROUP = { others: 0, stalled: 1 };

/** One reader takes nothing while 200 MB are published; then it reads on. What its place is worth depends on what is kept. */
export async function stalled(bench: Bench): Promise<readonly Table[]> {
  const tables: Table[] = [];
  for (const retention of ['1G', '16M'])
    tables.push({
      title: `stalled-${retention}: one reader stalls for 200 MB, ${OTHERS} others; retention ${retention}`,
      rows: [
        ['grownMib', 'RSS grown while it stalled, MiB'],
        ['calmGrownMib', 'the same without, MiB'],
        ['othersP99', "others' p99, ms"],
        ['calmP99', 'the same without, ms'],
        ['othersLost', 'lost to others'],
        ['published', 'published'],
        ['distinct', 'the stalled one got'],
        ['lost', 'it did not get'],
        ['doubled', 'doubled'],
        ['gaps', 'gaps it was told of'],
        ['catchUpSeconds', 'seconds to catch up'],
      ],
      columns: { livefeed: await stall(bench, retention) },
    });
  return tables;
}

async function stall(bench: Bench, retention: string): Promise<Readonly<Record<string, number>>> {
  const start = livefeed(bench, { kind: 'journal-unsynced', args: ['--retain-bytes', retention] });
  return await withPeer(bench, start, async (peer, readers) => {
    await makeFeeds(bench, peer);
    const path = peer.readPath.replace('%d', '0');
    await readers.open({ group: GROUP.others, count: OTHERS, port: peer.port, path });
    await warmUp(bench, peer, RATE);
    const calmFrom = residentMib(peer.pid);
    const calm = await flow(bench, peer, readers, EVENTS);
    const from = residentMib(peer.pid);
    await readers.open({ group: GROUP.stalled, count: 1, port: peer.port, path });
    await readers.tell('gaps', GROUP.stalled);
    await readers.tell('stall', GROUP.stalled);
    const busy = await flow(bench, peer, readers, EVENTS);
    const resumedAt = performance.now();
    await readers.tell('resume', GROUP.stalled);
    const report = await readers.settled(EVENTS, CATCH_UP_MS, GROUP.stalled);
    const seen = report.groups[GROUP.stalled] as Seen;
    return {
      grownMib: busy.serverMib - from,
      calmGrownMib: calm.serverMib - calmFrom,
      othersP99: busy.p99,
      calmP99: calm.p99,
      othersLost: busy.lost,
      published: EVENTS,
      distinct: seen.distinct,
      lost: seen.expected - seen.distinct,
      doubled: seen.doubled,
      gaps: seen.gaps,
      catchUpSeconds: (performance.now() - resumedAt) / 1_000,
    };
  });
}

function flow(bench: Bench, peer: Peer, readers: Readers, count: number): Promise<Phase> {
  return runPhase(bench, peer, readers, { rate: RATE, count, bytes: EVENT_BYTES });
}
