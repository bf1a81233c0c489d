import assert from 'node:assert/strict';
import { appendFile, open, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { Cursor } from '../../../server/feed/cursor.ts';
import { locate, readFrom, readStart } from '../../conformance/log-reading.ts';
import { append, appendAll, feed, JournalFolder } from './journal-folder.ts';

const numbered = (count: number, from = 0): string[] => Array.from({ length: count }, (_, index) => `line ${from + index}`);

describe('a journal after a stop', () => {
  test('has what was in it, and the same cursors', async (t) => {
    const folder = await JournalFolder.make(t, { segmentBytes: 400 });
    await appendAll(folder.log, numbered(20));
    const before = await readStart(folder.log, { at: 'oldest' });
    await folder.restart();
    const { events } = await readStart(folder.log, { at: 'oldest' });
    assert.deepEqual(events, before.events);
    await append(folder.log, 'more');
    const back = await locate(folder.log, { at: 'cursor', cursor: events[18]?.cursor as Cursor });
    assert.deepEqual((await readFrom(folder.log, back.position)).data, ['line 19', 'more']);
  });

  test('has no part of an event that was not written whole, wherever the write was torn', async (t) => {
    const folder = await JournalFolder.make(t);
    await appendAll(folder.log, numbered(3));
    const [name = ''] = await folder.segments();
    const path = join(folder.path, name);
    const whole = await readFile(path);
    const third = whole.indexOf('\n\n', whole.indexOf('\n\n') + 2) + 2;
    for (let length = third; length < whole.length; length += 1) {
      await folder.journals.close();
      await writeFile(path, whole.subarray(0, length));
      for (const beside of await readdir(folder.path)) if (!beside.endsWith('.sse')) await rm(join(folder.path, beside));
      await folder.restart();
      assert.deepEqual((await readStart(folder.log, { at: 'oldest' })).data, numbered(2));
      await append(folder.log, 'third');
      assert.deepEqual((await readStart(folder.log, { at: 'oldest' })).data, [...numbered(2), 'third']);
    }
  });

  test('does not look again at what its index tells, and looks where the index is gone or wrong', async (t) => {
    const folder = await JournalFolder.make(t, { segmentBytes: 500 });
    await appendAll(folder.log, numbered(30));
    const { events } = await readStart(folder.log, { at: 'oldest' });
    await folder.restart();
    const beside = (await readdir(folder.path)).filter((name) => name.endsWith('.index'));
    assert.equal(beside.length, (await folder.segments()).length, 'each segment has one');
    for (const damage of [
      (path: string) => rm(path),
      (path: string) => writeFile(path, ''),
      (path: string) => appendFile(path, 'x'),
    ]) {
      await folder.journals.close();
      for (const name of beside) await damage(join(folder.path, name));
      await folder.restart();
      assert.deepEqual((await readStart(folder.log, { at: 'oldest' })).events, events);
      assert.deepEqual((await readStart(folder.log, { at: 'last', count: 7 })).data, numbered(7, 23));
    }
  });

  test('whose clock has gone back still has times that do not', async (t) => {
    const folder = await JournalFolder.make(t);
    t.mock.timers.enable({ apis: ['Date'], now: 1_800_000_000_000 });
    await append(folder.log, 'one');
    t.mock.timers.setTime(1_700_000_000_000);
    await append(folder.log, 'two');
    await folder.restart();
    await append(folder.log, 'three');
    const { events } = await readStart(folder.log, { at: 'oldest' });
    assert.deepEqual(
      events.map(({ time }) => time),
      [1_800_000_000_000, 1_800_000_000_000, 1_800_000_000_000],
    );
  });
});

describe('a byte of a journal that is not what was written', () => {
  test('is a gap around its event, and all others are given', async (t) => {
    const folder = await JournalFolder.make(t, { segmentBytes: 600 });
    await appendAll(folder.log, numbered(20));
    const { events } = await readStart(folder.log, { at: 'oldest' });
    for (const index of [0, 7, 13, 18]) {
      const text = `line ${index}\n`;
      const { path, at } = await find(folder, text);
      await overwrite(path, at, 'X');
      for (const isNew of [false, true]) {
        if (isNew) await folder.restart();
        const read = await readStart(folder.log, { at: 'oldest' });
        assert.deepEqual(
          read.data,
          numbered(20).filter((_, number) => number !== index),
        );
        const gaps = read.batches.filter(({ kind }) => kind === 'notice');
        assert.equal(gaps.length, 1);
        const [gap] = gaps;
        assert.ok(gap?.kind === 'notice' && gap.type === 'feed.gap' && gap.data.reason === 'unreadable');
        assert.equal(gap.cursor, events[index]?.cursor);
      }
      await overwrite(path, at, 'l');
    }
  });

  test('leaves the cursors of other events what they were', async (t) => {
    const folder = await JournalFolder.make(t);
    await appendAll(folder.log, numbered(10));
    const { events } = await readStart(folder.log, { at: 'oldest' });
    const { path, at } = await find(folder, 'line 4\n');
    await overwrite(path, at, 'X');
    await folder.restart();
    for (const [index, { cursor }] of events.entries()) {
      const located = await locate(folder.log, { at: 'cursor', cursor });
      const { data } = await readFrom(folder.log, located.position);
      assert.deepEqual(
        data,
        numbered(9 - index, index + 1).filter((line) => line !== 'line 4'),
      );
    }
  });

  test('or an end that is missing, of a segment that is full, is a gap', async (t) => {
    const folder = await JournalFolder.make(t, { segmentBytes: 500 });
    await appendAll(folder.log, numbered(20));
    await folder.restart();
    const [, second = ''] = await folder.segments();
    const path = join(folder.path, second);
    await truncate(path, (await stat(path)).size - 10);
    const { data, batches } = await readStart(folder.log, { at: 'oldest' });
    assert.equal(data.length, 19);
    assert.equal(batches.filter(({ kind }) => kind === 'notice').length, 1);
  });
});

describe('a journal that was not synced, after another start of the machine', () => {
  for (const [fsync, boot, isSame] of [
    ['interval', 'first', true],
    ['interval', 'second', false],
    ['always', 'second', true],
  ] as const)
    test(`${fsync}: ${isSame ? 'goes on in' : 'begins a new'} epoch`, async (t) => {
      const folder = await JournalFolder.make(t, { fsync, bootId: 'first', syncEveryMs: 60_000 });
      await appendAll(folder.log, numbered(3));
      const names = await readdir(folder.path);
      const files = await Promise.all(names.map(async (name) => [name, await readFile(join(folder.path, name))] as const));
      await folder.journals.close();
      // As a process that was killed has left it.
      for (const [name, bytes] of files) await writeFile(join(folder.path, name), bytes);
      await folder.restart({ bootId: boot });
      const { events } = await readStart(folder.log, { at: 'oldest' });
      const { cursor } = await append(folder.log, 'next');
      assert.equal(cursor.slice(0, 9) === events[2]?.cursor.slice(0, 9), isSame);
      const back = await locate(folder.log, { at: 'cursor', cursor: events[2]?.cursor as Cursor });
      assert.deepEqual([back.gap, (await readFrom(folder.log, back.position)).data], [undefined, ['next']]);
    });

  test('tells who has seen what is gone, and goes on behind it', async (t) => {
    const folder = await JournalFolder.make(t, { fsync: 'never', bootId: 'first' });
    await appendAll(folder.log, numbered(3));
    const { events } = await readStart(folder.log, { at: 'oldest' });
    const marker = await readFile(join(folder.path, 'unsynced'));
    await folder.journals.close();
    const [name = ''] = await folder.segments();
    const path = join(folder.path, name);
    await truncate(path, (await readFile(path)).indexOf('line 1'));
    await writeFile(join(folder.path, 'unsynced'), marker);
    await folder.restart({ bootId: 'second' });
    await append(folder.log, 'next');
    const back = await locate(folder.log, { at: 'cursor', cursor: events[2]?.cursor as Cursor });
    assert.equal(back.gap?.reason, 'restarted');
    assert.deepEqual((await readFrom(folder.log, back.position)).data, ['next']);
    assert.deepEqual((await readStart(folder.log, { at: 'oldest' })).data, ['line 0', 'next']);
  });
});

async function find(folder: JournalFolder, text: string): Promise<{ path: string; at: number }> {
  for (const name of await folder.segments()) {
    const path = join(folder.path, name);
    const at = (await readFile(path)).indexOf(text);
    if (at >= 0) return { path, at };
  }
  throw new Error(`${text} is in no segment of ${feed}`);
}

async function overwrite(path: string, at: number, text: string): Promise<void> {
  const file = await open(path, 'r+');
  await file.write(text, at);
  await file.close();
}
