import assert from 'node:assert/strict';
import { appendFileSync, closeSync, copyFileSync, openSync, renameSync, truncateSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { eventually } from '../source/eventually.ts';
import { finished, startChild } from './child.ts';
import { readEventsWithCurl, readTextWithCurl } from './curl-readers.ts';
import { EVENT_SOURCES, readWithEventSource } from './event-source-readers.ts';
import { assertSameLines, expectedOf } from './oracle.ts';
import { scratchFolder } from './scratch.ts';
import type { Seen } from './seen.ts';
import { startService } from './service.ts';

const ROTATIONS = 3;
const LINES_A_FILE = 300;

test('readers of a file that is renamed and made anew get every line of all its files once, with the places marked', async (t) => {
  const file = join(scratchFolder(), 'app.log');
  writeFileSync(file, '');
  const service = await startService(t, [file]);
  const url = `${service.url}/feeds/app.log?since=start`;
  const text = readTextWithCurl(t, url);
  const readers = [readEventsWithCurl, ...EVENT_SOURCES].map((read) => read(t, url));
  await eventually('all read', () => readers.every((seen) => seen.of('feed.open').length === 1));
  const program = join(import.meta.dirname, 'rotating-writer.mjs');
  const writer = startChild(t, [process.execPath, program, file, String(ROTATIONS), String(LINES_A_FILE)], { stdio: 'inherit' });
  await finished(writer, 'the writer');

  const files = [...Array.from({ length: ROTATIONS }, (_, index) => `${file}.${index + 1}`), file];
  const { lines } = await expectedOf(...files);
  const boundaries = (await Promise.all(files.map((path) => expectedOf(path)))).map((expected) => expected.lines.length);
  await eventually('all are at the end', () => readers.every((seen) => seen.lines.at(-1) === lines.at(-1)));
  for (const seen of readers) {
    assertSameLines(seen.who, seen.lines, lines);
    const marked = seen.of('feed.rotated').map(({ after }) => after);
    const sums = boundaries.slice(0, -1).map((_, index) => boundaries.slice(0, index + 1).reduce((a, b) => a + b));
    assert.deepEqual(marked, sums, `${seen.who}: where the files met`);
    assert.deepEqual(seen.of('feed.gap'), [], seen.who);
  }
  await eventually('curl has all of it as text', () => text.text === `${lines.join('\n')}\n`);
});

test('the unfinished last line of a file that was renamed is finished by its writer, and never glued to the next file', async (t) => {
  const { file, seen } = await readFile(t, 'first\n');
  const old = openSync(file, 'a');
  writeSync(old, 'begun, ');
  renameSync(file, `${file}.1`);
  writeFileSync(file, 'of the new file\n');
  await eventually('it shows as unfinished', () => seen.of('feed.partial').length === 1);
  writeSync(old, 'and finished\n');
  closeSync(old);
  await eventually('the new file is read', () => seen.lines.length === 3);
  assert.deepEqual(seen.lines, ['first', 'begun, and finished', 'of the new file']);
  assert.deepEqual(
    seen.of('feed.rotated').map(({ after }) => after),
    [2],
  );
});

test('a last line that its writer never finishes comes as it is, some seconds after the file was renamed', async (t) => {
  const { file, seen } = await readFile(t, 'first\nunfinished');
  renameSync(file, `${file}.1`);
  writeFileSync(file, 'of the new file\n');
  await eventually('the new file is read', () => seen.lines.length === 3, 15_000);
  assert.deepEqual(seen.lines, ['first', 'unfinished', 'of the new file']);
  assert.deepEqual(
    seen.of('feed.rotated').map(({ after }) => after),
    [2],
  );
});

test('a file that is copied and truncated shows that it was cut, then what is written from its start', async (t) => {
  const { file, seen } = await readFile(t, 'one\ntwo\n');
  copyFileSync(file, `${file}.1`);
  truncateSync(file, 0);
  await eventually('the cut shows', () => seen.of('feed.gap').length === 1);
  const [truncated] = seen.of('feed.truncated');
  assert.equal(truncated?.data.bytes, Buffer.byteLength('one\ntwo\n'));
  assert.equal(seen.of('feed.gap')[0]?.data.reason, 'truncated');
  appendFileSync(file, 'three\n');
  await eventually('the new line comes', () => seen.lines.length === 3);
  assert.deepEqual(seen.lines, ['one', 'two', 'three']);
});

test('a file that is cut and has grown beyond its old length at once is found out by its content', async (t) => {
  const { file, seen } = await readFile(t, 'one\ntwo\n');
  writeFileSync(file, 'another file altogether\nand longer\n');
  await eventually('its lines come', () => seen.lines.length === 4);
  assert.deepEqual(seen.lines, ['one', 'two', 'another file altogether', 'and longer']);
  assert.equal(seen.of('feed.truncated').length, 1);
  assert.equal(seen.of('feed.gap')[0]?.after, 2);
});

test('a file that is not there yet is waited for with --wait, and read from its first line', async (t) => {
  const file = join(scratchFolder(), 'later.log');
  const service = await startService(t, ['--wait', file]);
  const seen = readWithEventSource(t, `${service.url}/feeds/later.log`);
  await eventually('the reader waits', () => seen.of('feed.open').length === 1);
  writeFileSync(file, 'one\ntwo\n');
  await eventually('the lines come', () => seen.lines.length === 2);
  assert.deepEqual(seen.lines, ['one', 'two']);
});

test('a new file in a followed folder becomes a feed, told by the feed of feeds and read from its first line', async (t) => {
  const folder = scratchFolder();
  writeFileSync(join(folder, 'old.log'), 'old\n');
  const service = await startService(t, [folder]);
  const { feeds, cursor } = (await (await fetch(`${service.url}/feeds`)).json()) as { feeds: { name: string }[]; cursor: string };
  assert.deepEqual(
    feeds.map(({ name }) => name).filter((name) => !name.startsWith('livefeed/')),
    ['old.log'],
  );
  const list = readWithEventSource(t, `${service.url}/feeds/livefeed/feeds?lastEventId=${cursor}`);
  writeFileSync(join(folder, 'new.log'), 'one\n');
  await eventually('the feed of feeds tells', () => changedNames(list).includes('new.log'));

  const seen = readWithEventSource(t, `${service.url}/feeds/new.log?since=start`);
  appendFileSync(join(folder, 'new.log'), 'two\n');
  await eventually('its lines come', () => seen.lines.length === 2);
  assert.deepEqual(seen.lines, ['one', 'two']);
});

function changedNames(list: Seen): string[] {
  const events = list.lines.map((line) => JSON.parse(line) as { changed: { name: string }[] });
  return events.flatMap(({ changed }) => changed.map(({ name }) => name));
}

/** A file with this content, and a reader who has read it. */
async function readFile(test: TestContext, content: string): Promise<{ file: string; seen: Seen }> {
  const file = join(scratchFolder(), 'app.log');
  writeFileSync(file, content);
  const service = await startService(test, [file]);
  const seen = readWithEventSource(test, `${service.url}/feeds/app.log?since=start`);
  const lines = content.split('\n').length - 1;
  await eventually('the reader has read what there is', () => seen.lines.length === lines);
  return { file, seen };
}
