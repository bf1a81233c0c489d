import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { appendFile, copyFile, open, rename, rm, symlink, truncate, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import type { Cursor } from '../../../server/feed/cursor.ts';
import { FileLog } from '../../../server/feed/file/file-log.ts';
import type { Position } from '../../../server/feed/position.ts';
import { follow, lookUntil, Told, tailing } from './tailing.ts';

const numbered = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => `line ${from + index}`);
const text = (lines: readonly string[]) => lines.map((line) => `${line}\n`).join('');

/** As logrotate does with the part before the last. */
async function compressPart(path: string): Promise<void> {
  await rename(`${path}.1`, `${path}.2`);
  execFileSync('gzip', [`${path}.2`]);
}

test('a cursor from before several rotations goes on exactly, through .1 and .2.gz, also after a restart', async (context) => {
  const { path, again, readAfter } = await tailing(context, text(numbered(0, 100)));
  const { cursors } = await readAfter();
  await rename(path, `${path}.1`);
  await writeFile(path, text(numbered(100, 200)));
  await compressPart(path);
  await rename(path, `${path}.1`);
  await writeFile(path, text(numbered(200, 300)));
  const { items, by } = await readAfter(cursors[49] as Cursor, again());
  assert.equal(by, 'resumed');
  assert.deepEqual(items, [...numbered(50, 100), 'feed.rotated', ...numbered(100, 200), 'feed.rotated', ...numbered(200, 300)]);
});

for (const [scheme, names] of [
  ['numbers behind the extension', ['a.log.3.gz', 'a.log.2', 'a.log.1']],
  ['dates behind the extension', ['a.log-20261120.gz', 'a.log-20261121', 'a.log-20261122']],
  ['numbers before the extension', ['a.3.log.gz', 'a.2.log', 'a.1.log']],
  ['dates before the extension', ['a-2026-11-20.log.gz', 'a-2026-11-21.log', 'a-2026-11-22.log']],
] as const)
  test(`a chain of rotated files is read in order: ${scheme}`, async (context) => {
    const { path, folder, readAfter } = await tailing(context, text(numbered(30, 40)));
    for (const [index, name] of names.entries()) {
      const plain = join(folder, name.replace(/\.gz$/, ''));
      await writeFile(plain, text(numbered(index * 10, index * 10 + 10)));
      if (name.endsWith('.gz')) execFileSync('gzip', [plain]);
    }
    await appendFile(path, '');
    const { items } = await readAfter();
    assert.deepEqual(
      items.filter((item) => item !== 'feed.rotated'),
      numbered(0, 40),
    );
    assert.equal(items.length, 43);
  });

test('every cursor given out before a rotation into an archive leads to exactly the lines after it', async (context) => {
  const { path, again, readAfter } = await tailing(context, text(numbered(0, 30)));
  const { cursors } = await readAfter();
  await rename(path, `${path}.2`);
  execFileSync('gzip', [`${path}.2`]);
  await writeFile(path, text(numbered(30, 35)));
  for (const [index, cursor] of cursors.entries()) {
    const { items } = await readAfter(cursor, again());
    assert.deepEqual(
      items.filter((item) => item !== 'feed.rotated'),
      numbered(index + 1, 35),
    );
  }
});

test('an archive that is still being written is a gap, and what follows is read', async (context) => {
  const { path, readAfter } = await tailing(context, text(numbered(10, 12)));
  await writeFile(`${path}.2`, text(numbered(0, 10)));
  execFileSync('gzip', [`${path}.2`]);
  await truncate(`${path}.2.gz`, 30);
  const { items, notices } = await readAfter();
  assert.deepEqual(items, ['feed.gap', ...numbered(10, 12)]);
  assert.equal(notices[0]?.data.reason, 'unreadable');
});

