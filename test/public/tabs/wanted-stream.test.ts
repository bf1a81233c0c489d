import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changesUrl, linesUrl } from '../../../public/src/connection/address.ts';
import { parseWanted } from '../../../public/src/tabs/wanted-stream.ts';

test('the addresses of the page name a feed and where it begins', () => {
  assert.deepEqual(parseWanted(linesUrl('web/a.log')), { feed: 'web/a.log', start: { last: 1_000 } });
  assert.deepEqual(parseWanted(`${linesUrl('a.log')}&lastEventId=CURSOR_1.~-`), {
    feed: 'a.log',
    start: { cursor: 'CURSOR_1.~-' },
  });
  assert.deepEqual(parseWanted(changesUrl()), { feed: 'livefeed/feeds', start: { last: 0 } });
});

test('what asks for more than the shared connection can give is told from that', () => {
  const url = linesUrl('a.log');
  for (const one of [
    `${url}&match=error`,
    `${url}&level=warn`,
    `${url}&since=15m`,
    '/feeds/a.log?format=ndjson&batch=10',
    '/feeds/a.log?format=sse',
    '/feeds/a.log?format=sse&batch=10&last=100000',
    '/feeds/a.log?format=sse&batch=10&last=-1',
    '/events?feed=a.log&format=sse&batch=10',
    'http://127.0.0.1:4000/feeds/a.log?format=sse&batch=10',
  ])
    assert.equal(parseWanted(one), undefined, one);
});
