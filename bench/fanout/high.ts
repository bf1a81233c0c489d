import { type Bench, livefeed, withPeer } from './bench.ts';
import { LOGS, type LogKind } from './livefeed.ts';
import { makeFeeds, type Phase, runPhase, warmUp } from './phase.ts';
import { PHASE_ROWS, type Table } from './table.ts';

const RATE = 700;
/** Each rate is this much over the one before. */
const STEP = 1.25;
const MOST_RATE = 6_000;
const IN_TIME_MS = 250;

interface High {
  readonly at700: Phase;
  readonly highest: Phase | undefined;
  readonly beyond: Phase | undefined;
}

/** 700 events a second, then upwards to the highest rate at which every event comes within 250 ms. */
export async function high(bench: Bench): Promise<readonly Table[]> {
  const tables: Table[] = [];
  for (const kind of LOGS) {
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

async function climb(bench: Bench, kind: LogKind): Promise<High> {
  return await withPeer(bench, livefeed(bench, { kind }), async (peer, readers) => {
    await makeFeeds(bench, peer);
    await readers.open({ count: bench.readers, port: peer.port, path: peer.readPath });
    await warmUp(bench, peer, RATE);
    const at = (rate: number) => runPhase(bench, peer, readers, { rate, count: rate * bench.seconds });
    const at700 = await at(RATE);
    let highest = isInTime(at700) ? at700 : undefined;
    let rate = RATE;
    while (highest !== undefined && rate < MOST_RATE) {
      rate = Math.round(rate * STEP);
      const next = await at(rate);
      if (!isInTime(next)) return { at700, highest, beyond: next };
      highest = next;
    }
    return { at700, highest, beyond: undefined };
  });
}

function isInTime({ max, lost, doubled }: Phase): boolean {
  return max <= IN_TIME_MS && lost === 0 && doubled === 0;
}