test('two rotations between two looks: the file in the middle is not missed', async (context) => {
  const { path, log, append } = await tailing(context, 'old\n');
  const told = await follow(log);
  await append('a\n');
  await log.look();
  await rename(path, `${path}.2`);
  await writeFile(path, 'b\n');
  await rename(path, `${path}.1`);
  await writeFile(path, 'c\n');
  await lookUntil(log, () => told.items.includes('c'));
  assert.deepEqual(told.items, ['a', 'feed.rotated', 'b', 'feed.rotated', 'c']);
  told.stop();
});

test('copytruncate: what was not read before the truncation is read from the copy', async (context) => {
  const { path, log, append } = await tailing(context, text(numbered(0, 5)));
  const told = await follow(log);
  await append('read\n');
  await log.look();
  await append('unread\n');
  await copyFile(path, `${path}.1`);
  await truncate(path, 0);
  await append('new\n');
  await lookUntil(log, () => told.items.includes('new'));
  assert.deepEqual(told.items, ['read', 'unread', 'feed.truncated', 'feed.gap', 'new']);
  assert.equal(told.notices[1]?.data.bytes, null);
  told.stop();
});

test('copytruncate: all who read the file at that moment go on in the copy', async (context) => {
  const { path, log } = await tailing(context, 'one\ntwo\n');
  const { position } = await log.locate({ at: 'oldest' });
  await copyFile(path, `${path}.1`);
  await writeFile(path, 'three\n');
  const readers = Array.from({ length: 8 }, async () => {
    const told = new Told();
    for await (const batch of log.read(position, { signal: new AbortController().signal })) told.batch(batch);
    return told.items;
  });
  for (const items of await Promise.all(readers)) assert.deepEqual(items, ['one', 'two', 'feed.truncated', 'feed.gap', 'three']);
});

test('copytruncate of a short file that is long when somebody looks again: who was behind goes on in the copy', async (context) => {
  const { path, log } = await tailing(context, 'one\ntwo\n');
  const { position } = await log.locate({ at: 'oldest' });
  const signal = new AbortController().signal;
  const told = new Told();
  for await (const batch of log.read(position, { signal })) {
    told.batch(batch);
    if (told.items.length !== 2) continue;
    await appendFile(path, 'unread\n');
    await copyFile(path, `${path}.1`);
    await writeFile(path, text(numbered(0, 200)));
    await log.locate({ at: 'head' });
  }
  assert.deepEqual(told.items, ['one', 'two', 'unread', 'feed.truncated', 'feed.gap', ...numbered(0, 200)]);
});

/** Two contents that begin with `banner` are copied and cut; which copy is of which, the beginning does not tell. */
async function copyTwice(path: string, banner: string, later: string): Promise<void> {
  await copyFile(path, `${path}.2`);
  await writeFile(path, `${banner}between\n`);
  await copyFile(path, `${path}.1`);
  await writeFile(path, `${banner}${later}`);
}

const LONG_BANNER = `# ${'settings '.repeat(150)}#\n`;

for (const [what, later] of [
  ['shorter', 'new\n'],
  ['longer', `${'new '.repeat(99)}\nnew\n`],
] as const)
  test(`a file that is cut, and ${what} then, is read from the right copy where what lay behind the common beginning was seen`, async (context) => {
    const { path, readAfter, log } = await tailing(context, `${LONG_BANNER}one\ntwo\n`);
    const { position } = await log.locate({ at: 'oldest' });
    await copyTwice(path, LONG_BANNER, later);
    const told = new Told();
    for await (const batch of log.read(position, { signal: new AbortController().signal })) told.batch(batch);
    const [banner, ...behind] = `${LONG_BANNER}${later}`.trimEnd().split('\n');
    assert.deepEqual(told.items, [banner, 'one', 'two', 'feed.truncated', 'feed.gap', banner, ...behind]);
    assert.equal((await readAfter()).items.at(-1), 'new');
  });

