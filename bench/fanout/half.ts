import { type Bench, livefeed, nchan, type Served, withPeers } from './bench.ts';
import type { LogKind } from './livefeed.ts';
import type { Peer } from './peer.ts';
import { makeFeeds, nextRun, type Phase, runPhase, together } from './phase.ts';
import { publish } from './publish.ts';
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

/** Turns that each server has: the machine is another from minute to minute, and what is compared is to have had the same. */
const TURNS = 3;

/** All at 20 events a second, and at half of what nchan can do: each with its readers, side by side, and published to by turns. */
export async function half(bench: Bench): Promise<readonly Table[]> {
  const starts = [nchan(bench), ...KINDS.map((kind) => livefeed(bench, { kind }))];
  return await withPeers(bench, starts, async (servers) => {
    for (const server of servers) await fill(bench, server);
    const [first] = servers as [Served];
    const full = await runPhase(bench, first.peer, first.readers, { ...FULL_LOAD, count: 40 * bench.seconds });
    const calm = await byTurns(bench, servers, CALM_RATE);
    const half = await byTurns(bench, servers, Math.max(1, Math.round(full.eventsPerSecond / 2)));
    return [
      ...compared('calm', `${bench.readers} readers, ${CALM_RATE} events/s`, calm),
      ...compared('half', `${bench.readers} readers, half of what nchan can do`, half),
      { title: 'nchan-full: as much as nchan can do', rows: PHASE_ROWS, columns: { nchan: full } },
    ];
  });
}

/** The first of the phases is nchan's. */
function compared(name: string, what: string, [theirs, ...ours]: readonly Phase[]): Table[] {
  return ours.map((phase, index) => compareWithNchan(`${name}-${KINDS[index]}: ${what}`, phase, theirs as Phase));
}

async function byTurns(bench: Bench, servers: readonly Served[], rate: number): Promise<Phase[]> {
  const phases = servers.map((): Phase[] => []);
  for (let turn = 0; turn < TURNS; turn += 1)
    for (const [index, { peer, readers }] of servers.entries())
      phases[index]?.push(await runPhase(bench, peer, readers, { rate, count: rate * bench.seconds }));
  return phases.map(together);
}

async function fill(bench: Bench, { peer, readers }: Served): Promise<void> {
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
