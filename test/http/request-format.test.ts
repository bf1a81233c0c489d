import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chooseFormat } from '../../server/http/request-format.ts';
import { Problem } from '../../server/problem/problem.ts';

const chosen: [accept: string | undefined, format: string][] = [
  [undefined, 'text'],
  ['', 'text'],
  ['*/*', 'text'],
  ['text/*', 'text'],
  ['text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', 'text'],
  ['image/png', 'text'],
  ['text/event-stream', 'sse'],
  ['TEXT/Event-Stream; charset=utf-8', 'sse'],
  ['text/event-stream, */*', 'sse'],
  ['*/*, text/event-stream;q=0.1', 'sse'],
  ['application/x-ndjson', 'ndjson'],
  ['application/x-ndjson;q=0.9, text/event-stream;q=0.8', 'ndjson'],
  ['application/x-ndjson;q=0.9 , text/event-stream; q=0.95', 'sse'],
  ['text/plain, text/event-stream', 'text'],
  ['text/event-stream, text/plain', 'sse'],
  ['text/plain;q=0.2, text/event-stream;q=0.3', 'sse'],
  ['text/event-stream;q=0', 'text'],
  ['text/event-stream;q=0, application/x-ndjson;q=0.001', 'ndjson'],
  ['text/event-stream;q=high', 'text'],
  ['text/event-stream;q=2', 'text'],
  [',,;;q=,/', 'text'],
];

for (const [accept, format] of chosen) {
  test(`Accept: ${accept ?? '(none)'} is answered in ${format}`, () => assert.equal(chooseFormat(accept, undefined), format));
}

test('?format= wins over Accept', () => {
  assert.equal(chooseFormat('text/event-stream', 'text'), 'text');
  assert.equal(chooseFormat('text/event-stream', 'ndjson'), 'ndjson');
  assert.equal(chooseFormat(undefined, 'sse'), 'sse');
});

test('an unknown ?format= is refused with the formats there are', () => {
  for (const format of ['', 'SSE', 'xml', 'constructor']) {
    assert.throws(
      () => chooseFormat('text/event-stream', format),
      (error) => error instanceof Problem && error.code === 'bad-parameter' && /sse, ndjson or text/.test(error.message),
    );
  }
});
