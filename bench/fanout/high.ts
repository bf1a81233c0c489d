import { type Bench, livefeed, withPeer } from './bench.ts';
import type { LogKind } from './livefeed.ts';
import { makeFeeds, type Phase, runPhase, warmUp } from './phase.ts';
import { PHASE_ROWS, type Table } from './table.ts';

const KINDS: readonly LogKind[] = ['memory', 'journal', 'file'];
const RATE = 700;
/** Each rate is this much over the one before. */
const STEP = 1.4;
const MOST_RATE = 6_000;
const LEAST_RATE = 20;
const IN_TIME_MS = 250;

interface Bounds {
  readonly highest: Phase | undefined;
  readonly beyond: Phase | undefined;
}

/** 700 events a second, then up or down to the highest rate at which every event comes within 250 ms. */
export async function high(bench: Bench): Promise<readonly Table[]> {
  const tables: Table[] = [];
  for (const kind of KINDS) {
    const { at700, highest, beyond } = await climb(bench, kind);
    const columns = {
      '700/s': at700,
      ...(highest && { 'highest in time': highest }),
      ...(beyond && { 'the next rate': beyond }),
    };
    tables.push({ title: `high-${kind}: ${bench.readers} readers, all in ${IN_TIME_MS} ms`, rows: PHASE_ROWS, columns });
  }
  return tables;
}

async function climb(bench: Bench, kind: LogKind): Promise<Bounds & { at700: Phase }> {
  return await withPeer(bench, livefeed(bench, { kind }), async (peer, readers) => {
    await makeFeeds(bench, peer);
    await readers.open({ count: bench.readers, port: peer.port, path: peer.readPath });
    await warmUp(bench, peer, RATE);
    const at = (rate: number) => runPhase(bench, peer, readers, { rate, count: rate * bench.seconds });
    const at700 = await at(RATE);
    const { highest, beyond } = isInTime(at700) ? await upwards(at, at700) : await downwards(at, at700);
    return { at700, highest, beyond };
  });
}

async function upwards(at: (rate: number) => Promise<Phase>, from: Phase): Promise<Bounds> {
  let highest = from;
  for (let rate = RATE * STEP; rate < MOST_RATE; rate *= STEP) {
    const next = await at(Math.round(rate));
    if (!isInTime(next)) return { highest, beyond: next };
    highest = next;
  }
  return { highest, beyond: undefined };
}

async function downwards(at: (rate: number) => Promise<Phase>, from: Phase): Promise<Bounds> {
  let beyond = from;
  for (let rate = RATE / STEP; rate > LEAST_RATE; rate /= STEP) {
    const next = await at(Math.round(rate));
    if (isInTime(next)) return { highest: next, beyond };
    beyond = next;
  }
  return { highest: undefined, beyond };
}

function isInTime({ max, lost, doubled }: Phase): boolean {
  return max <= IN_TIME_MS && lost === 0 && doubled === 0;
}
