import assert from 'node:assert/strict';
import { copyFile, rename, rm, stat, symlink, truncate, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import type { Cursor } from '../../../server/feed/cursor.ts';
import { FileLog } from '../../../server/feed/file/file-log.ts';
import { Generations } from '../../../server/feed/file/generations.ts';
import { SinglePath } from '../../../server/feed/file/tailed-path.ts';
import { follow, lookUntil, Told, tailing } from './tailing.ts';

const numbered = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => `line ${from + index}`);
const text = (lines: readonly string[]) => lines.map((line) => `${line}\n`).join('');
const linesOf = ({ items }: Told) => items.filter((item) => !item.startsWith('feed.'));

test('a part between two looks is read, though it holds what the one after it begins with', async (context) => {
  const { path, log } = await tailing(context, text(numbered(0, 5)));
  const told = await follow(log);
  await rename(path, `${path}.2`);
  await writeFile(`${path}.1`, 'started\n');
  // The next file is begun a tick of the clock later, as it is behind a rotation.
  const { birthtimeMs } = await stat(`${path}.1`);
  do await writeFile(path, 'started\nand more\n');
  while ((await stat(path)).birthtimeMs === birthtimeMs && (await rm(path)) === undefined);
  await lookUntil(log, () => told.items.includes('and more'));
  assert.deepEqual(told.items, ['feed.rotated', 'started', 'feed.rotated', 'started', 'and more']);
});

test('a file that is replaced, and its successor rotated away, within one tick of the clock are read in their order', async (context) => {
  const { path, log, readAfter } = await tailing(context, null);
  const told = await follow(log);
  // Where the clock of a file system ticks too fast for that, they are read in the order of its times.
  for (let begunTogether = false, tries = 0; !begunTogether && tries < 1_000; tries += 1) {
    await writeFile(path, 'replaced\n');
    await writeFile(`${path}.1`, 'rotated away\n');
    begunTogether = (await stat(path)).birthtimeMs === (await stat(`${path}.1`)).birthtimeMs;
    if (!begunTogether && tries < 999) await Promise.all([rm(path), rm(`${path}.1`)]);
  }
  const { mtime } = await stat(path);
  for (const each of [path, `${path}.1`]) await utimes(each, mtime, mtime);
  await rename(`${path}.1`, join(dirname(path), 'new'));
  await lookUntil(log, () => told.items.includes('replaced'));
  await rename(join(dirname(path), 'new'), `${path}.1`);
  await rm(path);
  await writeFile(path, 'newest\n');
  await lookUntil(log, () => told.items.includes('newest'));
  assert.deepEqual(linesOf(told), ['replaced', 'rotated away', 'newest']);
  assert.deepEqual(linesOf(await readAfter()), ['replaced', 'rotated away', 'newest']);
});

test('a successor that is filled, copied and cut before anybody is through with the old file loses nothing that was copied', async (context) => {
  const { path, log, append } = await tailing(context, text(numbered(0, 5)));
  const told = await follow(log);
  await append('the last of the old file\n');
  await log.look();
  await rename(path, `${path}.1`);
  await writeFile(path, '');
  await log.look();
  await append(text(numbered(5, 10)));
  await rename(`${path}.1`, `${path}.2`);
  await copyFile(path, `${path}.1`);
  await truncate(path);
  await append(text(numbered(10, 15)));
  await lookUntil(log, () => told.items.includes('line 14'));
  assert.deepEqual(told.items, [
    'the last of the old file',
    'feed.rotated',
    ...numbered(5, 10),
    'feed.rotated',
    ...numbered(10, 15),
  ]);
});

test('a successor that is copied and cut twice before its turn comes is read in the order in which it was written', async (context) => {
  const { path, log, append } = await tailing(context, text(numbered(0, 5)));
  const told = await follow(log);
  await append('the last of the old file\n');
  await log.look();
  await rename(path, `${path}.3`);
  await writeFile(path, text(numbered(5, 10)));
  await log.look();
  await copyFile(path, `${path}.2`);
  await truncate(path);
  await append(text(numbered(10, 15)));
  await copyFile(path, `${path}.1`);
  await truncate(path);
  await append(text(numbered(15, 20)));
  await lookUntil(log, () => told.items.includes('line 19'));
  assert.deepEqual(linesOf(told), ['the last of the old file', ...numbered(5, 20)]);
  assert.ok(!told.items.includes('feed.gap'), told.items.join());
});