test('a file that is cut is not taken for one of its copies where nothing that was seen tells which: a gap tells', async (context) => {
  const { path, log, append, readAfter } = await tailing(context, LONG_BANNER);
  const { position } = await log.locate({ at: 'oldest' });
  await append('one\ntwo\n');
  await copyTwice(path, LONG_BANNER, '');
  await writeFile(path, 'new\n');
  const told = new Told();
  for await (const batch of log.read(position, { signal: new AbortController().signal })) told.batch(batch);
  assert.deepEqual(told.items, ['feed.truncated', 'feed.gap', 'new']);
  assert.equal((await readAfter()).items.at(-1), 'new');
});

test('copytruncate while the service was down: a cursor goes on in the copy', async (context) => {
  const { path, again, readAfter } = await tailing(context, text(numbered(0, 100)));
  const { cursors } = await readAfter();
  await copyFile(path, `${path}.1`);
  await truncate(path, 0);
  await appendFile(path, text(numbered(100, 110)));
  const { items } = await readAfter(cursors[89] as Cursor, again());
  assert.deepEqual(
    items.filter((item) => !item.startsWith('feed.')),
    numbered(90, 110),
  );
});

test('a cursor behind the end of the copy that was made before the file was cut goes on where the copy ends, with a gap', async (context) => {
  const { path, again, readAfter } = await tailing(context, text(numbered(0, 1_000)));
  const { cursors } = await readAfter();
  await copyFile(path, `${path}.1`);
  await truncate(`${path}.1`, 5_000);
  await truncate(path, 0);
  await appendFile(path, 'new\n');
  const { items } = await readAfter(cursors[999] as Cursor, again());
  assert.deepEqual(items, ['gap truncated', 'feed.rotated', 'new']);
});

test('a file that was cut and begun again with the same banner loses none of its new lines', async (context) => {
  const banner = `${'settings '.repeat(130)}end\n`;
  const { path, again, readAfter } = await tailing(context, banner + text(numbered(0, 100)));
  const { cursors } = await readAfter();
  await truncate(path, 0);
  await appendFile(path, banner + text(numbered(100, 110)));
  const { items } = await readAfter(cursors[100] as Cursor, again());
  assert.deepEqual(items, ['gap truncated', banner.slice(0, -1), ...numbered(100, 110)]);
});

test('copytruncate while the service was down: a gap tells that lines may have come between the copying and the cut', async (context) => {
  const { path, again, readAfter } = await tailing(context, text(numbered(0, 10)));
  const { cursors } = await readAfter();
  await copyFile(path, `${path}.1`);
  await appendFile(path, 'lost\n');
  await truncate(path, 0);
  await appendFile(path, 'new\n');
  const { items, notices } = await readAfter(cursors[5] as Cursor, again());
  assert.deepEqual(items, [...numbered(6, 10), 'feed.truncated', 'feed.gap', 'new']);
  assert.equal(notices[1]?.data.reason, 'truncated');
});

test('copytruncate, then a rotation by renaming, while the service was down: the gap is where the file was cut', async (context) => {
  const { path, again, readAfter } = await tailing(context, text(numbered(0, 10)));
  const { cursors } = await readAfter();
  await copyFile(path, `${path}.2`);
  await truncate(path, 0);
  await appendFile(path, text(numbered(10, 12)));
  await rename(path, `${path}.1`);
  await writeFile(path, text(numbered(12, 14)));
  const { items } = await readAfter(cursors[7] as Cursor, again());
  const cut = ['feed.truncated', 'feed.gap'];
  assert.deepEqual(items, [...numbered(8, 10), ...cut, ...numbered(10, 12), 'feed.rotated', ...numbered(12, 14)]);
});

