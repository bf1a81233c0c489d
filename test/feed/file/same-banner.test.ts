import assert from 'node:assert/strict';
import {
  appendFileSync,
  copyFileSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { type TestContext, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { Cursor } from '../../../server/feed/cursor.ts';
import { FileReading } from '../../../server/feed/file/file-reading.ts';
import { Generations } from '../../../server/feed/file/generations.ts';
import { SinglePath } from '../../../server/feed/file/tailed-path.ts';
import { follow, lookUntil, Told, tailing } from './tailing.ts';

/** What all contents of the file begin with: more than a cursor has of its head. */
const BANNER = `# ${'settings '.repeat(150)}`;
const contentOf = (word: string, lines: number) => [BANNER, ...linesOf(word, lines), ''].join('\n');
const linesOf = (word: string, lines: number) => Array.from({ length: lines }, (_, index) => `${word} ${index}`);

test('who has read past the banner of a file goes on in its copy, though somebody else has found out first that it was cut', async (context) => {
  const { path, log, append } = await tailing(context, contentOf('old', 5));
  const { position } = await log.locate({ at: 'oldest' });
  const told = new Told();
  for await (const batch of log.read(position, { signal: new AbortController().signal })) {
    told.batch(batch);
    if (told.items.length !== 6) continue;
    await append('unread\n');
    copyFileSync(path, `${path}.1`);
    writeFileSync(path, contentOf('new', 1));
    // Who comes to the head now finds a file that begins as it did.
    await log.locate({ at: 'head' });
  }
  const expected = [BANNER, ...linesOf('old', 5), 'unread', 'feed.truncated', 'feed.gap', BANNER, ...linesOf('new', 1)];
  assert.deepEqual(told.items, expected);
});

test('who comes to a file that was cut and begins as it did is not told that what it holds now is gone', async (context) => {
  const { path, log, readAfter } = await tailing(context, contentOf('old', 5));
  await log.locate({ at: 'head' });
  writeFileSync(path, contentOf('new', 9));
  const told = await readAfter();
  assert.deepEqual(told.items, [BANNER, ...linesOf('new', 9)]);
});

/** A reading at the start of a file that nobody has looked at yet. */
async function beginning(context: TestContext) {
  const { path, archives } = await tailing(context, contentOf('old', 5));
  const generations = new Generations(new SinglePath(path), archives, false);
  context.after(() => generations.close());
  await generations.refresh();
  const { newest } = generations;
  assert.ok(newest);
  const reading = new FileReading(generations, { generation: newest.ordinal, offset: 0 });
  const told = new Told();
  const readOn = async () => {
    const batches = await reading.next(null);
    for (const batch of batches) told.batch(batch);
    return batches.length > 0;
  };
  return { path, generations, newest, told, readOn };
}

test('what is read while somebody else finds out that the file was cut is given once, behind the gap', async (context) => {
  const { path, generations, newest, told, readOn } = await beginning(context);
  const first = readOn();
  truncateSync(path);
  writeFileSync(path, contentOf('new', 9));
  await Promise.all([first, generations.truncated(newest, [])]);
  while (await readOn());
  assert.deepEqual(told.items, ['feed.truncated', 'feed.gap', BANNER, ...linesOf('new', 9)]);
});

test('what came to a file that was cut since it was looked at is not given as what it held before, within one tick of the clock either', async (context) => {
  const { path, generations, newest, told, readOn } = await beginning(context);
  // The clock of the file system does not go on.
  const mtime = new Date(Date.now() + 60_000);
  utimesSync(path, mtime, mtime);
  // Others have read it to its end.
  await newest.look();
  const first = readOn();
  writeFileSync(path, contentOf('new', 9));
  utimesSync(path, mtime, mtime);
  await first;
  while (await readOn());
  assert.deepEqual(told.items, ['feed.truncated', 'feed.gap', BANNER, ...linesOf('new', 9)]);
  assert.notEqual(generations.newest, newest);
});

test('who is behind goes on in the copy of a file, though what others had read when they found it cut is in no copy', async (context) => {
  const { path, generations, newest, told, readOn } = await beginning(context);
  await newest.look();
  copyFileSync(path, `${path}.1`);
  appendFileSync(path, 'written after it was copied\n');
  const place = { offset: (await newest.look()).size, context: await newest.readContext(newest.size) };
  truncateSync(path);
  writeFileSync(path, contentOf('new', 1));
  await generations.truncated(newest, [place]);
  while (await readOn());
  assert.deepEqual(told.items, [BANNER, ...linesOf('old', 5), 'feed.truncated', 'feed.gap', BANNER, ...linesOf('new', 1)]);
});

test('who stood behind the banner in a file that was copied, cut and then renamed is told that nobody knows in which', async (context) => {
  const { path, readAfter, again } = await tailing(context, contentOf('', 0));
  const behindBanner = (await readAfter()).cursors.at(-1);
  writeFileSync(path, contentOf('old', 5));
  copyFileSync(path, `${path}.2`);
  truncateSync(path);
  writeFileSync(path, contentOf('new', 2));
  renameSync(path, `${path}.1`);
  writeFileSync(path, contentOf('newest', 1));
  const { items } = await readAfter(behindBanner, again());
  assert.equal(items[0], 'gap ambiguous');
  assert.deepEqual(
    items.filter((item) => /^(old|new)/.test(item)),
    [...linesOf('old', 5), ...linesOf('new', 2), ...linesOf('newest', 1)],
  );
});

test('late lines to a file that was copied, cut and renamed with nothing but its banner are the range that is named', async (context) => {
  const { path, log } = await tailing(context, contentOf('old', 5));
  const told = await follow(log);
  copyFileSync(path, `${path}.2`);
  truncateSync(path);
  writeFileSync(path, contentOf('', 0));
  await lookUntil(log, () => told.items.includes(BANNER));
  renameSync(path, `${path}.1`);
  writeFileSync(path, contentOf('new', 2));
  await lookUntil(log, () => told.items.includes('new 1'));
  appendFileSync(`${path}.1`, 'late\n');
  await lookUntil(log, () => told.notices.at(-1)?.data.reason === 'late');
  const { since, until } = told.notices.at(-1)?.data ?? {};
  const from = await log.locate({ at: 'cursor', cursor: since as Cursor, until: until as Cursor });
  const to = await log.locate({ at: 'cursor', cursor: until as Cursor });
  assert.equal(from.gap, undefined);
  const range = new Told();
  for await (const batch of log.read(from.position, { until: to.position, signal: new AbortController().signal }))
    range.batch(batch);
  assert.deepEqual(range.items, ['late']);
  told.stop();
});

test('a part with nothing but the banner, between two looks, is a part, to which late lines may come', async (context) => {
  const { path, log, readAfter } = await tailing(context, contentOf('old', 5));
  const told = await follow(log);
  rmSync(path);
  writeFileSync(`${path}.1`, contentOf('', 0));
  writeFileSync(path, contentOf('new', 2));
  await lookUntil(log, () => told.items.includes('new 1'));
  appendFileSync(`${path}.1`, 'late\n');
  await lookUntil(log, () => told.notices.at(-1)?.data.reason === 'late');
  assert.ok((await readAfter()).items.includes('late'));
  told.stop();
});

test('a file that is cut and written anew while a place in it is looked for is searched again: no cursor is of both contents', async (context) => {
  const { path, again, readAfter } = await tailing(context, contentOf('old', 5));
  const cursor = (await readAfter()).cursors[3] as Cursor;
  for (let turns = 0; turns < 60; turns += 1) {
    writeFileSync(path, contentOf('old', 5));
    const log = again();
    await log.locate({ at: 'head' });
    const locating = log.locate({ at: 'cursor', cursor });
    for (let turn = 0; turn < turns; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    writeFileSync(path, contentOf('something longer', 9));
    const located = await locating;
    if (located.gap === undefined) assert.equal(located.cursor, cursor);
  }
});

for (const form of ['a copy', 'an archive'])
  test(`who stood behind the banner of a file that is gone is not taken to ${form} of what was there before it`, async (context) => {
    const { path, log, readAfter, again } = await tailing(context, contentOf('old', 5));
    const told = await follow(log);
    copyFileSync(path, `${path}.1`);
    rmSync(path);
    writeFileSync(path, contentOf('', 0));
    await lookUntil(log, () => told.items.includes(BANNER));
    told.stop();
    const behindBanner = told.cursors.at(-1);
    rmSync(path);
    if (form === 'an archive') {
      writeFileSync(`${path}.1.gz`, gzipSync(readFileSync(`${path}.1`)));
      rmSync(`${path}.1`);
    }
    const { items } = await readAfter(behindBanner, again());
    assert.deepEqual(items, ['gap ambiguous', BANNER, ...linesOf('old', 5)]);
  });

test('who stood behind a banner goes on in the archive of his file, where its first lines were no others', async (context) => {
  const { path, readAfter, again } = await tailing(context, contentOf('', 0));
  const behindBanner = (await readAfter()).cursors.at(-1);
  appendFileSync(path, 'and more\n');
  writeFileSync(`${path}.1.gz`, gzipSync(readFileSync(path)));
  rmSync(path);
  assert.deepEqual((await readAfter(behindBanner, again())).items, ['and more']);
});

test('how far contents begin alike is not looked for again while nothing comes', async (context) => {
  const { path, generations, newest, readOn } = await beginning(context);
  copyFileSync(path, `${path}.1`);
  // With a line of its own, it is no copy.
  appendFileSync(`${path}.1`, 'older\n');
  await generations.loadOlder();
  const lengths: number[] = [];
  const readStart = newest.readStart.bind(newest);
  newest.readStart = (length) => {
    lengths.push(length);
    return readStart(length);
  };
  while (await readOn());
  const read = lengths.length;
  assert.ok(read > 0 && newest.cursors.sharedTo === newest.size, 'all of it is shared');
  await readOn();
  assert.deepEqual(
    lengths.slice(read).filter((length) => length > 1_024),
    [],
  );
});

/** A file is copied, cut and replaced, and its successor rotated as well, before who has read its banner and what was `begun` looks again. */
async function cutAndReplaced(context: TestContext, { begun = '', left = '', seen = false }) {
  const reading = await beginning(context);
  const { path, newest, readOn } = reading;
  writeFileSync(path, `${BANNER}\n${begun}`);
  await newest.beginAnew();
  await readOn();
  await readOn();
  appendFileSync(path, `${'old 0'.slice(begun.length)}\n`);
  if (seen) await newest.look();
  copyFileSync(path, `${path}.2`);
  writeFileSync(path, left);
  // All of this is in one tick of the clock.
  const { mtime } = statSync(path);
  utimesSync(path, mtime, new Date(mtime.getTime() + 60_000));
  rmSync(path);
  writeFileSync(`${path}.1`, contentOf('new', 2));
  writeFileSync(path, contentOf('newest', 1));
  while (await readOn());
  return reading.told.items;
}

test('of two parts that begin with the banner none is guessed to be the copy of a file that was cut', async (context) => {
  assert.deepEqual(await cutAndReplaced(context, {}), [BANNER, 'feed.truncated', 'feed.gap']);
});

test('of two parts that begin with the banner that is the copy of a file that goes on as it was seen to', async (context) => {
  const items = await cutAndReplaced(context, { begun: 'ol' });
  assert.deepEqual(items, [BANNER, 'old 0', 'feed.truncated', 'feed.gap']);
});

test('a file is found to have been cut to its banner by what somebody has seen behind that', async (context) => {
  const items = await cutAndReplaced(context, { seen: true, left: contentOf('', 0) });
  assert.deepEqual(items, [BANNER, 'old 0', 'feed.truncated', 'feed.gap', BANNER]);
});
