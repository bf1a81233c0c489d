import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { MAX_ENVELOPES } from '../../server/delivery/envelope-frames.ts';
import { ndjsonFormat, sseBatchFormat, sseFormat, textFormat } from '../../server/delivery/formats.ts';
import type { Cursor } from '../../server/feed/cursor.ts';
import { cursorOf } from '../../server/feed/cursor-of.ts';
import { batchesOf } from './batches.ts';

const lines = (count: number) => Array.from({ length: count }, (_, index) => `line ${index}`);

/** The events of a stream of ours (LF only, one space after the colon), each with the lines of its data. */
function eventsIn(stream: Buffer): { id: string; data: string[] }[] {
  const frames = stream.toString().split('\n\n').slice(0, -1);
  return frames.map((frame) => {
    const fields = frame.split('\n');
    const values = (name: string) =>
      fields.filter((field) => field.startsWith(`${name}: `)).map((field) => field.slice(name.length + 2));
    return { id: values('id')[0] ?? '', data: values('data') };
  });
}

for (const [count, sizes] of [
  [1, [1]],
  [MAX_ENVELOPES - 1, [255]],
  [MAX_ENVELOPES, [256]],
  [MAX_ENVELOPES + 1, [256, 1]],
  [2 * MAX_ENVELOPES, [256, 256]],
] as const)
  test(`${count} events are ${sizes.length} events of a batched stream, each with the id of its last`, async () => {
    const batches = await batchesOf(lines(count));
    const events = eventsIn(sseBatchFormat('a/b.log', 100).events(batches));
    assert.deepEqual(
      events.map(({ data }) => data.length),
      sizes,
    );
    const envelopes = events.flatMap(({ data }) => data.map((line) => JSON.parse(line)));
    assert.deepEqual(
      envelopes.map(({ data }) => data),
      lines(count),
    );
    let behind = 0;
    for (const { id, data } of events) {
      behind += data.length;
      assert.equal(id, envelopes[behind - 1].id);
    }
  });

test('what is gathered from several batches shares events, in order', async () => {
  const batches = [...(await batchesOf(lines(200))), ...(await batchesOf(lines(200)))];
  const events = eventsIn(sseBatchFormat('a', 100).events(batches));
  assert.deepEqual(
    events.map(({ data }) => data.length),
    [256, 144],
  );
  assert.deepEqual(
    events.flatMap(({ data }) => data.map((line) => JSON.parse(line).data)),
    [...lines(200), ...lines(200)],
  );
});

test('an envelope says feed, id, time, type, data, and cut only where it is a piece', async () => {
  const before = Date.now();
  const [batch] = await batchesOf([
    { data: 'a\r\nb\rc', type: 'x"y' },
    { data: 'piece', cut: true },
  ]);
  assert.ok(batch);
  const [first, second] = ndjsonFormat('web/a.log')
    .events([batch])
    .toString()
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.deepEqual(Object.keys(first), ['feed', 'id', 'time', 'type', 'data']);
  assert.deepEqual({ ...first, time: '' }, { feed: 'web/a.log', id: cursorOf(batch, 0), time: '', type: 'x"y', data: 'a\nb\nc' });
  assert.ok(Date.parse(first.time) >= before && Date.parse(first.time) <= Date.now());
  assert.deepEqual(
    { ...second, time: '' },
    {
      feed: 'web/a.log',
      id: cursorOf(batch, 1),
      time: '',
      type: 'message',
      data: 'piece',
      cut: true,
    },
  );
});

test('any data comes back out of an envelope, one line each', async () => {
  const data = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.uint8Array().map((array) => Buffer.from(array)),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(data, { minLength: 1, maxLength: 5 }), async (events) => {
      const batches = await batchesOf(events.map((one) => ({ data: one })));
      const text = ndjsonFormat('a').events(batches).toString();
      const read = text
        .split('\n')
        .slice(0, -1)
        .map((line) => JSON.parse(line).data);
      const wanted = events.map((one) => Buffer.from(one).toString('utf8').replace(/\r\n?/g, '\n'));
      assert.deepEqual(read, wanted);
    }),
    { numRuns: 200 },
  );
});

test('text is a line a line; the pieces of a cut line are one', async () => {
  const batches = await batchesOf(['', 'b\rc', { data: 'long', cut: true }, ' line', 'e']);
  assert.equal(textFormat().events(batches).toString(), '\nb\nc\nlong line\ne\n');
});

test('text shows a gap and no other control event', () => {
  const format = textFormat();
  assert.equal(format.control('feed.gap', { reason: 'expired' })?.toString(), '--- feed.gap {"reason":"expired"}\n');
  for (const type of ['feed.open', 'feed.closing', 'feed.beat', 'feed.rotated'])
    assert.equal(format.control(type, {}), undefined);
});

test('text ends with the unfinished last line of what has ended, and does not show it while it is followed', () => {
  const format = textFormat();
  assert.equal(format.control('feed.partial', { data: 'not yet' })?.toString(), 'not yet');
  assert.equal(format.control('feed.partial', { data: null }), undefined);
  assert.equal(format.partial('not yet'), undefined);
});

test('in ndjson control events are envelopes, with an id only where they have one', () => {
  const format = ndjsonFormat('a');
  assert.deepEqual(JSON.parse(format.control('feed.gap', { bytes: 1 }, 'm1' as Cursor)?.toString() ?? ''), {
    feed: 'a',
    id: 'm1',
    type: 'feed.gap',
    data: { bytes: 1 },
  });
  assert.deepEqual(JSON.parse(format.partial(null)?.toString() ?? ''), { feed: 'a', type: 'feed.partial', data: { data: null } });
});

test('formats that give other bytes have other keys, and those that give the same share one', () => {
  const keys = [sseFormat(), sseBatchFormat('a', 100), sseBatchFormat('a', 250), ndjsonFormat('a'), textFormat()].map(
    ({ key }) => key,
  );
  assert.equal(new Set(keys).size, keys.length);
  assert.equal(sseFormat().key, sseFormat().key);
});