test('a file that was written over is noticed by whoever reads it from its start, and is not read twice', async (context) => {
  const { path, log, append } = await tailing(context, text(numbered(0, 10)));
  const told = await follow(log);
  await append('seen\n');
  await log.look();
  const { position } = await log.locate({ at: 'oldest' });
  await writeFile(path, text(numbered(20, 30)));
  await append('new\n');
  const read = new Told();
  for await (const batch of log.read(position, { signal: context.signal })) read.batch(batch);
  assert.deepEqual(read.items, ['feed.truncated', 'feed.gap', ...numbered(20, 30), 'new']);
  await lookUntil(log, () => told.items.includes('new'));
  assert.deepEqual(told.items, ['seen', 'feed.truncated', 'feed.gap', ...numbered(20, 30), 'new']);
  told.stop();
});

test('a file that was written over with as many bytes and the same end is noticed by its head', async (context) => {
  const end = 'the last line of each report is the same, and longer than the 64 bytes that are compared before a place\n';
  const { path, log } = await tailing(context, `first report\n${end}`);
  const told = await follow(log);
  await log.look();
  await new Promise((resolve) => setTimeout(resolve, 20));
  const file = await open(path, 'r+');
  await file.write(`other report\n${end}`, 0);
  await file.close();
  await lookUntil(log, () => told.items.length > 3);
  assert.deepEqual(told.items, ['feed.truncated', 'feed.gap', 'other report', end.trimEnd()]);
  told.stop();
});

test('who begins to follow a file that was cut a moment ago is served, and told', async (context) => {
  const { path, log } = await tailing(context, text(numbered(0, 100)));
  const first = await follow(log);
  await truncate(path, 5);
  const second = await follow(log);
  const { position } = await log.locate({ at: 'head' });
  assert.ok(position.offset > 5);
  await lookUntil(log, () => second.items.includes('feed.gap'));
  assert.deepEqual(second.items, first.items);
  first.stop();
  second.stop();
});

test('who reads an older part waits for its last line, which its writer is still at', async (context) => {
  const { path, readAfter } = await tailing(context, 'one\nbegun, ');
  await rename(path, `${path}.1`);
  await writeFile(path, 'two\n');
  const reading = readAfter();
  await new Promise((resolve) => setTimeout(resolve, 300));
  await appendFile(`${path}.1`, 'and finished\n');
  assert.deepEqual((await reading).items, ['one', 'begun, and finished', 'feed.rotated', 'two']);
});

test('an unfinished last line of an older part that was left long ago is given at once', async (context) => {
  const { path, readAfter } = await tailing(context, 'one\nbegun');
  await utimes(path, new Date(), new Date(Date.now() - 6_000));
  await rename(path, `${path}.1`);
  await writeFile(path, 'two\n');
  const before = performance.now();
  assert.deepEqual((await readAfter()).items, ['one', 'begun', 'feed.rotated', 'two']);
  assert.ok(performance.now() - before < 4_000);
});

test('parts that begin with the same banner within one second are parts of their own, also where one is compressed', async (context) => {
  const banner = `${'settings '.repeat(130)}end\n`;
  const { path, readAfter } = await tailing(context, `${banner}three\n`);
  await writeFile(`${path}.2`, `${banner}one\n`);
  await writeFile(`${path}.1`, `${banner}second\n`);
  execFileSync('gzip', [`${path}.2`]);
  await readAfter();
  const { items } = await readAfter();
  const lines = items.filter((item) => item !== 'feed.rotated' && item !== banner.slice(0, -1));
  assert.deepEqual(lines, ['one', 'second', 'three']);
});

test('a late line to an old part does not make it younger than the parts after it', async (context) => {
  const { path, readAfter } = await tailing(context, 'three\n');
  await writeFile(`${path}.2`, 'one\n');
  await writeFile(`${path}.1`, 'two\n');
  await appendFile(`${path}.2`, 'one, late\n');
  const { items } = await readAfter();
  assert.deepEqual(items, ['one', 'one, late', 'feed.rotated', 'two', 'feed.rotated', 'three']);
});

