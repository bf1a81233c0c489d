import { type Bench, livefeed, nchan, withPeer } from './bench.ts';
import type { Peer } from './peer.ts';
import { makeFeeds, nextRun, type Phase, runPhase } from './phase.ts';
import { publish } from './publish.ts';
import type { Readers } from './readers.ts';
import { compareWithNchan, PHASE_ROWS, type Table } from './table.ts';

const CALM_RATE = 20;
/** Publishers that wait for each answer: nchan gives an event to all before it answers, so this is all that it can do. */
const FULL_LOAD = { rate: 0, connections: 4 };

const WARM_EVENTS = 120;

/** Both at 20 events a second, and at half of what nchan can do. */
export async function half(bench: Bench): Promise<readonly Table[]> {
  const theirs = await withPeer(bench, nchan(bench), async (peer, readers) => {
    await fill(bench, peer, readers);
    const calm = await at(bench, peer, readers, CALM_RATE);
    const full = await runPhase(bench, peer, readers, { ...FULL_LOAD, count: 40 * bench.seconds });
    const halfRate = Math.max(1, Math.round(full.eventsPerSecond / 2));
    return { calm, full, halfRate, half: await at(bench, peer, readers, halfRate) };
  });
  const ours = await withPeer(bench, livefeed(bench), async (peer, readers) => {
    await fill(bench, peer, readers);
    const calm = await at(bench, peer, readers, CALM_RATE);
    return { calm, half: await at(bench, peer, readers, theirs.halfRate) };
  });
  return [
    compareWithNchan(`calm: ${bench.readers} readers, ${CALM_RATE} events/s`, ours.calm, theirs.calm),
    compareWithNchan(`half: ${bench.readers} readers, half of what nchan can do`, ours.half, theirs.half),
    { title: 'nchan-full: as much as nchan can do', rows: PHASE_ROWS, columns: { nchan: theirs.full } },
  ];
}

async function fill(bench: Bench, peer: Peer, readers: Readers): Promise<void> {
  await makeFeeds(bench, peer);
  await readers.open({ count: bench.readers, port: peer.port, path: peer.readPath });
  // At 20 events a second it would take long until all that is compiled has been.
  await publish(bench.scope, bench.programs.publisher, peer.target, { ...FULL_LOAD, run: nextRun(), count: WARM_EVENTS });
}

function at(bench: Bench, peer: Peer, readers: Readers, rate: number): Promise<Phase> {
  return runPhase(bench, peer, readers, { rate, count: rate * bench.seconds });
}
