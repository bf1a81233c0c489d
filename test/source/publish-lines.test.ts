import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { PublishedLines } from '../../server/source/publish-lines.ts';

function linesOf(chunks: readonly Buffer[], maxBytes: number): (string | undefined)[] {
  const lines: (string | undefined)[] = [];
  const splitter = new PublishedLines(maxBytes, (bytes) => lines.push(bytes?.toString()));
  for (const chunk of chunks) splitter.push(chunk);
  splitter.end();
  return lines;
}

test('lines end at LF, and the last with the body', () => {
  assert.deepEqual(linesOf([Buffer.from('a\n\nb\r\nc')], 10), ['a', '', 'b\r', 'c']);
  assert.deepEqual(linesOf([Buffer.from('a\n')], 10), ['a']);
  assert.deepEqual(linesOf([], 10), []);
});

test('wherever the bytes are cut, the lines are the same, and those over the limit are told but not held', () => {
  const text = fc
    .array(fc.string({ unit: fc.constantFrom('a', 'é'), maxLength: 9 }), { maxLength: 8 })
    .map((lines) => lines.join('\n'));
  fc.assert(
    fc.property(text, fc.integer({ min: 1, max: 5 }), (body, size) => {
      const bytes = Buffer.from(body);
      const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
        bytes.subarray(index * size, (index + 1) * size),
      );
      const lines = body.split('\n');
      if (lines.at(-1) === '') lines.pop();
      assert.deepEqual(
        linesOf(chunks, 6),
        lines.map((line) => (Buffer.byteLength(line) > 6 ? undefined : line)),
      );
    }),
    { numRuns: 1_000 },
  );
});
