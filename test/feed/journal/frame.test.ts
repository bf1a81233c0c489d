import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { sseFormat } from '../../../server/delivery/formats.ts';
import { checkFrame, frameRoom, nextFrame, writeFrame } from '../../../server/feed/journal/frame.ts';
import { FramesWriter } from '../../../server/feed/journal/frames-writer.ts';
import { batchesOf, type JournalBatch } from '../../../server/feed/journal/journal-batch.ts';
import { newEpoch } from '../../../server/feed/journal/journal-cursor.ts';
import { scanFrames } from '../../../server/feed/journal/scan-frames.ts';
import { eventsOf, readStart } from '../../conformance/log-reading.ts';
import { append, appendAll, JournalFolder } from './journal-folder.ts';

const epoch = newEpoch();
const text = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.constantFrom('\r', '\n', '\r\n', '\0', '\uFEFF', ':', ' ', 'data: ', 'id: 1', '\n\n', ''),
    ),
  )
  .map((parts) => parts.join('').toWellFormed());
const content = fc.record({
  data: text.map((one) => Buffer.from(one)),
  type: fc.option(
    fc.stringMatching(/^[^\r\n\0]{1,20}$/).map((one) => one.toWellFormed()),
    { nil: undefined },
  ),
  keyHash: fc.option(fc.stringMatching(/^[A-Za-z0-9_-]{16}$/), { nil: undefined }),
  timeMs: fc.integer({ min: 1_000_000_000_000, max: 9_999_999_999_999 }),
});
const offsets = fc.integer({ min: 0, max: 2 ** 50 });

describe('the frame of an event', () => {
  test('gives back what was put into it, whatever it holds and wherever it lies', () => {
    fc.assert(
      fc.property(fc.array(content, { minLength: 1, maxLength: 8 }), offsets, (contents, offset) => {
        const frames = new FramesWriter(epoch, offset);
        for (const one of contents) frames.add(one);
        const events = [...batchesOf(frames)].flatMap(eventsOf);
        assert.deepEqual(
          events.map(({ data, type, time }) => ({ data, type, time })),
          contents.map(({ data, type, timeMs }) => ({ data: data.toString().replace(/\r\n?/g, '\n'), type, time: timeMs })),
        );
      }),
    );
  });

  test('takes no more room than is made for it', () => {
    fc.assert(
      fc.property(content, offsets, (one, offset) => {
        const room = frameRoom(one);
        assert.ok(writeFrame(one, epoch, offset, Buffer.alloc(room + 100), 0) <= room);
      }),
    );
  });

  test('with any byte changed, or cut anywhere, or at another place, is none', () => {
    fc.assert(
      fc.property(content, offsets, fc.nat(), fc.integer({ min: 1, max: 255 }), (one, offset, at, change) => {
        const bytes = Buffer.alloc(frameRoom(one));
        const end = writeFrame(one, epoch, offset, bytes, 0);
        const frame = bytes.subarray(0, end);
        assert.equal(checkFrame(frame, 0, epoch, offset), end);
        assert.equal(checkFrame(frame, 0, epoch, offset + 1), -1);
        assert.equal(checkFrame(frame, 0, newEpoch(), offset), -1);
        assert.equal(checkFrame(frame.subarray(0, at % end), 0, epoch, offset), -1);
        frame[at % end] = (frame[at % end] ?? 0) ^ change;
        assert.equal(checkFrame(frame, 0, epoch, offset), -1);
      }),
    );
  });

  test('is found behind ruins, also behind data that looks like frames', async () => {
    const frames = new FramesWriter(epoch, 0);
    for (const data of [':00000000 1', '\n\n:ab', 'x', ':'])
      frames.add({ data: Buffer.from(data), type: undefined, keyHash: undefined, timeMs: 1e12 });
    const { ends } = frames;
    const bytes = Buffer.from(frames.bytes);
    bytes[(ends[0] ?? 0) + 3] = 0;
    assert.equal(nextFrame(bytes, ends[0] ?? 0, epoch, ends[0] ?? 0), ends[1]);
    const { blocks, end } = await scanFrames(bytes, epoch, 0);
    assert.deepEqual([blocks.map(({ count }) => count), end], [[1, 0, 2], bytes.length]);
  });
});

describe('replay as Server-Sent Events', () => {
  test('sends the stored bytes as they are, and takes no event apart', async (t) => {
    const folder = await JournalFolder.make(t, { segmentBytes: 400 });
    await appendAll(folder.log, ['one', 'two\nlines', '']);
    await append(folder.log, 'typed', { type: 'order', key: 'k' });
    const { batches } = await readStart(folder.log, { at: 'oldest' });
    const stored = await Promise.all((await folder.segments()).map((name) => readFile(join(folder.path, name))));
    assert.deepEqual(Buffer.concat(batches.map((batch) => sent(batch as JournalBatch))), Buffer.concat(stored));
  });
});

function sent(batch: JournalBatch): Buffer {
  const bytes = sseFormat().events([batch]);
  assert.equal(bytes, batch.sse, 'the very same bytes');
  return bytes;
}
