import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { appendFile, copyFile, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Cursor } from '../../../server/feed/cursor.ts';
import { ArchiveCache } from '../../../server/feed/file/archive-cache.ts';
import { FileLog } from '../../../server/feed/file/file-log.ts';
import { NewestOfPaths } from '../../../server/feed/file/tailed-path.ts';
import { follow, lookUntil, Told } from './tailing.ts';

async function folderOf(context: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'livefeed-'));
  context.after(() => rm(folder, { recursive: true }));
  return folder;
}

function logOf(context: TestContext, tailed: NewestOfPaths): FileLog {
  const archives = new ArchiveCache(2 ** 20);
  const log = new FileLog({ path: 'app-*.log', tailed, partialTimeoutMs: 1_000, archives });
  context.after(async () => {
    await log.close();
    await archives.close();
  });
  return log;
}

async function readAll(log: FileLog, cursor?: Cursor): Promise<Told> {
  const told = new Told();
  const { position } = await log.locate(cursor === undefined ? { at: 'oldest' } : { at: 'cursor', cursor });
  for await (const batch of log.read(position, { signal: new AbortController().signal })) told.batch(batch);
  return told;
}

test('who follows files of which the newest is written goes on to each that comes', async (context) => {
  const folder = await folderOf(context);
  const [first, second] = [join(folder, 'app-1.log'), join(folder, 'app-2.log')];
  await writeFile(first, 'a\n');
  const tailed = new NewestOfPaths([first]);
  const log = logOf(context, tailed);
  const told = new Told();
  const { stop } = await log.follow({ batch: (batch) => told.batch(batch), partial: () => {} });
  await appendFile(first, 'b\n');
  await writeFile(second, 'c\n');
  tailed.add(second);
  await lookUntil(log, () => told.items.includes('c'));
  await appendFile(second, 'd\n');
  await lookUntil(log, () => told.items.includes('d'));
  assert.deepEqual(told.items, ['b', 'feed.rotated', 'c', 'd']);
  stop();
});

test('their history is one log, compressed parts included, and a cursor into an old part goes on through the newer ones', async (context) => {
  const folder = await folderOf(context);
  const paths = ['app-2026-11-21.log', 'app-2026-11-22.log', 'app-2026-11-23.log'].map((name) => join(folder, name));
  for (const [index, path] of paths.entries()) await writeFile(path, `${index}a\n${index}b\n`);
  const before = await readAll(logOf(context, new NewestOfPaths(paths)));
  assert.deepEqual(before.items, ['0a', '0b', 'feed.rotated', '1a', '1b', 'feed.rotated', '2a', '2b']);
  execFileSync('gzip', [paths[0] as string]);
  const after = await readAll(logOf(context, new NewestOfPaths(paths)), before.cursors[0]);
  assert.deepEqual(after.items, ['0b', 'feed.rotated', '1a', '1b', 'feed.rotated', '2a', '2b']);
});

test('a number behind the name is a newer part where the rotator counts up, which only the times tell', async (context) => {
  const folder = await folderOf(context);
  const paths = ['app.log', 'app.log.1', 'app.log.2'].map((name) => join(folder, name));
  for (const [index, path] of paths.entries()) {
    await writeFile(path, `${index}a\n${index}b\n`);
    await passTick();
  }
  const log = logOf(context, new NewestOfPaths(paths));
  const told = await follow(log);
  await appendFile(paths[2] as string, '2c\n');
  await lookUntil(log, () => told.items.includes('2c'));
  const history = await readAll(log);
  assert.deepEqual(history.items.filter((item) => item !== 'feed.rotated').join(' '), '0a 0b 1a 1b 2a 2b 2c');
});

test('a copy that is made before the file is cut is not the newest part, though it was made last', async (context) => {
  const folder = await folderOf(context);
  const path = join(folder, 'app.log');
  await writeFile(path, 'a\nb\n');
  const tailed = new NewestOfPaths([path]);
  const log = logOf(context, tailed);
  const told = await follow(log);
  await passTick();
  await copyFile(path, `${path}.1`);
  tailed.add(`${path}.1`);
  await log.look();
  await truncate(path, 0);
  await appendFile(path, 'c\n');
  await lookUntil(log, () => told.items.includes('c'));
  assert.deepEqual(told.items, ['feed.truncated', 'feed.gap', 'c']);
});

/** Until the clock of the file system has gone on: its times tell what came first. */
function passTick(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 20));
}
