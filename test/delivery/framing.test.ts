import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { copyText } from '../../server/delivery/copy-text.ts';
import { ndjsonFormat, textFormat } from '../../server/delivery/formats.ts';
import { frameEvents } from '../../server/delivery/sse-frame.ts';
import type { EventBatch } from '../../server/feed/batch.ts';
import { viewOf } from '../../server/feed/byte-view.ts';
import { batchesOf } from './batches.ts';
import { plainEnvelopes, plainFrames, plainText } from './plain-frames.ts';
import { fileBatch, memoryEvents } from './random-batches.ts';

function assertFramed(batch: EventBatch): void {
  assert.deepEqual(frameEvents(batch), plainFrames(batch));
  assert.deepEqual(textFormat().events([batch]), plainText(batch));
  const envelopes = plainEnvelopes('a/b.log', batch);
  assert.equal(ndjsonFormat('a/b.log').events([batch]).toString(), `${envelopes.join('\n')}\n`);
}

test('the lines of any file, read from any place, are framed as the obvious way frames them', () => {
  fc.assert(
    fc.property(fileBatch, (batch) => {
      if (batch !== undefined) assertFramed(batch);
    }),
    { numRuns: 500 },
  );
});

test('any events with types, cuts and line breaks are framed as the obvious way frames them', async () => {
  await fc.assert(
    fc.asyncProperty(memoryEvents, async (events) => {
      for (const batch of await batchesOf(events)) assertFramed(batch);
    }),
    { numRuns: 300 },
  );
});

test('a full chunk of lines, short and long, is framed as the obvious way frames it', async () => {
  const lines = Array.from({ length: 2_000 }, (_, number) => `${number} ${'ö7\x7f🙂'.repeat(number % 40)}`);
  for (const batch of await batchesOf([...lines, 'x'.repeat(200_000), '']))
    for (const framed of [frameEvents(batch)]) assert.deepEqual(framed, plainFrames(batch));
});

test('text of every length is copied to every place, and nothing beside it is touched', () => {
  const text = Buffer.from('a\u{10ffff}\x7fß\u{10ffff}\x7f大\u{1f642}\x7f\x7f\x7f\x7f\x7f\x7f\x7f\x7f\u{10fffd}\x7f'.repeat(3));
  for (let start = 0; start < 16; start += 1)
    for (let end = start; end <= text.length; end += 1)
      for (const at of [0, 1, 7]) {
        const target = Buffer.alloc(at + text.length + 8, 0xee);
        const wanted = Buffer.from(target);
        text.copy(wanted, at, start, end);
        assert.equal(copyText(viewOf(text), start, end, viewOf(target), at), at + end - start);
        assert.deepEqual(target, wanted);
      }
});
