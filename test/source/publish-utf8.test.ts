import assert from 'node:assert/strict';
import { isUtf8 } from 'node:buffer';
import { test } from 'node:test';
import fc from 'fast-check';
import { firstBadByte } from '../../server/source/publish-utf8.ts';

const BAD: readonly [what: string, bytes: readonly number[], offset: number][] = [
  ['a byte that begins nothing', [0x61, 0xff], 1],
  ['a continuation without a beginning', [0x61, 0x62, 0x80], 2],
  ['an overlong form', [0xc0, 0xaf], 0],
  ['an overlong form of three bytes', [0xe0, 0x80, 0xaf], 0],
  ['half a surrogate pair', [0x61, 0xed, 0xa0, 0x80], 1],
  ['a character beyond U+10FFFF', [0xf4, 0x90, 0x80, 0x80], 0],
  ['a character that is cut', [0xc3, 0xa9, 0xe2, 0x82], 2],
];
for (const [what, bytes, offset] of BAD)
  test(`${what} is found where it begins`, () => assert.equal(firstBadByte(Buffer.from(bytes)), offset));

test('what is before the place is well-formed, and one byte more begins what is not', () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom(0x41, 0x80, 0x9f, 0xa0, 0xbf, 0xc2, 0xe0, 0xe2, 0xed, 0xf0, 0xf4, 0xf5), { maxLength: 9 }),
      (values) => {
        const bytes = Buffer.from(values);
        const offset = firstBadByte(bytes);
        assert.equal(offset === undefined, isUtf8(bytes));
        if (offset === undefined) return;
        assert.ok(isUtf8(bytes.subarray(0, offset)));
        for (let end = offset + 1; end <= bytes.length; end += 1) assert.ok(!isUtf8(bytes.subarray(0, end)));
      },
    ),
    { numRuns: 3_000 },
  );
});
