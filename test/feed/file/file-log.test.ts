import assert from 'node:assert/strict';
import { appendFile, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import type { Cursor } from '../../../server/feed/cursor.ts';
import { lookUntil, Told, tailing } from './tailing.ts';

test('a line comes without its LF or CRLF; CR inside it stays for the reader to break at', async (context) => {
  const { readAfter } = await tailing(context, 'one\ntwo\r\n\nth\rree\r\r\n');
  assert.deepEqual((await readAfter()).items, ['one', 'two', '', 'th\rree\r']);
});

test('a byte order mark is dropped, and bytes that are not UTF-8 become U+FFFD', async (context) => {
  const { readAfter } = await tailing(context, Buffer.from('\ufeffone\nt\xffwo\nü\n', 'utf8'));
  assert.deepEqual((await readAfter()).items, ['one', 't\u00ffwo', 'ü']);
  const { readAfter: readBad } = await tailing(
    context,
    Buffer.concat([Buffer.from('a'), Buffer.from([0xff, 0xc3]), Buffer.from('b\nok\n')]),
  );
  assert.deepEqual((await readBad()).items, ['a\ufffd\ufffdb', 'ok']);
});

test('the unfinished last line is no event; it is told apart at the end of a reading', async (context) => {
  const { readAfter, append } = await tailing(context, 'one\ntwo');
  const told = await readAfter();
  assert.deepEqual(told.items, ['one', 'feed.partial']);
  assert.deepEqual(told.notices[0]?.data, { data: 'two' });
  await append('!\n');
  assert.deepEqual((await readAfter(told.cursors.at(-1))).items, ['two!']);
});

test('who follows is shown an unfinished line after a while, and gets it as an event once it is finished', async (context) => {
  const { log, append } = await tailing(context, 'one\n', 50);
  const told = new Told();
  const following = await log.follow({ batch: (batch) => told.batch(batch), partial: (partial) => (told.partial = partial) });
  await append('tw');
  await lookUntil(log, () => told.partial !== null);
  assert.equal(told.partial?.text, 'tw');
  await append('o\n');
  await lookUntil(log, () => told.items.length > 0);
  assert.deepEqual(told.items, ['two']);
  following.stop();
});

test('a reader that comes back with the cursor of any line gets exactly the lines after it, also in another process', async (context) => {
  const lines = Array.from({ length: 60 }, (_, index) => `line ${index} ${'x'.repeat(index)}`);
  const { readAfter, again } = await tailing(context, lines.map((line) => `${line}\n`).join(''));
  const { cursors } = await readAfter();
  for (const [index, cursor] of cursors.entries()) {
    assert.match(cursor, /^[A-Za-z0-9._~-]{1,40}$/);
    assert.deepEqual((await readAfter(cursor, again())).items, lines.slice(index + 1));
  }
});

test('a made-up cursor is a gap and then the oldest there is', async (context) => {
  const { readAfter } = await tailing(context, 'one\ntwo\n');
  for (const cursor of ['x', 'f'.repeat(34), 'm12345678abc', '~'] as Cursor[])
    assert.deepEqual((await readAfter(cursor)).items, ['gap unknown', 'one', 'two']);
});

test('a file that was cut and has grown past the place while nobody looked is a gap, not a wrong place', async (context) => {
  const { path, readAfter, again } = await tailing(context, 'one\ntwo\nthree\n');
  const { cursors } = await readAfter();
  await truncate(path, 0);
  await appendFile(path, 'ONE\nTWO\nTHREE\nFOUR\n');
  assert.deepEqual((await readAfter(cursors[1], again())).items, ['gap truncated', 'ONE', 'TWO', 'THREE', 'FOUR']);
});

test('who follows goes on from the old file to the new after a rename and create, and is told where', async (context) => {
  const { path, log, append } = await tailing(context, 'old\n');
  const told = new Told();
  const following = await log.follow(
    Object.assign(told, { partial: null }) && { batch: (batch) => told.batch(batch), partial: () => {} },
  );
  await append('a\n');
  await rename(path, `${path}.1`);
  await appendFile(`${path}.1`, 'late\n');
  await writeFile(path, 'b\n');
  await lookUntil(log, () => told.items.includes('b'));
  assert.deepEqual(told.items, ['a', 'late', 'feed.rotated', 'b']);
  following.stop();
});

test('the last line of the old file needs no LF to come before the new file', async (context) => {
  const { path, log, append } = await tailing(context, '');
  const told = new Told();
  const following = await log.follow({ batch: (batch) => told.batch(batch), partial: () => {} });
  await append('a\nhalf');
  await log.look();
  await rename(path, `${path}.1`);
  await writeFile(path, 'b\n');
  await lookUntil(log, () => told.items.includes('b'));
  assert.deepEqual(told.items, ['a', 'half', 'feed.rotated', 'b']);
  following.stop();
});

test('who follows is told of a truncation, with a gap, and goes on from the start', async (context) => {
  const { path, log, append } = await tailing(context, 'old\n');
  const told = new Told();
  const following = await log.follow({ batch: (batch) => told.batch(batch), partial: () => {} });
  await append('a\n');
  await log.look();
  await truncate(path, 0);
  await log.look();
  await append('b\n');
  await lookUntil(log, () => told.items.includes('b'));
  assert.deepEqual(told.items, ['a', 'feed.truncated', 'feed.gap', 'b']);
  assert.deepEqual({ ...told.notices[1]?.data, time: '' }, { reason: 'truncated', bytes: null, events: null, time: '' });
  following.stop();
});

test('a truncation that has grown past the place between two looks is seen by the bytes before it', async (context) => {
  const { path, log, append } = await tailing(context, 'old line\n');
  const told = new Told();
  const following = await log.follow({ batch: (batch) => told.batch(batch), partial: () => {} });
  await append('a\n');
  await log.look();
  await truncate(path, 0);
  await append('quite another line, longer than before\nb\n');
  await lookUntil(log, () => told.items.includes('b'));
  assert.deepEqual(told.items, ['a', 'feed.truncated', 'feed.gap', 'quite another line, longer than before', 'b']);
  following.stop();
});

test('a file that goes away and comes back is told as gone and back', async (context) => {
  const { path, log } = await tailing(context, 'old\n');
  const told = new Told();
  const following = await log.follow({ batch: (batch) => told.batch(batch), partial: () => {} });
  await rm(path);
  await lookUntil(log, () => told.items.includes('feed.gone'));
  await writeFile(path, 'new\n');
  await lookUntil(log, () => told.items.includes('new'));
  assert.deepEqual(told.items, ['feed.gone', 'feed.back', 'feed.rotated', 'new']);
  following.stop();
});

test('a file that is not there yet is an empty log whose cursor holds until it comes', async (context) => {
  const { path, log, readAfter, again } = await tailing(context, null);
  const { cursor } = await log.locate({ at: 'head' });
  const told = new Told();
  const following = await log.follow({ batch: (batch) => told.batch(batch), partial: () => {} });
  await writeFile(path, 'first\n');
  await lookUntil(log, () => told.items.includes('first'));
  assert.deepEqual(told.items, ['feed.back', 'first']);
  assert.deepEqual((await readAfter(cursor, again())).items, ['first']);
  following.stop();
});

test('a line longer than 256 KiB comes in pieces, cut between characters', async (context) => {
  const long = 'ü'.repeat(300_000);
  const { readAfter } = await tailing(context, `${long}\nshort\n`);
  const { items, cursors } = await readAfter();
  assert.equal(items.slice(0, -1).join(''), long);
  assert.equal(items.at(-1), 'short');
  assert.ok(items.every((item) => Buffer.byteLength(item) <= 256 * 1024 && !item.includes('\ufffd')));
  assert.deepEqual((await readAfter(cursors[0])).items, items.slice(1));
});

test('last=N counts back over long and short lines, and over a rotated file', async (context) => {
  const { path, log, append } = await tailing(context, `${'x'.repeat(300_000)}\na\nb\n`);
  const following = await log.follow({ batch: () => {}, partial: () => {} });
  await rename(path, `${path}.1`);
  await writeFile(path, 'c\nd\ne');
  await lookUntil(log, () => log.stats.eventsAppended === 2);
  for (const [count, expected] of [
    [1, ['d']],
    [2, ['c', 'd']],
    [3, ['b', 'feed.rotated', 'c', 'd']],
    [4, ['a', 'b', 'feed.rotated', 'c', 'd']],
    [0, []],
  ] as const) {
    const located = await log.locate({ at: 'last', count });
    const told = new Told();
    const { position: until } = await log.locate({ at: 'head' });
    for await (const batch of log.read(located.position, { until, signal: new AbortController().signal })) told.batch(batch);
    assert.deepEqual(told.items, expected, `last=${count}`);
  }
  await append('!\n');
  following.stop();
});

test('half a million empty lines come in batches that are soon framed', async (context) => {
  const { log } = await tailing(context, '\n'.repeat(500_000));
  const { position } = await log.locate({ at: 'oldest' });
  let count = 0;
  for await (const batch of log.read(position, { signal: new AbortController().signal })) {
    assert.ok(batch.kind === 'events' && batch.count <= 8_192);
    count += batch.count;
  }
  assert.equal(count, 500_000);
});

test('a log that is closed is not followed any more', async (context) => {
  const { log } = await tailing(context, 'one\n');
  await log.close();
  await assert.rejects(log.follow({ batch: () => {}, partial: () => {} }), /closed/);
});

test('a history that is read into the same memory over and over comes whole, with no word of a truncation', async (context) => {
  const lines = Array.from({ length: 20_000 }, (_, index) => `line ${index} ${'x'.repeat(index % 97)}`);
  const { log } = await tailing(context, `${lines.join('\n')}\n`);
  const { position } = await log.locate({ at: 'oldest' });
  const told = new Told();
  for await (const batch of log.read(position, { signal: new AbortController().signal, reuse: true })) told.batch(batch);
  assert.deepEqual(told.items, lines);
});
