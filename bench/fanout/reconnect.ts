import { type Bench, livefeed, withPeer } from './bench.ts';
import { openId } from './open-id.ts';
import type { Peer } from './peer.ts';
import { makeFeeds, type Phase, runPhase, warmUp } from './phase.ts';
import type { Readers } from './readers.ts';
import { PHASE_ROWS, type Table } from './table.ts';

const STAYING = 1_000;
const RETURNING = 10_000;
const SPREAD_MS = 15_000;
const RATE = 500;
/** Publishing goes on for a while after the last has come. */
const TAIL_SECONDS = 2;
const GROUP = { staying: 0, returning: 1 };

/**
 * 10,000 readers of a quiet feed are cut and come back within 15 s, while 500 events a second flow to 1,000 others. That is several
 * times what nchan can do, so it is not compared.
 */
export async function reconnect(bench: Bench): Promise<readonly Table[]> {
  const { calm, storm } = await withPeer(bench, livefeed(bench), (peer, readers) => returning(bench, peer, readers));
  return [
    {
      title: `reconnect: ${STAYING} readers and ${RATE} events/s, while ${RETURNING} others come back within ${SPREAD_MS / 1_000} s`,
      rows: [...PHASE_ROWS, ['allInSeconds', 'seconds until all were in']],
      columns: { 'all are in': calm, 'they come back': storm },
    },
  ];
}

/** What those who stayed saw, before and while the others came back. */
async function returning(
  bench: Bench,
  peer: Peer,
  readers: Readers,
): Promise<{ calm: Phase; storm: Phase & { allInSeconds: number } }> {
  await makeFeeds(bench, peer, 2);
  const busy = peer.readPath.replace('%d', '0');
  const quiet = peer.readPath.replace('%d', '1');
  await readers.open({ group: GROUP.staying, count: STAYING, port: peer.port, path: busy });
  await readers.open({ group: GROUP.returning, count: RETURNING, port: peer.port, path: quiet });
  await warmUp(bench, peer, RATE);
  const calm = await runPhase(bench, peer, readers, { rate: RATE, count: RATE * bench.seconds });
  const lastId = await openId(peer.port, quiet);
  await readers.tell('close', GROUP.returning);
  const coming = readers.open({
    group: GROUP.returning,
    count: RETURNING,
    port: peer.port,
    path: quiet,
    spreadMs: SPREAD_MS,
    lastId,
  });
  const storm = runPhase(bench, peer, readers, { rate: RATE, count: RATE * (SPREAD_MS / 1_000 + TAIL_SECONDS) });
  const { seconds: allInSeconds } = await coming;
  return { calm, storm: { ...(await storm), allInSeconds } };
}
