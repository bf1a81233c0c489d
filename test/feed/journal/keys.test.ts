import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { AppendError } from '../../../server/feed/appending.ts';
import { KEY_LIFE_MS, Keys } from '../../../server/feed/journal/keys.ts';
import { readStart } from '../../conformance/log-reading.ts';
import { append, appendAll, event, JournalFolder } from './journal-folder.ts';

describe('an idempotency key', () => {
  test('makes the same event of the same key be there once, also when both come at once', async (t) => {
    const { log } = await JournalFolder.make(t);
    const [first, second] = await Promise.all([append(log, 'x', { key: 'k' }), append(log, 'x', { key: 'k' })]);
    assert.deepEqual(second, { ...first, isRepeat: true });
    const [third, fourth] = await log.append([event('x', { key: 'k' }), event('y', { key: 'l' })]);
    assert.deepEqual(third, { ...first, isRepeat: true });
    assert.ok(fourth !== undefined && !(fourth instanceof AppendError) && !fourth.isRepeat);
    assert.deepEqual((await readStart(log, { at: 'oldest' })).data, ['x', 'y']);
  });

  test('is known after a restart, whichever segment its event is in, with and without the files beside it', async (t) => {
    const folder = await JournalFolder.make(t, { segmentBytes: 300 });
    const first = [];
    for (let number = 0; number < 12; number += 1) first.push(await append(folder.log, `${number}`, { key: `key ${number}` }));
    const segments = await folder.segments();
    assert.ok(segments.length > 2);
    for (const lost of [[], segments]) {
      for (const name of lost)
        for (const kind of ['index', 'keys']) await rm(join(folder.path, name.replace('sse', kind)), { force: true });
      await folder.restart();
      for (let number = 0; number < 12; number += 1)
        assert.deepEqual(await append(folder.log, `${number}`, { key: `key ${number}` }), { ...first[number], isRepeat: true });
    }
    assert.equal((await readStart(folder.log, { at: 'oldest' })).data.length, 12);
  });

  test('is looked at before the condition', async (t) => {
    const { log } = await JournalFolder.make(t);
    const { head } = log;
    const first = await append(log, 'x', { key: 'k' });
    assert.deepEqual(await log.append([event('x', { key: 'k' })], { head }), [{ ...first, isRepeat: true }]);
    await assert.rejects(log.append([event('x', { key: 'k' }), event('new')], { head }), { reason: 'not-head' });
  });

  test('of another event is refused: other data, or another type', async (t) => {
    const { log } = await JournalFolder.make(t);
    await append(log, 'a\r\nb', { key: 'k', type: 'one' });
    assert.equal((await append(log, 'a\nb', { key: 'k', type: 'one' })).isRepeat, true);
    for (const other of [event('a\nc', { key: 'k', type: 'one' }), event('a\nb', { key: 'k' })]) {
      const [outcome] = await log.append([other]);
      assert.ok(outcome instanceof AppendError && outcome.reason === 'key-reused');
    }
  });

  test('is forgotten with its event', async (t) => {
    const folder = await JournalFolder.make(t, { segmentBytes: 300 });
    await append(folder.log, 'x', { key: 'k' });
    await appendAll(
      folder.log,
      Array.from({ length: 40 }, (_, index) => `line ${index}`),
    );
    await folder.journals.setRetention(folder.journals.names()[0] ?? ('' as never), { maxBytes: 1_000 });
    assert.equal((await append(folder.log, 'x', { key: 'k' })).isRepeat, false);
  });

  test('is forgotten after a day, and when a hundred thousand newer ones have come', () => {
    const keys = new Keys(3);
    for (const [index, hash] of ['a', 'b', 'c', 'd'].entries()) keys.add({ hash, offset: index + 1, timeMs: 1_000 });
    assert.equal(keys.find('a', 0, 1_000), undefined);
    assert.equal(keys.find('b', 0, 1_000 + KEY_LIFE_MS)?.offset, 2);
    assert.equal(keys.find('b', 0, 1_001 + KEY_LIFE_MS), undefined);
    assert.equal(keys.find('c', 3, 1_000), undefined);
  });
});
