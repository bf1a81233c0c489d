/** Apache's rotatelogs puts the time at which a file was begun into its name: as seconds since the epoch, or as strftime writes it. */
import assert from 'node:assert/strict';
import { appendFile, link, mkdtemp, readFile, rename, rm, stat, unlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { Cursor } from '../../../server/feed/cursor.ts';
import { ArchiveCache } from '../../../server/feed/file/archive-cache.ts';
import { FileLog } from '../../../server/feed/file/file-log.ts';
import { NewestOfPaths, type TailedPath } from '../../../server/feed/file/tailed-path.ts';
import { follow, lookUntil, Told } from './tailing.ts';

const NAMINGS = {
  'seconds since the epoch': ['access.log.1795305600', 'access.log.1795309200', 'access.log.1795312800', 'access.log.1795316400'],
  strftime: [
    'access.log.2026-11-22-00_00',
    'access.log.2026-11-22-01_00',
    'access.log.2026-11-22-02_00',
    'access.log.2026-11-22-03_00',
  ],
} as const;

interface Chain {
  readonly folder: string;
  open(tailed: TailedPath): FileLog;
}

/** An empty folder, and logs of what comes into it. */
async function chain(context: TestContext): Promise<Chain> {
  const folder = await mkdtemp(join(tmpdir(), 'livefeed-'));
  const archives = new ArchiveCache(2 ** 20);
  const logs: FileLog[] = [];
  context.after(async () => {
    for (const log of logs) await log.close();
    await archives.close();
    await rm(folder, { recursive: true });
  });
  const open = (tailed: TailedPath) => {
    const log = new FileLog({ path: 'access.log.*', tailed, partialTimeoutMs: 1_000, archives });
    logs.push(log);
    return log;
  };
  return { folder, open };
}

async function readAfter(log: FileLog, cursor?: Cursor): Promise<Told> {
  const told = new Told();
  const { position, gap } = await log.locate(cursor === undefined ? { at: 'oldest' } : { at: 'cursor', cursor });
  if (gap !== undefined) told.items.push(`gap ${gap.reason}`);
  for await (const batch of log.read(position, { signal: new AbortController().signal })) told.batch(batch);
  return told;
}

/** As gzip does: the archive gets the times of what was compressed, which goes. */
async function compress(path: string, mtimeS: number): Promise<void> {
  await writeFile(`${path}.gz`, gzipSync(await readFile(path)));
  await utimes(`${path}.gz`, mtimeS, mtimeS);
  await unlink(path);
}

for (const [naming, names] of Object.entries(NAMINGS)) {
  test(`rotatelogs, ${naming}: who follows goes on to each file that comes`, async (context) => {
    const { folder, open } = await chain(context);
    const [first, ...others] = names.map((name) => join(folder, name)) as [string, ...string[]];
    await writeFile(first, 'before\n');
    const tailed = new NewestOfPaths([first]);
    const log = open(tailed);
    const told = await follow(log);
    await appendFile(first, '0\n');
    for (const [index, path] of others.entries()) {
      await writeFile(path, `${index + 1}\n`);
      tailed.add(path);
      await lookUntil(log, () => told.items.includes(`${index + 1}`));
    }
    assert.deepEqual(told.items, ['0', 'feed.rotated', '1', 'feed.rotated', '2', 'feed.rotated', '3']);
  });

  test(`rotatelogs, ${naming}: a cursor from before goes on through all files, the older ones compressed`, async (context) => {
    const { folder, open } = await chain(context);
    const paths = names.map((name) => join(folder, name));
    for (const [index, path] of paths.entries()) await writeFile(path, `${index}a\n${index}b\n`);
    const before = await readAfter(open(new NewestOfPaths(paths.slice(0, 1))));
    assert.deepEqual(before.items, ['0a', '0b']);
    const [oldest, second, ...rest] = paths as [string, string, ...string[]];
    const now = Date.now() / 1_000;
    await compress(second, now);
    await compress(oldest, now);
    const tailed = new NewestOfPaths([oldest, second, ...rest]);
    const { items } = await readAfter(open(tailed), before.cursors[0]);
    assert.deepEqual(items, ['0b', 'feed.rotated', '1a', '1b', 'feed.rotated', '2a', '2b', 'feed.rotated', '3a', '3b']);
  });

  test(`rotatelogs, ${naming}: files that were copied, the newest first, are in the order of their names`, async (context) => {
    const { folder, open } = await chain(context);
    const paths = names.map((name) => join(folder, name));
    for (const [index, path] of [...paths.entries()].toReversed()) await writeFile(path, `${index}\n`);
    const { items } = await readAfter(open(new NewestOfPaths(paths)));
    assert.deepEqual(items, ['0', 'feed.rotated', '1', 'feed.rotated', '2', 'feed.rotated', '3']);
  });

  test(`rotatelogs, ${naming}: an older file that is restored is not taken for the one that is written`, async (context) => {
    const { folder, open } = await chain(context);
    const [old, current] = [join(folder, names[0]), join(folder, names[1])];
    await writeFile(current, '1a\n');
    const tailed = new NewestOfPaths([current]);
    const log = open(tailed);
    const told = await follow(log);
    await writeFile(old, '0a\n0b\n');
    tailed.add(old);
    assert.equal((await tailed.stat())?.ino, (await stat(current, { bigint: true })).ino);
    await appendFile(current, '1b\n');
    await lookUntil(log, () => told.items.includes('1b'));
    assert.deepEqual(told.items, ['1b']);
    assert.deepEqual((await readAfter(open(tailed))).items, ['0a', '0b', 'feed.rotated', '1a', '1b']);
  });

  test(`rotatelogs -L, ${naming}: the hard link that names the newest file is one log with those before it`, async (context) => {
    const { folder } = await chain(context);
    const archives = new ArchiveCache(2 ** 20);
    const path = join(folder, 'access.log');
    const open = () => new FileLog({ path, partialTimeoutMs: 1_000, archives });
    const [log, again] = [open(), open()];
    context.after(async () => {
      for (const each of [log, again]) await each.close();
      await archives.close();
    });
    const relink = async (name: string, text: string) => {
      await writeFile(join(folder, name), text);
      await link(join(folder, name), `${path}.new~`);
      await rename(`${path}.new~`, path);
    };
    await relink(names[0], '0\n');
    const told = await follow(log);
    const start = await readAfter(log);
    for (const [index, name] of names.entries()) {
      if (index === 0) continue;
      await relink(name, `${index}\n`);
      await lookUntil(log, () => told.items.includes(`${index}`));
    }
    assert.deepEqual(told.items, ['feed.rotated', '1', 'feed.rotated', '2', 'feed.rotated', '3']);
    assert.deepEqual((await readAfter(again, start.cursors[0])).items, told.items);
  });
}
