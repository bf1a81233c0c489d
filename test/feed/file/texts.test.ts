import assert from 'node:assert/strict';
import { isUtf8 } from 'node:buffer';
import { test } from 'node:test';
import fc from 'fast-check';
import { MAX_LINE_BYTES, scanLines } from '../../../server/feed/file/line-scan.ts';
import { decodeLines } from '../../../server/feed/file/texts.ts';

function decoded(bytes: Buffer): string[] {
  const { bytes: text, starts, ends } = decodeLines(bytes, scanLines(bytes, 0, bytes.length, true), 'utf8');
  assert.ok(isUtf8(text));
  return Array.from(starts, (start, index) => text.toString('utf8', start, ends[index]));
}

const PIECES = ['', 'a', 'plain text', 'ö', '大', '🙂', '\r', '\ufeff'].map((text) => Buffer.from(text));
const BROKEN = [[0xff], [0xc3], [0xe2, 0x82], [0xf0, 0x9f, 0x99], [0x80], [0xed, 0xa0, 0x80]].map((bytes) => Buffer.from(bytes));

test('lines that are not UTF-8 are mended one by one, wherever they are, and the others stay as they are', () => {
  const line = fc.oneof(
    { weight: 5, arbitrary: fc.array(fc.constantFrom(...PIECES), { maxLength: 5 }) },
    { weight: 1, arbitrary: fc.array(fc.constantFrom(...PIECES, ...BROKEN), { maxLength: 5 }) },
  );
  const ending = fc.constantFrom(Buffer.from('\n'), Buffer.from('\r\n'));
  fc.assert(
    fc.property(fc.array(fc.tuple(line, ending), { minLength: 1, maxLength: 60 }), (lines) => {
      const bytes = Buffer.concat(lines.flatMap(([pieces, end]) => [...pieces, end]));
      const wanted = bytes
        .toString('latin1')
        .split('\n')
        .slice(0, -1)
        .map((raw) => Buffer.from(raw.replace(/\r$/, ''), 'latin1').toString('utf8'));
      assert.deepEqual(decoded(bytes), wanted);
    }),
    { numRuns: 500 },
  );
});

test('lines that grow as they are mended are given as far as they fit', () => {
  const line = Buffer.concat([Buffer.alloc(999, 0xff), Buffer.from('\n')]);
  const texts = decoded(Buffer.concat(Array.from({ length: 200 }, () => line)));
  assert.equal(texts.length, Math.floor(MAX_LINE_BYTES / (3 * 999)));
  assert.ok(texts.every((text) => text === '\ufffd'.repeat(999)));
});

test('one line that has grown beyond the limit is given all the same', () => {
  const line = Buffer.concat([Buffer.alloc(MAX_LINE_BYTES, 0xff), Buffer.from('\nnext\n')]);
  assert.deepEqual(decoded(line), ['\ufffd'.repeat(MAX_LINE_BYTES)]);
});