test('the copy of a file that was cut is the part before it, not one after it that begins with the same long banner', async (context) => {
  const banner = `${'='.repeat(2_000)}\n`;
  const { path, log, append } = await tailing(context, banner);
  const told = await follow(log);
  await append('begun\n');
  await lookUntil(log, () => told.items.includes('begun'));
  await append('copied\n');
  await copyFile(path, `${path}.3`);
  await truncate(path);
  await append(`${banner}after the cut, and more\n`);
  await rename(path, `${path}.2`);
  await writeFile(`${path}.1`, `${banner}begun\nof another part\n`);
  await writeFile(path, `${banner}newest\n`);
  await lookUntil(log, () => told.items.includes('newest'));
  assert.deepEqual(
    linesOf(told).filter((line) => !line.startsWith('=')),
    ['begun', 'copied', 'after the cut, and more', 'begun', 'of another part', 'newest'],
  );
});

test('the copy of an earlier content is no part behind the file, though it is younger', async (context) => {
  const { path, readAfter, again } = await tailing(context, 'copied\n');
  const { birthtimeMs } = await stat(path);
  do await copyFile(path, `${path}.1`);
  while ((await stat(`${path}.1`)).birthtimeMs === birthtimeMs && (await rm(`${path}.1`)) === undefined);
  await writeFile(path, 'after the cut\n');
  await utimes(path, new Date(), new Date(Date.now() + 1_000));
  const log = again();
  const told = await follow(log);
  await rm(path);
  await writeFile(path, 'newest\n');
  await lookUntil(log, () => told.items.includes('newest'));
  assert.deepEqual(linesOf(told), ['newest']);
  assert.deepEqual(linesOf(await readAfter(undefined, log)), ['copied', 'after the cut', 'newest']);
});

test('the copy of a file that was cut, written to and removed within one tick of the clock is the part before it', async (context) => {
  const { path, log, append, readAfter } = await tailing(context, 'first\n');
  const told = await follow(log);
  await append('copied\n');
  await copyFile(path, `${path}.1`);
  await truncate(path);
  await append('after the cut\n');
  const { mtime } = await stat(`${path}.1`);
  for (const each of [path, `${path}.1`]) await utimes(each, mtime, mtime);
  await rm(path);
  await lookUntil(log, () => told.items.includes('after the cut'));
  await writeFile(path, 'newest\n');
  await lookUntil(log, () => told.items.includes('newest'));
  assert.deepEqual(linesOf(told), ['copied', 'after the cut', 'newest']);
  assert.deepEqual(linesOf(await readAfter()), ['first', 'copied', 'after the cut', 'newest']);
});

test('what has replaced a file that waits for its turn is not taken to be before that', async (context) => {
  const { path, archives } = await tailing(context, 'first\n');
  const generations = new Generations(new SinglePath(path), archives, false);
  context.after(() => generations.close());
  const [first] = await generations.openSuccessors(undefined);
  assert.ok(first);
  generations.add(first);
  await rename(path, `${path}.2`);
  await writeFile(path, 'replaced\n');
  const [waiting] = await generations.openSuccessors(first);
  assert.ok(waiting);
  await writeFile(`${path}.1`, 'replacing\n');
  await utimes(`${path}.1`, new Date(), new Date(Date.now() + 1_000));
  await rm(path);
  await writeFile(path, 'newest\n');
  assert.deepEqual(await generations.openBetween(first, [waiting]), []);
  const heads = (await generations.openSuccessors(waiting)).map(({ head }) => head.toString());
  assert.deepEqual(heads, ['replacing\n', 'newest\n']);
});

test('who asks for the oldest line while a file that was removed is still read gets all parts in their order, once', async (context) => {
  const { path, log, append, readAfter } = await tailing(context, text(numbered(0, 5)));
  const told = await follow(log);
  await append('line 5\n');
  await lookUntil(log, () => told.items.includes('line 5'));
  await writeFile(`${path}.1`, text(numbered(6, 15)));
  // Its last line came when its successor was there already.
  const { birthtimeMs } = await stat(`${path}.1`);
  await utimes(path, new Date(), new Date(birthtimeMs + 1));
  await utimes(`${path}.1`, new Date(), new Date(birthtimeMs + 2));
  await log.look();
  await rm(path);
  await writeFile(path, text(numbered(15, 20)));
  assert.deepEqual(linesOf(await readAfter()).slice(0, 6), numbered(0, 6));
  await lookUntil(log, () => told.items.includes('line 19'));
  assert.deepEqual(linesOf(told), numbered(5, 20));
  assert.deepEqual(linesOf(await readAfter()), numbered(0, 20));
});

