import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { copyText } from '../../server/delivery/copy-text.ts';
import { ndjsonFormat, sseBatchFormat, sseFormat, textFormat } from '../../server/delivery/formats.ts';
import { frameEvents } from '../../server/delivery/sse-frame.ts';
import type { EventBatch } from '../../server/feed/batch.ts';
import { viewOf } from '../../server/feed/byte-view.ts';
import { batchesOf } from './batches.ts';
import { plainEnvelopes, plainFrames, plainGroups, plainText } from './plain-frames.ts';
import { fileBatch, memoryEvents } from './random-batches.ts';

function assertFramed(batch: EventBatch): void {
  assert.deepEqual(frameEvents(batch), plainFrames(batch));
  assert.deepEqual(textFormat().events([batch]), plainText(batch));
  assert.deepEqual(sseBatchFormat('a/b.log', 100).events([batch]), plainGroups('a/b.log', [batch]));
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
  const batches = await batchesOf([...lines, 'x'.repeat(200_000), '', '\0'.repeat(200_000), '\r\n'.repeat(100_000), '"']);
  for (const batch of batches) assertFramed(batch);
  assert.ok(batches.length > 1);
  assert.deepEqual(sseBatchFormat('a', 100).events(batches), plainGroups('a', batches));
  assert.deepEqual(sseBatchFormat('a', 100).events(batches.slice(1)), plainGroups('a', batches.slice(1)));
});

test('every byte that JSON escapes, at every place of a word, is escaped as JSON.stringify does', async () => {
  const characters = Array.from({ length: 0x100 }, (_, code) => String.fromCharCode(code));
  const events = characters.flatMap((one) => ['', 'a', 'ab', 'abc'].map((before) => `${before}${one}xyz${one}`));
  for (const batch of await batchesOf(events)) assertFramed(batch);
});

test('what is kept of framed events holds little more than they are', async () => {
  for (const events of [Array.from({ length: 60 }, () => 'x'.repeat(500)), ['x'.repeat(100_000)], ['\0'.repeat(100_000), 'x']])
    for (const format of [sseFormat(), ndjsonFormat('a'), sseBatchFormat('a', 100), textFormat()]) {
      const { byteLength, buffer } = format.events(await batchesOf(events));
      // Smaller ones share Node's pool with others, which grew from 8 to 64 KiB in later versions.
      if (byteLength > Buffer.poolSize / 2)
        assert.ok(buffer.byteLength <= byteLength * 1.13, `${format.key}: ${byteLength} bytes keep ${buffer.byteLength}`);
    }
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
