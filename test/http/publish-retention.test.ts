import assert from 'node:assert/strict';
import { test } from 'node:test';
import { get, RawClient } from '../delivery/feed-server.ts';
import { eventually } from '../source/eventually.ts';
import { dataOf, post, publishingServer, send } from './publishing.ts';

test('PUT makes a feed or changes how long its events are kept; what is left out stays', async (context) => {
  const { url } = await publishingServer(context);
  const at = `${url}/feeds/a`;
  const made = await send('PUT', at, '{"maxAge":"36h"}');
  assert.deepEqual([made.status, made.json], [201, { feed: 'a', maxBytes: 67_108_864, maxAge: '36h', maxEvents: null }]);
  const changed = await send('PUT', at, '{"maxEvents":5,"maxBytes":1000000}');
  assert.deepEqual([changed.status, changed.json], [200, { feed: 'a', maxBytes: 1_000_000, maxAge: '36h', maxEvents: 5 }]);
  assert.deepEqual((await send('PUT', at, '{}')).json, changed.json);
});

test('where nothing is set for a feed, it is kept as the service says', async (context) => {
  const { url } = await publishingServer(context, { retention: { maxBytes: 70_000, maxAgeMs: 5_000, maxEvents: null } });
  await post(`${url}/feeds/a`, 'x');
  assert.deepEqual((await send('PUT', `${url}/feeds/a`, '{}')).json, {
    feed: 'a',
    maxBytes: 70_000,
    maxAge: '5s',
    maxEvents: null,
  });
});

for (const [body, detail] of [
  ['{', /JSON/],
  ['[]', /object/],
  ['{"maxBytes":0}', /maxBytes/],
  ['{"maxBytes":"64M"}', /maxBytes/],
  ['{"maxAge":"soon"}', /maxAge: give a duration/],
  ['{"maxAge":null}', /maxAge/],
  ['{"maxEvent":5}', /maxEvent/],
  [`{"maxAge":"${'1'.repeat(5000)}s"}`, /more than 4096 bytes/],
] as const)
  test(`PUT with ${body.slice(0, 40)} is refused and makes no feed`, async (context) => {
    const { url, registry } = await publishingServer(context);
    const { status, json } = await send('PUT', `${url}/feeds/a`, body);
    assert.equal(`${status} ${json.code}`, '400 bad-request');
    assert.match(String(json.detail), detail);
    assert.equal(registry.size, 0);
  });

test('DELETE tells the readers, and the feed is gone', async (context) => {
  const { url, port, journals } = await publishingServer(context);
  await post(`${url}/feeds/a`, 'one');
  const reader = await RawClient.open(context, port, get('/feeds/a?since=start', { Accept: 'text/event-stream' }));
  await eventually('it reads', () => reader.body.text.includes('data: one'));
  assert.equal((await send('DELETE', `${url}/feeds/a`, undefined)).status, 204);
  await eventually('it is let go', () => reader.body.isWhole);
  assert.match(reader.body.text, /event: feed\.closing\nid: \S+\ndata: \{"reason":"removed"/);
  assert.equal((await fetch(`${url}/feeds/a`)).status, 404);
  assert.equal((await send('DELETE', `${url}/feeds/a`, undefined)).status, 404);
  assert.deepEqual(journals.names(), []);
});

test('publishing and removing at once leave a feed that works', async (context) => {
  const { url } = await publishingServer(context);
  const at = `${url}/feeds/a`;
  const answers = await Promise.all(
    Array.from({ length: 40 }, (_, index) => (index % 4 === 3 ? send('DELETE', at, undefined) : post(at, `${index}`))),
  );
  assert.deepEqual(
    [...new Set(answers.map(({ status }) => status))].filter((status) => ![201, 204, 404, 409].includes(status)),
    [],
  );
  assert.equal((await post(at, 'last')).status, 201);
  assert.equal((await dataOf(at)).at(-1), 'last');
});
