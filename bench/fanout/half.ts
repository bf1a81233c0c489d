import { type Bench, livefeed, nchan, withPeer } from './bench.ts';
import type { LogKind } from './livefeed.ts';
import type { Peer } from './peer.ts';
import { makeFeeds, nextRun, type Phase, runPhase } from './phase.ts';
import { publish } from './publish.ts';
import type { Readers } from './readers.ts';
import { compareWithNchan, PHASE_ROWS, type Table } from './table.ts';

const CALM_RATE = 20;
/** Publishers that wait for each answer: nchan gives an event to all before it answers, so this is all that it can do. */
const FULL_LOAD = { rate: 0, connections: 4 };

const WARM_EVENTS = 120;
/** Without readers: what is done once an event is compiled after some thousand, and would be while it is measured. */
const FIRST_EVENTS = 3_000;
/**
 * nchan is published to over HTTP and keeps events in memory. The same work is `journal-unsynced`: over HTTP, and nothing waits for the
 * disk. `journal` is what we do unless told otherwise; `memory` comes by a pipe, without HTTP.
 */
const KINDS: readonly LogKind[] = ['journal', 'journal-unsynced', 'memory'];

interface Ours {
  readonly kind: LogKind;
  readonly calm: Phase;
  readonly half: Phase;
}

/** Both at 20 events a second, and at half of what nchan can do. */
export async function half(bench: Bench): Promise<readonly Table[]> {
  const theirs = await withPeer(bench, nchan(bench), async (peer, readers) => {
    await fill(bench, peer, readers);
    const calm = await at(bench, peer, readers, CALM_RATE);
    const full = await runPhase(bench, peer, readers, { ...FULL_LOAD, count: 40 * bench.seconds });
    const halfRate = Math.max(1, Math.round(full.eventsPerSecond / 2));
    return { calm, full, halfRate, half: await at(bench, peer, readers, halfRate) };
  });
  const ours: Ours[] = [];
  for (const kind of KINDS) ours.push(await measure(bench, kind, theirs.halfRate));
  return [
    ...ours.map(({ kind, calm }) =>
      compareWithNchan(`calm-${kind}: ${bench.readers} readers, ${CALM_RATE} events/s`, calm, theirs.calm),
    ),
    ...ours.map(({ kind, half }) =>
      compareWithNchan(`half-${kind}: ${bench.readers} readers, half of what nchan can do`, half, theirs.half),
    ),
    { title: 'nchan-full: as much as nchan can do', rows: PHASE_ROWS, columns: { nchan: theirs.full } },
  ];
}

async function measure(bench: Bench, kind: LogKind, halfRate: number): Promise<Ours> {
  return await withPeer(bench, livefeed(bench, { kind }), async (peer, readers) => {
    await fill(bench, peer, readers);
    const calm = await at(bench, peer, readers, CALM_RATE);
    return { kind, calm, half: await at(bench, peer, readers, halfRate) };
  });
}

async function fill(bench: Bench, peer: Peer, readers: Readers): Promise<void> {
  await makeFeeds(bench, peer);
  await warm(bench, peer, FIRST_EVENTS, FIRST_EVENTS);
  await readers.open({ count: bench.readers, port: peer.port, path: peer.readPath });
  // At 20 events a second it would take long until all that is compiled has been.
  await warm(bench, peer, WARM_EVENTS, WARM_EVENTS / 2);
}

/** As fast as they are acknowledged; nobody acknowledges a line in a pipe. */
async function warm({ scope, programs }: Bench, { target }: Peer, count: number, rate: number): Promise<void> {
  const load = 'file' in target ? { rate } : FULL_LOAD;
  await publish(scope, programs.publisher, target, { ...load, run: nextRun(), count });
}

function at(bench: Bench, peer: Peer, readers: Readers, rate: number): Promise<Phase> {
  return runPhase(bench, peer, readers, { rate, count: rate * bench.seconds });
}
