import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { constants, crc32, gunzipSync, inflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { bodyOf } from '../../../server/delivery/chunked.ts';
import { stored } from '../../../server/delivery/gzip/blocks.ts';
import { crcWith, joined, NO_BYTES, sumOf } from '../../../server/delivery/gzip/crc-sum.ts';
import { Gzip } from '../../../server/delivery/gzip/gzip.ts';
import { Window } from '../../../server/delivery/window.ts';
import { at } from '../batches.ts';

const UNENDED = { finishFlush: constants.Z_SYNC_FLUSH };
const lines = (bytes: number) => Buffer.from('2026-11-23 INFO a line of the log\n'.repeat(1 + bytes / 34)).subarray(0, bytes);

/** Nothing that can be made smaller, the same each time. */
const noise = (bytes: number) => createHash('shake256', { outputLength: bytes }).digest();

/** Sizes around what is stored, what is a piece, and what a chunk may take of the loop. */
const size = fc.oneof(
  { weight: 6, arbitrary: fc.nat(3_000) },
  { weight: 2, arbitrary: fc.constantFrom(0, 511, 512, 0xffff, 0x10000, 0x10001, 0x20000) },
  { weight: 1, arbitrary: fc.integer({ min: 200_000, max: 400_000 }) },
);
const bytes = fc.oneof(
  size.map(lines),
  size.map((length) => noise(length)),
  fc.uint8Array({ maxLength: 700 }).map((array) => Buffer.from(array)),
);

test('the sum of two stretches is that of both together, whatever their bytes and lengths', () => {
  fc.assert(
    fc.property(bytes, bytes, bytes, (first, second, third) => {
      const whole = Buffer.concat([first, second, third]);
      assert.deepEqual(toUnsigned(joined(joined(sumOf(first), sumOf(second)), sumOf(third))), toUnsigned(sumOf(whole)));
      assert.equal(crcWith(crc32(first), joined(sumOf(second), sumOf(third))) >>> 0, crc32(whole));
      assert.deepEqual(toUnsigned(joined(NO_BYTES, sumOf(first))), toUnsigned(sumOf(first)));
    }),
    { numRuns: 200 },
  );
});

function toUnsigned({ crc, length, shift }: { crc: number; length: number; shift: number }): number[] {
  return [crc >>> 0, length, shift >>> 0];
}

/** What a reader does: takes what the window has then, or is told something of its own. */
const step = fc.oneof(
  { weight: 5, arbitrary: fc.constant('take' as const) },
  { weight: 1, arbitrary: fc.nat(70_000).map(lines) },
);

test('whoever begins at any chunk, takes chunks merged as they come and is told things between gets exactly these bytes', () => {
  fc.assert(
    fc.property(fc.array(bytes, { minLength: 1, maxLength: 12 }), fc.nat(11), fc.array(step), (chunks, begin, steps) => {
      const first = Math.min(begin, chunks.length - 1);
      const gzip = new Gzip();
      const window = new Window(at(0), { bytes: 1 << 30 });
      const body = gzip.body();
      const sent = [body.begin()];
      const wanted: Buffer[] = [];
      let next = first;
      const take = () => {
        if (next >= window.end) return;
        const { framed, sum, end } = window.from(next);
        assert.ok(sum);
        body.add(sum);
        if (framed.length > 0) sent.push(bodyOf(framed));
        wanted.push(...chunks.slice(next, end));
        next = end;
      };
      const doing = [...steps];
      for (const [number, chunk] of chunks.entries()) {
        const { bytes: encoded, sum } = gzip.shared(chunk);
        window.push({ from: at(number), to: at(number + 1), bytes: encoded, sum, cursor: undefined });
        const todo = doing.shift();
        if (todo === 'take') take();
        else if (todo !== undefined) {
          sent.push(body.own(todo));
          wanted.push(todo);
        }
        assert.ok(gunzipSync(Buffer.concat(sent), UNENDED).equals(Buffer.concat(wanted)), 'nothing has to be waited for');
      }
      while (next < window.end) take();
      sent.push(body.end());
      assert.ok(gunzipSync(Buffer.concat(sent)).equals(Buffer.concat(wanted)));
    }),
    { numRuns: 100 },
  );
});

test('the bytes of one reader are the same, and each of its chunks stands alone', async () => {
  await fc.assert(
    fc.asyncProperty(bytes, async (plain) => {
      const { bytes: encoded, sum } = await new Gzip().inTurn(plain, new AbortController().signal);
      assert.ok(inflateRawSync(encoded, UNENDED).equals(plain));
      assert.deepEqual(toUnsigned(sum), toUnsigned(sumOf(plain)));
    }),
    { numRuns: 50 },
  );
});

test('all that is given ends with an empty block: there are clients (of Go) that keep what is stored until one comes', async () => {
  await fc.assert(
    fc.asyncProperty(bytes, async (plain) => {
      const gzip = new Gzip();
      const { bytes: forOne } = await gzip.inTurn(plain, new AbortController().signal);
      for (const encoded of [gzip.shared(plain).bytes, forOne, gzip.body().own(plain)])
        assert.equal(encoded.subarray(-4).toString('hex'), plain.length === 0 ? '' : '0000ffff');
    }),
    { numRuns: 50 },
  );
});

test('lines become a quarter or less, and what cannot be made smaller grows by ten bytes for 64 KiB', () => {
  const gzip = new Gzip();
  const log = Buffer.from(
    Array.from({ length: 400 }, (_, n) => `10.0.${n % 7}.${n % 251} GET /items/${n * 7919} 200\n`).join(''),
  );
  assert.ok(gzip.shared(log).bytes.length < log.length / 4);
  for (const length of [1, 511, 512, 0xffff]) assert.ok(gzip.shared(noise(length)).bytes.length <= length + 10);
  assert.equal(stored(Buffer.alloc(0)).length, 0);
});

test('compressing for many readers of their own is spread over loop turns, and ends where a reader has left', async () => {
  const gzip = new Gzip();
  const left = new AbortController();
  const piece = lines(5 * 64 * 1024);
  let done = 0;
  const all = Array.from({ length: 10 }, async () => {
    await gzip.inTurn(piece, left.signal);
    done += 1;
  });
  let turns = 0;
  while (done === 0 && turns < 1_000) {
    await new Promise((resolve) => setImmediate(resolve));
    turns += 1;
  }
  assert.ok(turns > 30, `the first of ten was done after ${turns} turns: the others had theirs between`);
  left.abort();
  const outcomes = await Promise.allSettled(all);
  assert.ok(outcomes.some(({ status }) => status === 'rejected'));
});
