import fc from 'fast-check';
import type { EventBatch } from '../../server/feed/batch.ts';
import { FileBatch } from '../../server/feed/file/file-batch.ts';
import { FileCursorWriter } from '../../server/feed/file/file-cursor.ts';
import { scanLines } from '../../server/feed/file/line-scan.ts';

/** Pieces of lines: what ends them, what breaks frames, what JSON escapes, and bytes that as a number would be no number (7F behind F4). */
const piece = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom('\n', '\r\n', '\n', '\r\n', '\r', '\n\n') },
  fc.constantFrom('"', '\\', '\t', '\0', '\x1f', '\x7f', '\ufeff', '\u2028', '\u{10ffff}\x7f', '\xff\x7f', 'é', '大'),
  fc.string({ maxLength: 30 }),
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.integer({ min: 0, max: 2_000 }).map((length) => 'x'.repeat(length)),
);
const pieces = fc.array(fc.oneof({ weight: 9, arbitrary: piece.map((text) => Buffer.from(text)) }, bytes(6)), { maxLength: 60 });

function bytes(maxLength: number): fc.Arbitrary<Buffer> {
  return fc.uint8Array({ maxLength }).map((array) => Buffer.from(array));
}

/** A batch of a tailed file: any bytes, read from any place of it. */
export const fileBatch: fc.Arbitrary<EventBatch | undefined> = fc
  .record({ parts: pieces, from: fc.nat(200), readAt: fc.option(fc.integer({ min: 0, max: 4e12 })) })
  .map(({ parts, from, readAt }) => {
    const file = Buffer.concat([...parts, Buffer.from('\n')]);
    const offset = Math.min(from, file.length - 1);
    const before = Math.min(64, offset);
    const stretch = file.subarray(offset - before);
    const lines = scanLines(stretch, before, stretch.length);
    if (lines.count === 0) return undefined;
    const cursors = new FileCursorWriter('hint-');
    const head = file.subarray(0, 1_024);
    const place = { generation: 1, bytes: stretch, start: before, offset, head, cursors, encoding: 'utf8' } as const;
    return new FileBatch(place, lines, readAt);
  });

const type = fc.option(fc.constantFrom('access', 'größe', 'x"y', 'a b'), { nil: undefined });
const event = fc.record({ data: fc.oneof(piece, bytes(40)), type, cut: fc.boolean() });

/** Events of a memory log: types, cuts, line breaks within the data. */
export const memoryEvents = fc.array(event, { minLength: 1, maxLength: 12 });
