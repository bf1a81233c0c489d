import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { appendFile, copyFile, rename, truncate, unlink, writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import type { Cursor } from '../../../server/feed/cursor.ts';
import type { FileLog } from '../../../server/feed/file/file-log.ts';
import type { Located } from '../../../server/feed/log.ts';
import { seeded } from '../../e2e/seed.ts';
import { lookUntil, Told, tailing } from './tailing.ts';

const numbered = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => `line ${from + index}`);
const text = (lines: readonly string[]) => lines.map((line) => `${line}\n`).join('');
const linesOf = (items: readonly string[]) => items.filter((item) => !item.startsWith('feed.'));

interface Page {
  readonly located: Located;
  readonly items: readonly string[];
}

async function readPage(log: FileLog, cursor: Cursor | 'head', count: number): Promise<Page> {
  const located = await log.locate({ at: 'before', cursor, count });
  const told = new Told();
  assert.ok(located.page !== undefined);
  const stretch = { until: located.page.end, signal: new AbortController().signal };
  for await (const batch of log.read(located.position, stretch)) told.batch(batch);
  return { located, items: told.items };
}

/** All pages, the oldest first; each is asked for from the log that `logOf` gives then. */
async function pagesBack(logOf: () => FileLog | Promise<FileLog>, count: number): Promise<Page[]> {
  const pages: Page[] = [];
  for (let cursor: Cursor | 'head' = 'head'; ; ) {
    const page = await readPage(await logOf(), cursor, count);
    pages.unshift(page);
    if (page.located.page?.isOldest !== false) return pages;
    cursor = page.located.cursor;
  }
}

/** Lines of 256 KiB as they can be told in a failure. */
const shown = (items: readonly string[]) => items.map((item) => `${item.slice(0, 4)} (${Buffer.byteLength(item)})`);
const itemsOf = (pages: readonly Page[]) => pages.flatMap(({ items }) => items);

test('pages backwards go through .1 and .2.gz: together they are what one reads who begins at the oldest', async (context) => {
  const { path, log, again, readAfter } = await tailing(context, text(numbered(200, 300)));
  await writeFile(`${path}.2`, text(numbered(0, 100)));
  execFileSync('gzip', [`${path}.2`]);
  await writeFile(`${path}.1`, text(numbered(100, 200)));
  const { items: all } = await readAfter();
  assert.equal(all.filter((item) => item === 'feed.rotated').length, 2);
  for (const count of [1, 7, 50, 100, 299, 300, 1_000]) {
    const pages = await pagesBack(() => log, count);
    assert.deepEqual(itemsOf(pages), all, `${count} a page`);
    for (const { items } of pages.slice(1)) assert.equal(linesOf(items).length, count);
  }
  assert.deepEqual(itemsOf(await pagesBack(again, 33)), all, 'after a restart before each page');
});

test('the places of pages hold while the file is rotated on between them, into an archive too', async (context) => {
  const { path, again } = await tailing(context, text(numbered(0, 100)));
  const written = numbered(0, 100);
  let rotations = 0;
  const rotate = async () => {
    for (let number = rotations; number > 0; number -= 1) await rename(`${path}.${number}.gz`, `${path}.${number + 1}.gz`);
    await rename(path, `${path}.1`);
    execFileSync('gzip', [`${path}.1`]);
    rotations += 1;
    const more = numbered(1_000 * rotations, 1_000 * rotations + 10);
    await writeFile(path, text(more));
  };
  const pages = await pagesBack(async () => {
    if (rotations < 4) await rotate();
    return again();
  }, 13);
  const newest = numbered(1_000, 1_010);
  assert.deepEqual(linesOf(itemsOf(pages)), [...written, ...newest]);
});

test('while a tail goes on, pages do not change by what comes', async (context) => {
  const { log, append } = await tailing(context, text(numbered(0, 50)));
  const following = await log.follow({ batch: () => {}, partial: () => {} });
  let written = 50;
  const pages = await pagesBack(async () => {
    await append(text(numbered(written, written + 20)));
    written += 20;
    await lookUntil(log, () => log.stats.eventsAppended === written - 50);
    return log;
  }, 9);
  assert.deepEqual(itemsOf(pages), numbered(0, 70), 'the first page was asked for when there were 70');
  following.stop();
});

test('pages of lines that are given in pieces have so many events, and begin where a reader is given one', async (context) => {
  const long = (letter: string, length: number) => letter.repeat(length);
  const lines = ['a', long('ü', 400_000), 'b', long('x', 262_144), long('y', 262_145), '', 'c', long('木', 300_000), 'd'];
  const { log, readAfter } = await tailing(context, text(lines));
  const { items: all } = await readAfter();
  assert.ok(all.length > lines.length + 5);
  for (const count of [1, 2, 3, 5, 100]) {
    const pages = await pagesBack(() => log, count);
    assert.deepEqual(shown(itemsOf(pages)), shown(all), `${count} a page`);
    for (const { items } of pages.slice(1)) assert.equal(items.length, count);
  }
  const last = await log.locate({ at: 'last', count: 4 });
  const told = new Told();
  for await (const batch of log.read(last.position, { signal: new AbortController().signal })) told.batch(batch);
  assert.deepEqual(told.items, all.slice(-4));
});