test('a link that is pointed from dated file to dated file is read through all of them', async (context) => {
  const { path, folder, again, readAfter } = await tailing(context, null);
  const days = ['b-2026-01-01.log', 'b-2026-01-02.log', 'b-2026-01-03.log'].map((name) => join(folder, name));
  for (const day of days) await writeFile(day, `in ${day.slice(-6, -4)}\n`);
  await symlink(days[0] as string, path);
  const { cursors } = await readAfter();
  await rm(path);
  await symlink(days[2] as string, path);
  const { items } = await readAfter(cursors[0] as Cursor, again());
  assert.deepEqual(items, ['feed.rotated', 'in 02', 'feed.rotated', 'in 03']);
});

test('a link among the older parts leads to no file of another folder: who may write in a log folder reads no more than that', async (context) => {
  const { path, folder, readAfter } = await tailing(context, 'now\n');
  const elsewhere = await tailing(context, 'secret\n');
  await writeFile(join(folder, 'kept'), 'before\n');
  await symlink(elsewhere.path, `${path}.2`);
  await symlink(join(folder, 'kept'), `${path}.1`);
  assert.deepEqual((await readAfter()).items, ['before', 'feed.rotated', 'now']);
});

test('lines that come to the old file after the new one is read are a gap that names their range', async (context) => {
  const { path, log } = await tailing(context, 'old\n');
  const told = await follow(log);
  await rename(path, `${path}.1`);
  await writeFile(path, 'new\n');
  await lookUntil(log, () => told.items.includes('new'));
  await appendFile(`${path}.1`, 'late one\nlate two\nhal');
  await lookUntil(log, () => told.items.includes('feed.gap'));
  const { reason, bytes, since, until } = told.notices.at(-1)?.data ?? {};
  assert.deepEqual([reason, bytes], ['late', 18]);
  const from = await log.locate({ at: 'cursor', cursor: since as Cursor });
  const to = await log.locate({ at: 'cursor', cursor: until as Cursor });
  const range = new Told();
  for await (const batch of log.read(from.position, { until: to.position, signal: new AbortController().signal }))
    range.batch(batch);
  assert.deepEqual(range.items, ['late one', 'late two']);
  assert.deepEqual(told.items, ['feed.rotated', 'new', 'feed.gap']);
  told.stop();
});

test('a late line to a file that was copied, cut and renamed while empty is the range that is named, and nothing besides', async (context) => {
  const { path, log, append } = await tailing(context, '');
  const told = await follow(log);
  await append('copied\n');
  await lookUntil(log, () => told.items.includes('copied'));
  await copyFile(path, `${path}.2`);
  await truncate(path);
  await rename(path, `${path}.1`);
  await writeFile(path, 'new\n');
  await lookUntil(log, () => told.items.includes('new'));
  await appendFile(`${path}.1`, 'late\n');
  const late = () => told.notices.find(({ data }) => data.reason === 'late')?.data;
  await lookUntil(log, () => late() !== undefined);
  const [since, until] = await Promise.all(
    [late()?.since, late()?.until].map((cursor) => log.locate({ at: 'cursor', cursor: cursor as Cursor })),
  );
  assert.deepEqual([since?.gap, until?.gap], [undefined, undefined]);
  const range = new Told();
  const stretch = { until: until?.position as Position, signal: new AbortController().signal };
  for await (const batch of log.read(since?.position as Position, stretch)) range.batch(batch);
  assert.deepEqual(range.items, ['late']);
});

test('svlogd: a file renamed to a time stamp is found by its content', async (context) => {
  const { path, folder, again, readAfter } = await tailing(context, text(numbered(0, 50)));
  const { cursors } = await readAfter();
  await writeFile(join(folder, 'unrelated'), text(numbered(500, 600)));
  await rename(path, join(dirname(path), '@4000000064f1a2b3c4d5e6f7.s'));
  await writeFile(path, text(numbered(50, 60)));
  const { items } = await readAfter(cursors[39] as Cursor, again());
  assert.deepEqual(items, [...numbered(40, 50), 'feed.rotated', ...numbered(50, 60)]);
});