test('an unfinished line is not taken to go on with what was written when it had been copied and cut away', async (context) => {
  const banner = `${'='.repeat(2_000)}\n`;
  const { path, log, append } = await tailing(context, banner);
  const told = await follow(log);
  await append('copied before it was given');
  await log.look();
  await append('\n');
  await copyFile(path, `${path}.1`);
  await truncate(path);
  await append(`${banner}after the cut, and longer than what was there before\n`);
  await lookUntil(log, () => told.items.some((item) => item.startsWith('after the cut')));
  assert.deepEqual(
    linesOf(told).filter((line) => !line.startsWith('=')),
    ['copied before it was given', 'after the cut, and longer than what was there before'],
  );
});

test('a cursor into an older part goes on there while what a link leads to is gone', async (context) => {
  const { folder, archives } = await tailing(context);
  const dated = (day: number) => join(folder, `app-2026-11-0${day}.log`);
  await writeFile(dated(1), text(numbered(0, 5)));
  await writeFile(dated(2), text(numbered(5, 10)));
  await writeFile(dated(3), 'removed\n');
  const path = join(folder, 'current.log');
  await symlink(dated(3), path);
  const log = new FileLog({ path, partialTimeoutMs: 1_000, archives });
  context.after(() => log.close());
  const { position } = await log.locate({ at: 'oldest' });
  const told = new Told();
  for await (const batch of log.read(position, { signal: new AbortController().signal })) told.batch(batch);
  await rm(dated(3));
  const again = new FileLog({ path, partialTimeoutMs: 1_000, archives });
  context.after(() => again.close());
  const located = await again.locate({ at: 'cursor', cursor: told.cursors[2] as Cursor });
  assert.equal(located.gap, undefined);
  const rest = new Told();
  for await (const batch of again.read(located.position, { signal: new AbortController().signal })) rest.batch(batch);
  assert.deepEqual(linesOf(rest), numbered(3, 10));
});

test('a part of the same tick of the clock as one that is gone is read, and a gap tells that it may have come after that', async (context) => {
  const { folder, archives } = await tailing(context);
  const dated = (day: number) => join(folder, `app-2026-11-0${day}.log`);
  for (const day of [1, 2, 3]) await writeFile(dated(day), text(numbered(5 * day, 5 * day + 5)));
  const tick = new Date(Date.now() - 1_000);
  await utimes(dated(1), tick, new Date(tick.getTime() - 1_000));
  for (const day of [2, 3]) await utimes(dated(day), tick, tick);
  const path = join(folder, 'current.log');
  await symlink(dated(3), path);
  const log = new FileLog({ path, partialTimeoutMs: 1_000, archives });
  context.after(() => log.close());
  const told = await follow(log);
  await rm(dated(3));
  const { position } = await log.locate({ at: 'oldest' });
  const read = new Told();
  for await (const batch of log.read(position, { signal: new AbortController().signal })) read.batch(batch);
  assert.deepEqual(linesOf(read), numbered(5, 20));
  await writeFile(dated(4), 'newest\n');
  await symlink(dated(4), `${path}.new`);
  await rename(`${path}.new`, path);
  await lookUntil(log, () => told.items.includes('newest'));
  assert.deepEqual(told.items, ['feed.gap', 'newest']);
});

test('who stands behind a banner, in a file that was then copied and cut, is told that nobody knows in which', async (context) => {
  const banner = `${'='.repeat(1_500)}\n`;
  const { path, append, readAfter, again } = await tailing(context, banner);
  const behindBanner = (await readAfter()).cursors.at(-1);
  await append('copied\n');
  const behindLine = (await readAfter()).cursors.at(-1);
  await copyFile(path, `${path}.1`);
  assert.deepEqual((await readAfter(behindBanner, again())).items, ['copied'], 'while it is not cut, the copy is no other');
  await truncate(path);
  await append(`${banner}after the cut\n`);
  const returned = await readAfter(behindBanner, again());
  assert.deepEqual(
    returned.items.filter((item) => !item.startsWith('=')),
    ['gap ambiguous', 'copied', 'feed.rotated', 'after the cut'],
  );
  const sure = await readAfter(behindLine, again());
  assert.ok(sure.items.includes('after the cut') && !sure.items.includes('copied') && !sure.items.includes('gap ambiguous'));
});
