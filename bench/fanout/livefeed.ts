import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Scope } from '../../test/e2e/child.ts';
import { startService } from '../../test/e2e/service.ts';
import type { Peer } from './peer.ts';

/** Where the events that are read are kept, and so how they get there. */
export type LogKind = 'memory' | 'journal' | 'journal-unsynced' | 'file';

export interface LivefeedOptions {
  readonly kind?: LogKind;
  readonly args?: readonly string[];
}

let started = 0;

/**
 * The real command. `journal` is published to over HTTP, with an fsync before each acknowledgement (the default); `journal-unsynced`
 * with `--fsync never`. `file` is a file that the publisher appends to, and `memory` standard input, a pipe: a line a write.
 */
export async function startLivefeed(
  scope: Scope,
  folder: string,
  pin: readonly string[],
  { kind = 'journal', args = [] }: LivefeedOptions = {},
): Promise<Peer> {
  started += 1;
  const data = ['--no-demo', '--log-level', 'silent', '--data', join(folder, `data-${started}`), ...args];
  if (kind === 'memory') {
    const pipe = join(folder, `pipe-${started}`);
    execFileSync('mkfifo', [pipe]);
    // Opened for both, so that opening does not wait for a publisher, nor the end of one end the feed.
    const before = [...pin, 'sh', '-c', `exec "$@" <>'${pipe}'`, 'sh'];
    const service = await startService(scope, ['-', ...data], { before });
    return peer(kind, service, { file: pipe }, '/feeds/stdin');
  }
  if (kind === 'file') {
    const file = join(folder, `bench-${started}.log`);
    await writeFile(file, '');
    const service = await startService(scope, [`bench-0=${file}`, ...data], { before: pin });
    return peer(kind, service, { file }, '/feeds/bench-0');
  }
  const fsync = kind === 'journal' ? 'always' : 'never';
  const service = await startService(scope, [...data, '--fsync', fsync], { before: pin });
  return peer(kind, service, { port: service.port, path: '/feeds/bench-%d' }, '/feeds/bench-%d');
}

function peer(
  kind: LogKind,
  service: { readonly port: number; readonly pid: number; stop(): Promise<unknown> },
  target: Peer['target'],
  readPath: string,
): Peer {
  return { name: `livefeed ${kind}`, port: service.port, pid: service.pid, target, readPath, stop: () => service.stop() };
}