test('pages of UTF-16 hold whole lines, also where a byte of a character looks like a line feed', async (context) => {
  const lines = numbered(0, 200).map((line) => `${line} ਊĊ木🙂`);
  for (const swap of [false, true]) {
    const bytes = Buffer.from(`\ufeff${text(lines)}`, 'utf16le');
    const { log } = await tailing(context, swap ? bytes.swap16() : bytes);
    for (const count of [1, 7, 100]) assert.deepEqual(itemsOf(await pagesBack(() => log, count)), lines);
  }
});

test("pages of a container's log hold so many of its lines, with their parts joined", async (context) => {
  const lines = numbered(0, 60).map((line, index) => `${line} ${'x'.repeat(index % 7 === 0 ? 40_000 : 9)}`);
  const entry = (log: string, index: number) =>
    JSON.stringify({ log, stream: 'stdout', time: new Date(Date.UTC(2026, 10, 23) + index).toISOString() });
  const entries = lines.flatMap((line, index) => (`${line}\n`.match(/[\s\S]{1,16384}/g) ?? []).map((part) => entry(part, index)));
  const { log, readAfter } = await tailing(context, text(entries));
  assert.deepEqual((await readAfter()).items, lines);
  for (const count of [1, 4, 13, 100]) {
    const pages = await pagesBack(() => log, count);
    assert.deepEqual(itemsOf(pages), lines);
    for (const { items } of pages.slice(1)) assert.equal(items.length, count);
  }
});

test('pages go over holes in a file, and make no lines of them', async (context) => {
  const hole = Buffer.alloc(700_000);
  const parts = [
    text(numbered(0, 10)),
    hole,
    text(numbered(10, 20)),
    'half',
    hole.subarray(0, 5_000),
    text(numbered(20, 30)),
    hole,
  ];
  const { log, readAfter } = await tailing(context, Buffer.concat(parts.map((part) => Buffer.from(part as string))));
  const all = linesOf((await readAfter()).items);
  for (const count of [1, 3, 8, 50]) assert.deepEqual(linesOf(itemsOf(await pagesBack(() => log, count))), all);
});

test('the unfinished last line of an older file is an event of its page; that of the file itself is not yet', async (context) => {
  const { path, log } = await tailing(context, 'c\nunfinished');
  await writeFile(`${path}.1`, 'a\nb');
  const pages = await pagesBack(() => log, 1);
  assert.deepEqual(
    pages.map(({ items }) => linesOf(items)),
    [['a'], ['b'], ['c']],
  );
});

test('empty files between others, and an empty newest one, are passed', async (context) => {
  const { path, log } = await tailing(context, '');
  await writeFile(`${path}.3`, text(numbered(0, 3)));
  await writeFile(`${path}.2`, '');
  await writeFile(`${path}.1`, text(numbered(3, 5)));
  for (const count of [1, 2, 3, 5, 6]) {
    const pages = await pagesBack(() => log, count);
    assert.deepEqual(linesOf(itemsOf(pages)), numbered(0, 5));
    for (const { items } of pages.slice(1)) assert.equal(linesOf(items).length, count);
  }
});

test('where an older part cannot be read, the last page says that something is missing before it', async (context) => {
  const { path, log } = await tailing(context, text(numbered(10, 20)));
  await writeFile(`${path}.1`, text(numbered(0, 10)));
  execFileSync('gzip', [`${path}.1`]);
  await truncate(`${path}.1.gz`, 30);
  const pages = await pagesBack(() => log, 6);
  assert.deepEqual(linesOf(itemsOf(pages)), numbered(10, 20));
  assert.deepEqual(
    pages.map(({ located }) => located.gap?.reason),
    ['unreadable', undefined],
  );
});

test('a page before a place that has been cut off is empty but for a gap', async (context) => {
  const { path, readAfter, again } = await tailing(context, text(numbered(0, 1_000)));
  const { cursors } = await readAfter();
  await copyFile(path, `${path}.1`);
  await truncate(`${path}.1`, text(numbered(0, 890)).length);
  await truncate(path, 0);
  await appendFile(path, 'new\n');
  const log = again();
  const { located, items } = await readPage(log, cursors[990] as Cursor, 10);
  assert.deepEqual([located.by, located.gap?.reason, items], ['gap', 'truncated', []]);
});

test('pages of a file that is gone go on in its older parts, or end', async (context) => {
  const { path, again } = await tailing(context, text(numbered(0, 5)));
  await rename(path, `${path}.1`);
  assert.deepEqual(itemsOf(await pagesBack(again, 2)), numbered(0, 5));
  await unlink(`${path}.1`);
  assert.deepEqual(itemsOf(await pagesBack(again, 2)), []);
});

test('any sizes of pages over any chain of files are together what is in the files', async (context) => {
  const random = seeded(context);
  const { path, again } = await tailing(context, '');
  const files = Array.from({ length: 6 }, (_, index) =>
    Array.from(
      { length: random.whole(0, 40) },
      (_, line) => `${index}.${line} ${'x'.repeat(random.whole(0, 3) === 0 ? 90_000 : 9)}`,
    ),
  );
  for (const [index, lines] of files.entries()) {
    const number = files.length - 1 - index;
    const name = number === 0 ? path : `${path}.${number}`;
    const content = text(lines);
    await writeFile(name, random.whole(0, 1) === 0 && number > 0 ? content.slice(0, -1) : content);
    if (number > 2) execFileSync('gzip', [name]);
  }
  for (const count of [1, random.whole(2, 20), random.whole(20, 200)])
    assert.deepEqual(linesOf(itemsOf(await pagesBack(again, count))), files.flat());
  await appendFile(path, '');
});
