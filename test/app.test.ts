import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { type TestContext, test } from 'node:test';
import { queryObjects } from 'node:v8';
import { startLivefeed, startService } from '../server/app.ts';
import { type Config, loadConfig } from '../server/config/config.ts';
import { scratchFolder } from './e2e/scratch.ts';
import { ask } from './http/serving.ts';
import { eventually } from './source/eventually.ts';

const LIMIT = { timeout: 60_000 };
const Timeout = setTimeout(() => undefined, 0).constructor;

function configured(folder: string, ...args: string[]): Config {
  mkdirSync(join(folder, 'data'), { recursive: true });
  writeFileSync(join(folder, 'a.log'), 'a line\n');
  const fixed = ['a.log', '--demo', '--data', 'data', '--fsync', 'never', '--log-level', 'silent'];
  return loadConfig([...fixed, ...args], {}, folder);
}

const outside = () => ({ stdin: Readable.from([]), page: undefined });

async function start(config: Config): Promise<{ port: number; close(): Promise<void> }> {
  const livefeed = await startLivefeed(config, outside());
  return { port: Number(new URL(livefeed.url).port), close: () => livefeed.close() };
}

/** A service that publishes and stops; what it leaves with the process, like code, is there for all after. */
async function startAndStop(config: Config): Promise<void> {
  const { port, close } = await start(config);
  assert.equal((await ask(port, '/feeds/kept', { method: 'POST', send: 'x' })).status, 201);
  await close();
}

interface Held {
  /** Locks, watches, files and sockets; undefined where there is no /proc. */
  readonly files: number | undefined;
  /** Timers, also those that do not keep the process. */
  readonly timers: number;
  readonly handles: number;
}

function held(): Held {
  return {
    files: openFiles(),
    timers: queryObjects(Timeout, { format: 'count' }),
    handles: process.getActiveResourcesInfo().length,
  };
}

function openFiles(): number | undefined {
  if (process.platform !== 'linux') return undefined;
  return readdirSync('/proc/self/fd').filter((fd) => isThere(join('/proc/self/fd', fd))).length;
}

function isThere(link: string): boolean {
  try {
    return readlinkSync(link) !== '';
  } catch {
    return false;
  }
}

async function leavesNothing(before: Held): Promise<void> {
  let now = held();
  const isAsBefore = () => {
    now = held();
    return (now.files ?? 0) <= (before.files ?? 0) && now.timers <= before.timers && now.handles <= before.handles;
  };
  await eventually('what was opened is closed', isAsBefore, 15_000).catch((error: Error) => {
    throw new Error(`${error.message}: ${JSON.stringify({ before, now })}`);
  });
}

async function takenPort(t: TestContext): Promise<number> {
  const other = createServer().listen(0, '127.0.0.1');
  t.after(() => other.close());
  await once(other, 'listening');
  return (other.address() as AddressInfo).port;
}

test('a start at a port that is taken leaves nothing open, and the same process can try another', LIMIT, async (t) => {
  const folder = scratchFolder();
  const free = configured(folder, '--port', '0');
  await startAndStop(free);
  const port = await takenPort(t);
  const before = held();
  await assert.rejects(start({ ...free, port }), { code: 'EADDRINUSE' });
  await leavesNothing(before);
  await startAndStop(free);
  await leavesNothing(before);
});

test('a start that fails halfway ends what it has started, also a command, and lets go of the data folder', LIMIT, async () => {
  const folder = scratchFolder();
  const config = configured(folder, '--port', '0', '--exec', 'busy=sleep 600');
  await startAndStop(config);
  const before = held();
  const [command] = config.commands;
  assert.ok(command !== undefined);
  await assert.rejects(startService({ ...config, commands: [command, command] }, outside()), /busy/);
  await leavesNothing(before);
  await startAndStop(config);
});

test('a data folder that cannot be read is not kept from who mends it', LIMIT, async () => {
  const folder = scratchFolder();
  const config = configured(folder, '--port', '0');
  const feeds = join(folder, 'data', 'feeds');
  await startAndStop(config);
  const before = held();
  rmSync(feeds, { recursive: true });
  writeFileSync(feeds, '');
  await assert.rejects(startService(config, outside()), { code: 'ENOTDIR' });
  await leavesNothing(before);
  rmSync(feeds);
  await startAndStop(config);
});
