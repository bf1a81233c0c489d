import { type Bench, livefeed, nchan, withPeer } from './bench.ts';
import { openId } from './open-id.ts';
import type { Peer } from './peer.ts';
import { makeFeeds, type Phase, runPhase, warmUp } from './phase.ts';
import type { Readers } from './readers.ts';
import { compareWithNchan, type Table } from './table.ts';

const STAYING = 1_000;
const RETURNING = 10_000;
const SPREAD_MS = 15_000;
const RATE = 500;
/** Publishing goes on for a while after the last has come. */
const TAIL_SECONDS = 2;
const GROUP = { staying: 0, returning: 1 };

/** 10,000 readers of a quiet feed are cut and come back within 15 s, while 500 events a second flow to 1,000 others. */
export async function reconnect(bench: Bench): Promise<readonly Table[]> {
  const work = (peer: Peer, readers: Readers) => returning(bench, peer, readers);
  const theirs = await withPeer(bench, nchan(bench), work);
  const ours = await withPeer(bench, livefeed(bench), work);
  const title = (name: string, what: string) => `reconnect-${name}: ${STAYING} readers, ${RATE} events/s, ${what}`;
  return [
    compareWithNchan(title('calm', 'all others are in'), ours.calm, theirs.calm),
    compareWithNchan(title('storm', `${RETURNING} others come back within ${SPREAD_MS / 1_000} s`), ours.storm, theirs.storm),
  ];
}

/** What those who stayed saw, before and while the others came back. */
async function returning(bench: Bench, peer: Peer, readers: Readers): Promise<{ calm: Phase; storm: Phase }> {
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
  await coming;
  return { calm, storm: await storm };
}