test('svlogd: all parts behind `current` are found by their names', async (context) => {
  const { folder, archives } = await tailing(context, null);
  const path = join(folder, 'current');
  await writeFile(join(folder, '@4000000064f1a2b3c4d5e6f7.s'), 'one\n');
  await writeFile(join(folder, '@4000000064f1a2b4c4d5e6f7.u'), 'two\n');
  await writeFile(path, 'three\n');
  const log = new FileLog({ path, partialTimeoutMs: 1_000, archives });
  const told = new Told();
  const { position } = await log.locate({ at: 'oldest' });
  for await (const batch of log.read(position, { signal: context.signal })) told.batch(batch);
  await log.close();
  assert.deepEqual(told.items, ['one', 'feed.rotated', 'two', 'feed.rotated', 'three']);
});

test('where a part is found only by its content, and other files have come since, a gap tells that they may be parts too', async (context) => {
  const { path, folder, again, readAfter } = await tailing(context, text(numbered(0, 50)));
  const { cursors } = await readAfter();
  await rename(path, join(folder, 'some name'));
  await writeFile(path, text(numbered(50, 60)));
  await rename(path, join(folder, 'another'));
  await writeFile(path, text(numbered(60, 70)));
  const { items, notices } = await readAfter(cursors[39] as Cursor, again());
  assert.deepEqual(items, [...numbered(40, 50), 'feed.gap', ...numbered(60, 70)]);
  assert.equal(notices[0]?.data.reason, 'unknown');
});

test('two files that hold the same content up to the cursor, neither of which is the one it came from, are ambiguous', async (context) => {
  const { path, again, readAfter } = await tailing(context, text(numbered(0, 50)));
  const { cursors } = await readAfter();
  await copyFile(path, `${path}.1`);
  await copyFile(path, `${path}.2`);
  await rm(path);
  await writeFile(path, 'new\n');
  const { items } = await readAfter(cursors[10] as Cursor, again());
  assert.equal(items[0], 'gap ambiguous');
});

test('a copy beside the file does not confuse: the file itself is the one the cursor names', async (context) => {
  const { path, again, readAfter } = await tailing(context, text(numbered(0, 50)));
  const { cursors } = await readAfter();
  await copyFile(path, `${path}.1`);
  await appendFile(path, text(numbered(50, 60)));
  const { items } = await readAfter(cursors[10] as Cursor, again());
  assert.deepEqual(items, numbered(11, 60));
});

test('a backup made before the file is replaced is not read again, also where lines came after it', async (context) => {
  for (const later of [[], numbered(10, 12)]) {
    const { path, log, append } = await tailing(context, text(numbered(0, 10)));
    const told = new Told();
    const following = await log.follow({ batch: (batch) => told.batch(batch), partial: () => {} });
    await copyFile(path, `${path}.1`);
    await append(text(later));
    await lookUntil(log, () => told.items.length === later.length);
    await writeFile(`${path}~`, text(numbered(20, 30)));
    await rename(`${path}~`, path);
    await lookUntil(log, () => told.items.includes('line 29'));
    assert.deepEqual(told.items, [...later, 'feed.rotated', ...numbered(20, 30)]);
    following.stop();
  }
});

test('a part between two looks is read, though it holds what the one before it begins with', async (context) => {
  const { path, log } = await tailing(context, 'started\nstopped\n');
  const told = new Told();
  const following = await log.follow({ batch: (batch) => told.batch(batch), partial: () => {} });
  await rename(path, `${path}.2`);
  await writeFile(`${path}.1`, 'started\n');
  await writeFile(path, 'now\n');
  await lookUntil(log, () => told.items.includes('now'));
  assert.deepEqual(told.items, ['feed.rotated', 'started', 'feed.rotated', 'now']);
  following.stop();
});
