import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { frameControl, frameEvents } from '../../server/delivery/sse-frame.ts';
import type { Cursor } from '../../server/feed/cursor.ts';
import { cursorOf } from '../../server/feed/cursor-of.ts';
import { MemoryLog } from '../../server/feed/memory-log.ts';
import { batchesOf, type Given } from './batches.ts';
import { byteServer, type Parsed } from './byte-by-byte.ts';

const BREAKS = /\r\n|\r|\n/g;

/** Text in which what could break a frame is frequent. */
const nasty = fc
  .array(
    fc.oneof(
      fc.constantFrom('\r', '\n', '\r\n', '\0', ':', ' ', '\ufeff', '\u2028', '\ud800', '\udc00', 'data: ', 'id: x\n', '\n\n'),
      fc.string({ unit: 'binary', maxLength: 8 }),
    ),
    { maxLength: 8 },
  )
  .map((parts) => parts.join(''));
const bytes = fc.uint8Array({ maxLength: 40 }).map((array) => Buffer.from(array));
const type = fc.option(
  fc
    .oneof(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }), fc.constantFrom('id', 'data', ' retry', 'event: x'))
    .filter((text) => !/[\0\r\n]/.test(text) && !/\p{Surrogate}/u.test(text) && !text.startsWith('feed.') && text.length <= 100),
  { nil: undefined },
);
const event = fc.record({ data: fc.oneof(nasty, bytes), type });

function expected({ data, type }: Given, id: string): Parsed {
  // A string with half a surrogate pair in it becomes well-formed on its way through UTF-8.
  const text = Buffer.from(data).toString('utf8');
  return { type: type ?? 'message', id, data: text.replace(BREAKS, '\n') };
}

test('any data and any type are read back equal by eventsource and eventsource-client, cut at every byte', async (t) => {
  const server = await byteServer(t, 4_000);
  await fc.assert(
    fc.asyncProperty(fc.array(event, { minLength: 1, maxLength: 5 }), async (events) => {
      const batches = await batchesOf(events);
      const ids = batches.flatMap((batch) => Array.from({ length: batch.count }, (_, index) => cursorOf(batch, index)));
      const wanted = events.map((given, index) => expected(given, ids[index] ?? ''));
      const stream = Buffer.concat(batches.map((batch) => frameEvents(batch)));
      const { eventSource, eventSourceClient } = await server.read(
        stream,
        events.flatMap((given) => given.type ?? []),
      );
      assert.deepEqual(eventSource, wanted);
      assert.deepEqual(eventSourceClient, wanted);
    }),
    { numRuns: 60 },
  );
});

test('an event of 250 KB that is nothing but line breaks is read back equal', async (t) => {
  const server = await byteServer(t, 1_000);
  const data = '\r\n\r\n\n\r'.repeat(42_000);
  const [batch] = await batchesOf([data]);
  assert.ok(batch);
  const { eventSource, eventSourceClient } = await server.read(frameEvents(batch), []);
  const wanted = [{ type: 'message', id: cursorOf(batch, 0), data: data.replace(BREAKS, '\n') }];
  assert.deepEqual(eventSource, wanted);
  assert.deepEqual(eventSourceClient, wanted);
});

test('empty data is an event of its own, and so is one space', async () => {
  const [batch] = await batchesOf(['', ' ', '\n']);
  assert.ok(batch);
  const [a, b, c] = [0, 1, 2].map((index) => cursorOf(batch, index));
  assert.equal(frameEvents(batch).toString(), `id: ${a}\ndata: \n\nid: ${b}\ndata:  \n\nid: ${c}\ndata: \ndata: \n\n`);
});

test('a piece of a longer line is announced just before it', async () => {
  const [batch] = await batchesOf([{ data: 'head', type: 'access', cut: true }, 'tail']);
  assert.ok(batch);
  const [a, b] = [0, 1].map((index) => cursorOf(batch, index));
  assert.equal(
    frameEvents(batch).toString(),
    `event: feed.cut\ndata: {"more":true}\n\nid: ${a}\nevent: access\ndata: head\n\nid: ${b}\ndata: tail\n\n`,
  );
});

for (const bad of ['', 'feed.open', 'feed.', 'a\nid: 7', 'a\rdata: x', 'a\r\n\r\n', 'a\0', '\ud800', 'x'.repeat(101)])
  test(`an event of the type ${JSON.stringify(bad.slice(0, 12))} never gets as far as a frame`, () => {
    assert.throws(() => new MemoryLog().append('data', bad), TypeError);
  });

test('control events hold their data on one line, whatever is in it', () => {
  const cursor = 'mAAAAAAAA1' as Cursor;
  const framed = frameControl('feed.gap', { reason: 'a\nid: 1\r\n\r\ndata: x\u2028' }, cursor).toString();
  assert.equal(framed, `event: feed.gap\nid: ${cursor}\ndata: {"reason":"a\\nid: 1\\r\\n\\r\\ndata: x\u2028"}\n\n`);
  assert.doesNotMatch(frameControl('feed.beat', {}).toString(), /^id/m);
});
