import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { LineStream } from '../../server/source/line-stream.ts';

type Shown = readonly [text: string, cut: boolean];

/** The lines of `chunks`; with `latin1`, a character a byte. */
function linesOf(chunks: Buffer[], maxLineBytes?: number, encoding: BufferEncoding = 'utf8'): Shown[] {
  const lines = new LineStream(maxLineBytes);
  const found = chunks.flatMap((chunk) => lines.push(chunk));
  return [...found, ...lines.end()].map(({ bytes, cut }) => [bytes.toString(encoding), cut]);
}

const textsOf = (text: string): string[] => linesOf([Buffer.from(text)]).map(([line]) => line);

function cutUp(bytes: Buffer, cuts: number[]): Buffer[] {
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return places.slice(1).map((end, index) => bytes.subarray(places[index], end));
}

/** Bytes in which line ends and parts of characters are frequent. */
const roughBytes = fc
  .array(
    fc.oneof(
      fc.constantFrom('\n', '\r', '\r\n', '\r\r\n', '', 'é', '木', '👩', '\0'),
      fc.string(),
      fc.uint8Array({ maxLength: 9 }),
    ),
  )
  .map((parts) => Buffer.concat(parts.map((part) => Buffer.from(part as string))));
const cuts = fc.array(fc.nat(), { maxLength: 20 });

describe('bytes become lines', () => {
  test('a line ends at LF; a CR before it is dropped, any other stays', () => {
    assert.deepEqual(textsOf('a\nb\r\n\n\r\nc\rd\ne\r\r\nf'), ['a', 'b', '', '', 'c\rd', 'e\r', 'f']);
    assert.deepEqual(textsOf('a\n'), ['a']);
    assert.deepEqual(textsOf(''), []);
  });

  test('a last line without an end is a line once the input has ended', () => {
    assert.deepEqual(textsOf('a\nb'), ['a', 'b']);
    assert.deepEqual(textsOf('a\nb\r'), ['a', 'b']);
  });

  test('the lines are the same wherever the bytes are cut', () => {
    fc.assert(
      fc.property(roughBytes, cuts, (bytes, places) => {
        assert.deepEqual(linesOf(cutUp(bytes, places)), linesOf([bytes]));
      }),
      { numRuns: 1000 },
    );
  });

  test('long lines are cut the same wherever the bytes are cut, and nothing of them is lost', () => {
    fc.assert(
      // What a cut at a character leaves, at most 5 bytes, must be no longer than a line may be.
      fc.property(roughBytes, cuts, fc.integer({ min: 5, max: 12 }), (bytes, places, maxLineBytes) => {
        const whole = linesOf([bytes], maxLineBytes, 'latin1');
        assert.deepEqual(linesOf(cutUp(bytes, places), maxLineBytes, 'latin1'), whole);
        assert.ok(whole.every(([line]) => line.length <= maxLineBytes));
        assert.equal(
          joinPieces(whole),
          bytes
            .toString('latin1')
            .replace(/\r?\n/g, '\n')
            .replace(/[\r\n]$/, ''),
        );
      }),
      { numRuns: 1000 },
    );
  });

  test('they are what splitting the whole text at its line ends gives', () => {
    fc.assert(
      fc.property(roughBytes, (bytes) => {
        const expected = bytes.toString('latin1').split(/\r?\n/);
        const last = expected.pop();
        if (last !== '' && last !== undefined) expected.push(last.replace(/\r$/, ''));
        assert.deepEqual(
          linesOf([bytes], undefined, 'latin1').map(([line]) => line),
          expected,
        );
      }),
    );
  });

  test('a line is cut at a character, and a line end right behind the limit cuts nothing', () => {
    assert.deepEqual(linesOf([Buffer.from('aaa木木木\n')], 8), [
      ['aaa木', true],
      ['木木', false],
    ]);
    assert.deepEqual(linesOf([Buffer.from('12345678\r\n12345678\n')], 8), [
      ['12345678', false],
      ['12345678', false],
    ]);
    assert.deepEqual(linesOf([Buffer.from('12345678\r'), Buffer.from('9\n')], 8), [
      ['12345678', true],
      ['\r9', false],
    ]);
  });

  test('a line over 256 KiB that comes byte by byte is cut there', () => {
    const lines = new LineStream();
    const found = [];
    for (let at = 0; at < 600_000; at += 7) found.push(...lines.push(Buffer.alloc(7, 'x')));
    assert.deepEqual(
      found.map(({ bytes, cut }) => [bytes.length, cut]),
      [
        [262_144, true],
        [262_144, true],
      ],
    );
  });

  test('the unfinished line can be looked at any time', () => {
    const lines = new LineStream();
    const looks = ['a', 'b', '\nc', '\n'].map((chunk) => {
      lines.push(Buffer.from(chunk));
      return lines.isUnfinished ? lines.unfinished.toString() : null;
    });
    assert.deepEqual(looks, ['a', 'ab', 'c', null]);
  });
});

function joinPieces(lines: Shown[]): string {
  return lines.map(([line, cut], index) => line + (cut || index === lines.length - 1 ? '' : '\n')).join('');
}
