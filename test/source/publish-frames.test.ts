import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createParser } from 'eventsource-parser';
import fc from 'fast-check';
import { PublishedFrames } from '../../server/source/publish-frames.ts';

interface Frame {
  readonly type: string | undefined;
  readonly data: string | undefined;
}

function framesOf(chunks: readonly Buffer[], maxBytes = 1000): Frame[] {
  const frames: Frame[] = [];
  const parser = new PublishedFrames(maxBytes, ({ data, type }) =>
    frames.push({ type: type?.toString(), data: data?.toString() }),
  );
  for (const chunk of chunks) parser.push(chunk);
  return frames;
}

const frames = (text: string, maxBytes?: number) => framesOf([Buffer.from(text)], maxBytes);

test('a frame is an event with its type and all its lines', () => {
  assert.deepEqual(frames('event: deploy\nid: 7\nretry: 3\ndata: one\ndata:two\ndata\n: no\n\ndata:  three\n\n'), [
    { type: 'deploy', data: 'one\ntwo\n' },
    { type: undefined, data: ' three' },
  ]);
});

test('frames without data, and the one that no blank line ends, are no events', () => {
  assert.deepEqual(frames('event: x\n\n:\n\nid: 3\n\n\ndata: a\n\ndata: b\n'), [{ type: undefined, data: 'a' }]);
});

test('an empty line of data is an event with empty data', () => {
  assert.deepEqual(frames('data\n\ndata:\n\n'), [
    { type: undefined, data: '' },
    { type: undefined, data: '' },
  ]);
});

test('LF, CR and CRLF end lines; a byte order mark at the start is passed over', () => {
  assert.deepEqual(frames('\ufeffdata: a\r\ndata: b\rdata: c\n\rdata: d\r\r\n\r\n'), [
    { type: undefined, data: 'a\nb\nc' },
    { type: undefined, data: 'd' },
  ]);
});

test('data over the limit makes its frame too large, and the next one is read', () => {
  assert.deepEqual(frames(`data: ${'x'.repeat(11)}\n\ndata: ${'x'.repeat(10)}\n\n`, 10), [
    { type: undefined, data: undefined },
    { type: undefined, data: 'x'.repeat(10) },
  ]);
  assert.deepEqual(frames('data: 12345\ndata: 6789a\n\ndata: 1234\ndata: 56789\n\n', 10), [
    { type: undefined, data: undefined },
    { type: undefined, data: '1234\n56789' },
  ]);
  assert.deepEqual(frames(`data: a\n: ${'x'.repeat(100)}\n\ndata: b\n\n`, 10), [
    { type: undefined, data: undefined },
    { type: undefined, data: 'b' },
  ]);
});

test('wherever the stream is cut, the frames are those that eventsource-parser finds', () => {
  const line = fc.oneof(
    fc.constantFrom('', '', 'data', 'data:', 'data: ', 'event', 'event: t', 'event:', ':', 'id: 1', 'datum: 1', 'data : 1'),
    fc.string({ maxLength: 6, unit: 'grapheme' }).map((text) => `data: ${text.replace(/[\r\n]/g, '')}`),
  );
  const stream = fc.array(fc.tuple(line, fc.constantFrom('\n', '\r', '\r\n')), { maxLength: 12 });
  fc.assert(
    fc.property(stream, fc.array(fc.nat(60), { maxLength: 5 }), (lines, cuts) => {
      const bytes = Buffer.from(lines.flat().join(''));
      const places = [0, ...cuts.filter((cut) => cut < bytes.length).sort((a, b) => a - b), bytes.length];
      const chunks = places.slice(1).map((place, index) => bytes.subarray(places[index], place));
      assert.deepEqual(framesOf(chunks), expected(bytes.toString()));
    }),
    { numRuns: 2_000 },
  );
});

/** A CR at the very end may be half a CRLF, for which the parser waits: it is told more, which is no frame. */
function expected(stream: string): Frame[] {
  const found: Frame[] = [];
  const parser = createParser({ onEvent: ({ event, data }) => found.push({ type: event, data }) });
  parser.feed(`${stream}:`);
  return found;
}
