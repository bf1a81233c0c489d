import { setTimeout as delay } from 'node:timers/promises';
import { residentMib } from '../process-figures.ts';
import { watchUsage } from '../usage.ts';
import { type Bench, livefeed, nchan, withPeer } from './bench.ts';
import type { Peer } from './peer.ts';
import { makeFeeds } from './phase.ts';
import type { Readers } from './readers.ts';
import type { Table } from './table.ts';

const IDLE_READERS = 10_000;
/** The first readers bring code and buffers that are there for all. */
const FIRST_READERS = 200;
/** What the requests left behind has been collected by then, as far as it will be while nothing happens. */
const SETTLE_MS = 5_000;

interface Idle {
  readonly kibAReader: number;
  readonly mostKibAReader: number;
  readonly cpuMsAReader: number;
  readonly openSeconds: number;
}

/** Memory of 10,000 readers to whom nothing happens. */
export async function idle(bench: Bench): Promise<readonly Table[]> {
  const work = (peer: Peer, readers: Readers) => fill(bench, peer, readers);
  const theirs = await withPeer(bench, nchan(bench), work);
  const ours = await withPeer(bench, livefeed(bench), work);
  const ratio = { kibAReader: ours.kibAReader / theirs.kibAReader, cpuMsAReader: ours.cpuMsAReader / theirs.cpuMsAReader };
  return [
    {
      title: `idle: ${IDLE_READERS} readers, nothing published`,
      rows: [
        ['kibAReader', 'RSS a reader, KiB'],
        ['mostKibAReader', 'at most, KiB'],
        ['cpuMsAReader', 'CPU to come, ms a reader'],
        ['openSeconds', 'seconds until all were in'],
      ],
      columns: { livefeed: ours, nchan: theirs, 'times nchan': ratio },
    },
  ];
}

async function fill(bench: Bench, peer: Peer, readers: Readers): Promise<Idle> {
  await makeFeeds(bench, peer);
  const crowd = { port: peer.port, path: peer.readPath };
  await readers.open({ group: 1, count: FIRST_READERS, ...crowd });
  await delay(SETTLE_MS);
  const before = residentMib(peer.pid);
  const usage = watchUsage(peer.pid);
  const { seconds } = await readers.open({ count: IDLE_READERS, ...crowd });
  const used = usage.end();
  await delay(SETTLE_MS);
  const aReader = (mib: number) => ((mib - before) * 1024) / IDLE_READERS;
  return {
    kibAReader: aReader(residentMib(peer.pid)),
    mostKibAReader: aReader(used.mostMib),
    cpuMsAReader: (used.cpuSeconds * 1_000) / IDLE_READERS,
    openSeconds: seconds,
  };
}
