import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { AppendError, MAX_PUBLISHED_BYTES } from '../../../server/feed/appending.ts';
import { locate, readStart } from '../../conformance/log-reading.ts';
import { append, appendAll, event, feed, JournalFolder } from './journal-folder.ts';

describe('appending to a journal', () => {
  test('what is stored is an event stream that any client reads', async (t) => {
    const folder = await JournalFolder.make(t);
    const { cursor } = await append(folder.log, 'a\r\nb\rc', { type: 'order' });
    const [segment = ''] = await folder.segments();
    const text = await readFile(join(folder.path, segment), 'utf8');
    assert.match(text, /^:[0-9a-f]{8} \d{13}\nid: [^\n]+\nevent: order\ndata: a\ndata: b\ndata: c\n\n$/);
    assert.ok(text.includes(`id: ${cursor}\n`));
  });

  test('the answer holds the cursor behind the event and the time that readers see', async (t) => {
    const { log } = await JournalFolder.make(t);
    const first = await append(log, 'one');
    await append(log, 'two', { type: 'x' });
    const back = await locate(log, { at: 'cursor', cursor: first.cursor });
    assert.equal(back.by, 'resumed');
    const { events } = await readStart(log, { at: 'oldest' });
    assert.deepEqual(
      events.map(({ data, type }) => [data, type]),
      [
        ['one', undefined],
        ['two', 'x'],
      ],
    );
    assert.deepEqual([events[0]?.cursor, events[0]?.time], [first.cursor, first.timeMs]);
  });

  test('of many who append at once, each has its events in its order', async (t) => {
    const { log } = await JournalFolder.make(t, { segmentBytes: 2_000 });
    const own = (number: number) => Array.from({ length: 20 }, (_, index) => `${number}:${index}`);
    await Promise.all(Array.from({ length: 16 }, (_, number) => appendAll(log, own(number))));
    const { data } = await readStart(log, { at: 'oldest' });
    assert.equal(data.length, 16 * 20);
    for (let number = 0; number < 16; number += 1)
      assert.deepEqual(
        data.filter((line) => line.startsWith(`${number}:`)),
        own(number),
      );
  });

  test('an event that is too large is refused, and those beside it are kept', async (t) => {
    const { log } = await JournalFolder.make(t);
    const most = 'x'.repeat(MAX_PUBLISHED_BYTES);
    const outcomes = await log.append([event('before'), event(`${most}x`), event(most)]);
    const [, large] = outcomes;
    assert.ok(large instanceof AppendError && large.reason === 'too-large');
    assert.deepEqual((await readStart(log, { at: 'oldest' })).data, ['before', most]);
  });

  test('a condition holds only while nothing else has been appended', async (t) => {
    const { log } = await JournalFolder.make(t);
    const { cursor: start } = await locate(log, { at: 'head' });
    const [first] = await log.append([event('one')], { head: start });
    assert.ok(first !== undefined && !(first instanceof AppendError));
    await assert.rejects(log.append([event('two')], { head: start }), (error) => {
      assert.ok(error instanceof AppendError);
      assert.deepEqual([error.reason, error.head], ['not-head', first.cursor]);
      return true;
    });
    await log.append([event('two'), event('three')], { head: first.cursor });
    assert.deepEqual((await readStart(log, { at: 'oldest' })).data, ['one', 'two', 'three']);
  });

  test('of several who append at once behind the same head, one does', async (t) => {
    const { log } = await JournalFolder.make(t);
    await append(log, 'first');
    const { head } = log;
    const all = await Promise.allSettled(Array.from({ length: 8 }, (_, number) => log.append([event(`${number}`)], { head })));
    assert.equal(all.filter(({ status }) => status === 'fulfilled').length, 1);
    for (const one of all) if (one.status === 'rejected') assert.equal(one.reason.head, log.head);
  });

  test('a closed journal refuses', async (t) => {
    const folder = await JournalFolder.make(t);
    const { log } = folder;
    await append(log, 'one');
    await folder.journals.remove(feed);
    await assert.rejects(log.append([event('two')]), { reason: 'closed' });
  });
});
