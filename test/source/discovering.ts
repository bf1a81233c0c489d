import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { readPathArgument, specOf } from '../../server/config/path-spec.ts';
import { ArchiveCache } from '../../server/feed/file/archive-cache.ts';
import { Registry } from '../../server/feed/registry.ts';
import { Discovery, type DiscoveryOptions } from '../../server/source/discovery.ts';
import type { Skipped } from '../../server/source/scan.ts';

/** A folder of its own that goes with the test. */
export async function temporaryFolder(context: TestContext): Promise<string> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'livefeed-')));
  context.after(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }));
  return folder;
}

export interface Discovering {
  readonly registry: Registry;
  readonly discovery: Discovery;
  readonly troubles: { readonly path: string; readonly trouble: unknown }[];
  readonly limits: readonly string[];
  start(...paths: string[]): Promise<readonly Skipped[]>;
  /** The names of the feeds there are. */
  names(): string[];
}

/** A real discovery, of paths as they are given on the command line. */
export function discovering(
  context: TestContext,
  {
    wait = false,
    registry = new Registry(),
    ...options
  }: { wait?: boolean; registry?: Registry } & Partial<DiscoveryOptions> = {},
): Discovering {
  const troubles: { path: string; trouble: unknown }[] = [];
  const limits: string[] = [];
  const archives = new ArchiveCache(1 << 20);
  const discovery = new Discovery({
    registry,
    followLinks: false,
    poll: false,
    raw: false,
    partialTimeoutMs: 1_000,
    archives,
    onTrouble: (path, trouble) => troubles.push({ path, trouble }),
    onLimit: (why) => limits.push(why),
    ...options,
  });
  context.after(async () => {
    discovery.close();
    await registry.close();
    await archives.close();
  });
  return {
    registry,
    discovery,
    troubles,
    limits,
    start: (...paths) => discovery.start(paths.map((path) => specOf(readPathArgument(path, '/'), wait))),
    names: () => registry.list().map(({ name }) => name),
  };
}
