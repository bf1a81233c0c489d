import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { viewOf } from '../../../server/feed/byte-view.ts';
import { FileCursorWriter, parseFileCursor } from '../../../server/feed/file/file-cursor.ts';
import { hashContext } from '../../../server/feed/file/fingerprint.ts';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const [P1, P2, P3] = [0x9e3779b1n, 0x85ebca77n, 0xc2b2ae3dn];
const u32 = (value: bigint) => BigInt.asUintN(32, value);
const rotated = (value: bigint, bits: bigint) => u32((value << bits) | (value >> (32n - bits)));

/** The hash as the decision on framing writes it down, on whole numbers. */
function plainHash(context: Buffer): string {
  const padded = Buffer.concat([Buffer.alloc(64 - context.length), context]);
  const lanes = [u32(P1 + P2), P2, 0n, u32(-P1)].map((seed, lane) =>
    [0, 16, 32, 48].reduce(
      (sum, stripe) => u32(rotated(u32(sum + u32(BigInt(padded.readUInt32LE(stripe + 4 * lane)) * P2)), 13n) * P1),
      seed,
    ),
  );
  const turned = (turns: readonly bigint[]) => lanes.map((lane, index) => rotated(lane, turns[index] ?? 0n));
  let high = u32(turned([1n, 7n, 12n, 18n]).reduce((sum, lane) => sum + lane, BigInt(context.length)));
  high = u32((high ^ (high >> 15n)) * P2);
  high = u32((high ^ (high >> 13n)) * P3);
  high ^= high >> 16n;
  const low = u32(turned([18n, 12n, 7n, 1n]).reduce((sum, lane) => sum ^ lane, 0n) * P1) >> 28n;
  const bits = (high << 4n) | low;
  return [30n, 24n, 18n, 12n, 6n, 0n].map((shift) => ALPHABET[Number((bits >> shift) & 63n)]).join('');
}

test('the hash of a context is the one that is written down, on any bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (array) => {
      const context = Buffer.from(array);
      assert.equal(hashContext(context, context.length, context.length), plainHash(context));
    }),
    { numRuns: 500 },
  );
});

test('contexts that differ in one bit, or only in a number, have different hashes', () => {
  const context = Buffer.from('GET /articles/1234?page=2 HTTP/1.1" 200 5123 "-" "Mozilla/5.0"\r\n'.slice(0, 64));
  const hashes = new Set([hashContext(context, 64, 64)]);
  for (let bit = 0; bit < 8 * 64; bit += 1) {
    const changed = Buffer.from(context);
    changed[bit >> 3] = (changed[bit >> 3] as number) ^ (1 << (bit & 7));
    hashes.add(hashContext(changed, 64, 64));
  }
  for (let number = 0; number < 10_000; number += 1) hashes.add(hashContext(Buffer.from(`${number} `.padStart(64, 'x')), 64, 64));
  assert.equal(hashes.size, 1 + 8 * 64 + 10_000);
});

test('each of the 36 bits of the hash is set in about half of the contexts', () => {
  const set = new Array<number>(36).fill(0);
  for (let number = 0; number < 4_000; number += 1) {
    const digits = [...hashContext(Buffer.from(`${number} GET / 200\n`.padStart(64, '\0')), 64, 64)];
    const bits = digits.flatMap((digit) => [5, 4, 3, 2, 1, 0].map((shift) => (ALPHABET.indexOf(digit) >> shift) & 1));
    for (const [index, bit] of bits.entries()) set[index] = (set[index] ?? 0) + bit;
  }
  // Half of 4,000 has a standard deviation of 32.
  for (const [index, count] of set.entries()) assert.ok(Math.abs(count - 2_000) < 160, `bit ${index} is set ${count} times`);
});

test('a cursor names head, context and offset, up to the largest file', () => {
  const head = Buffer.alloc(1_024, 'h');
  const context = Buffer.from('c'.repeat(64));
  for (const offset of [1, 63, 64, 1_023, 1_024, 2 ** 24 - 1, 2 ** 24, 2 ** 32 + 7, 2 ** 48 - 1]) {
    const target = Buffer.alloc(40, '~');
    const length = Math.min(offset, 64);
    const end = new FileCursorWriter('hint-').write(offset, head, viewOf(context), 64, target, 3);
    const cursor = parseFileCursor(target.toString('latin1', 3, end));
    assert.equal(cursor?.offset, offset);
    assert.equal(cursor?.headLength, Math.min(offset, 1_024));
    assert.equal(cursor?.isShared, false);
    assert.equal(cursor?.hint, 'hint-');
    assert.equal(cursor?.contextHash, hashContext(context, 64, length));
    assert.equal(target.toString('latin1', 0, 3) + target.toString('latin1', end), '~~~~~~');
  }
});

test('a cursor says whether all that lies before it is what another content began with; the rest of it is the same', () => {
  const head = Buffer.alloc(1_024, 'h');
  const cursorsOf = (sharedTo: number) => {
    const writer = Object.assign(new FileCursorWriter('hint-'), { sharedTo });
    return [0, 64, 1_100, 1_101].map((offset) => {
      const target = Buffer.alloc(34);
      writer.write(offset, head, viewOf(head), 64, target, 0);
      return parseFileCursor(target.toString('latin1'));
    });
  };
  const [known, unknown] = [cursorsOf(1_100), cursorsOf(0)];
  assert.deepEqual(
    known.map((cursor) => cursor?.isShared),
    [false, true, true, false],
  );
  assert.deepEqual(
    known.map((cursor) => ({ ...cursor, isShared: false })),
    unknown,
  );
});
