import assert from 'node:assert/strict';
import { readdir, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { Cursor } from '../../../server/feed/cursor.ts';
import { locate, readFrom, readStart, Transcript } from '../../conformance/log-reading.ts';
import { append, appendAll, feed, JournalFolder } from './journal-folder.ts';

const numbered = (count: number, from = 0): string[] => Array.from({ length: count }, (_, index) => `line ${from + index}`);

describe('retention', () => {
  test('keeps at most so many bytes, and at least most of them', async (t) => {
    const folder = await JournalFolder.make(t);
    await folder.journals.setRetention(feed, { maxBytes: 8_000 });
    await appendAll(folder.log, numbered(400));
    assert.ok(folder.log.stats.bytes <= 8_000 + 1_000 && folder.log.stats.bytes > 6_000, `${folder.log.stats.bytes}`);
    const { data } = await readStart(folder.log, { at: 'oldest' });
    assert.deepEqual(data, numbered(data.length, 400 - data.length));
  });

  test('keeps at most so many events, and at least most of them', async (t) => {
    const folder = await JournalFolder.make(t);
    await folder.journals.setRetention(feed, { maxEvents: 40 });
    await appendAll(folder.log, numbered(200));
    const { data } = await readStart(folder.log, { at: 'oldest' });
    assert.ok(data.length <= 45 && data.length >= 35, `${data.length}`);
    assert.equal(data.at(-1), 'line 199');
  });

  test('drops what is too old, all of it in the end, and goes on with cursors that were never used', async (t) => {
    const folder = await JournalFolder.make(t);
    await folder.journals.setRetention(feed, { maxAgeMs: 60_000 });
    await appendAll(folder.log, numbered(5));
    const { head } = folder.log;
    await folder.log.retain({ maxBytes: 1e6, maxAgeMs: 60_000, maxEvents: null }, Date.now() + 59_000);
    assert.equal((await readStart(folder.log, { at: 'oldest' })).data.length, 5);
    await folder.log.retain({ maxBytes: 1e6, maxAgeMs: 60_000, maxEvents: null }, Date.now() + 61_000);
    assert.deepEqual((await readStart(folder.log, { at: 'oldest' })).data, []);
    assert.equal(folder.log.stats.bytes, 0);
    await folder.restart();
    await append(folder.log, 'new');
    const back = await locate(folder.log, { at: 'cursor', cursor: head });
    assert.deepEqual([back.gap, (await readFrom(folder.log, back.position)).data], [undefined, ['new']]);
  });

  test('a sweep drops what is too old in feeds that nobody has asked for', async (t) => {
    const folder = await JournalFolder.make(t);
    await appendAll(folder.log, numbered(5));
    await folder.restart();
    const [name = ''] = await folder.segments();
    const long = new Date(Date.now() - 8 * 86_400_000);
    await utimes(join(folder.path, name), long, long);
    await folder.journals.sweep(Date.now() + 8 * 86_400_000);
    assert.ok(!(await readdir(folder.path)).includes(name));
    assert.deepEqual((await readStart(folder.log, { at: 'oldest' })).data, []);
  });

  test('is kept over a restart', async (t) => {
    const folder = await JournalFolder.make(t);
    await folder.journals.setRetention(feed, { maxBytes: 8_000 });
    await folder.restart();
    assert.deepEqual(await folder.journals.retention(feed), { maxBytes: 8_000, maxAgeMs: 7 * 86_400_000, maxEvents: null });
  });

  test('gives a reader whose place has been dropped a gap, and then the oldest there is', async (t) => {
    const folder = await JournalFolder.make(t, { segmentBytes: 500 });
    await appendAll(folder.log, numbered(30));
    const { position } = await locate(folder.log, { at: 'oldest' });
    const reader = folder.log.read(position, { signal: new AbortController().signal });
    const transcript = new Transcript(position);
    const first = await reader.next();
    if (first.done !== true) transcript.add(first.value);
    const seen = transcript.events.at(-1)?.cursor as Cursor;
    await folder.journals.setRetention(feed, { maxBytes: 1_000 });
    for await (const batch of reader) transcript.add(batch);
    const gap = transcript.batches.find(({ kind }) => kind === 'notice');
    assert.ok(gap?.kind === 'notice' && gap.data.reason === 'expired');
    assert.equal(gap.data.bytes, gap.to.offset - gap.from.offset);
    assert.equal(transcript.data.at(-1), 'line 29');
    const afterGap = (await readFrom(folder.log, gap.to)).data;
    assert.deepEqual(transcript.data.slice(-afterGap.length), afterGap);
    const back = await locate(folder.log, { at: 'cursor', cursor: seen });
    assert.deepEqual([back.by, back.gap?.reason, back.gap?.bytes], ['gap', 'expired', gap.data.bytes]);
    assert.deepEqual((await readFrom(folder.log, back.position)).data, afterGap);
  });

  test('drops while many read: each reader has every event or a gap, in order', async (t) => {
    const folder = await JournalFolder.make(t, { segmentBytes: 400 });
    await folder.journals.setRetention(feed, { maxBytes: 2_000 });
    await appendAll(folder.log, numbered(10));
    const readers = Array.from({ length: 6 }, async () => {
      const { position } = await locate(folder.log, { at: 'oldest' });
      const transcript = new Transcript(position);
      while (transcript.data.at(-1) !== 'line 119') {
        for await (const batch of folder.log.read(transcript.position, { signal: new AbortController().signal })) {
          transcript.add(batch);
          await new Promise((resolve) => setImmediate(resolve));
        }
        await new Promise((resolve) => setImmediate(resolve));
      }
      return transcript;
    });
    await appendAll(folder.log, numbered(110, 10));
    for (const { batches, data } of await Promise.all(readers)) {
      const numbers = data.map((line) => Number(line.slice(5)));
      assert.deepEqual(
        numbers,
        [...new Set(numbers)].sort((a, b) => a - b),
      );
      const gaps = batches.filter(({ kind }) => kind === 'notice').length;
      const holes = numbers.filter((number, index) => index > 0 && number !== (numbers[index - 1] ?? 0) + 1).length;
      assert.ok(holes <= gaps, `${holes} holes, ${gaps} gaps`);
    }
  });

  test('by time says what it does not know: whether there was more', async (t) => {
    const folder = await JournalFolder.make(t, { segmentBytes: 400 });
    const before = Date.now() - 1_000;
    await appendAll(folder.log, numbered(20));
    assert.equal((await locate(folder.log, { at: 'time', ms: before })).gap, undefined);
    await folder.journals.setRetention(feed, { maxBytes: 800 });
    assert.equal((await locate(folder.log, { at: 'time', ms: before })).gap?.reason, 'expired');
    assert.equal((await locate(folder.log, { at: 'time', ms: Date.now() + 1_000 })).gap, undefined);
  });
});
