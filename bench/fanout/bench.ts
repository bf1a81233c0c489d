import type { Scope } from '../../test/e2e/child.ts';
import { type LivefeedOptions, startLivefeed } from './livefeed.ts';
import { startNchan } from './nchan.ts';
import type { Peer } from './peer.ts';
import type { Programs } from './programs.ts';
import { Readers } from './readers.ts';

/** What every case of the benchmark works with. */
export interface Bench {
  readonly scope: Scope;
  readonly folder: string;
  readonly programs: Programs;
  /** Put before a server's command, so that it has the first core. */
  readonly pin: readonly string[];
  readonly seconds: number;
  readonly readers: number;
}

/** A server and its readers; both end with `work`. */
export async function withPeer<Result>(
  bench: Bench,
  start: () => Promise<Peer>,
  work: (peer: Peer, readers: Readers) => Promise<Result>,
): Promise<Result> {
  const peer = await start();
  const readers = new Readers(bench.scope, bench.programs.readers);
  try {
    return await work(peer, readers);
  } finally {
    await readers.end();
    await peer.stop();
  }
}

/** A server and its readers. */
export interface Served {
  readonly peer: Peer;
  readonly readers: Readers;
}

/** Several at once, each with its readers; they end with `work`, the last one first. */
export async function withPeers<Result>(
  bench: Bench,
  [start, ...others]: readonly (() => Promise<Peer>)[],
  work: (servers: readonly Served[]) => Promise<Result>,
): Promise<Result> {
  if (start === undefined) return await work([]);
  return await withPeer(bench, start, (peer, readers) =>
    withPeers(bench, others, (servers) => work([{ peer, readers }, ...servers])),
  );
}

export function livefeed({ scope, folder, pin }: Bench, options?: LivefeedOptions): () => Promise<Peer> {
  return () => startLivefeed(scope, folder, pin, options);
}

export function nchan({ scope, folder, pin }: Bench): () => Promise<Peer> {
  return () => startNchan(scope, folder, pin);
}
