import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { MAX_PUBLISHED_BYTES } from '../../server/feed/appending.ts';
import { MemoryLog } from '../../server/feed/memory-log.ts';
import { toFeedName } from '../../server/feed/name.ts';
import { RawClient } from '../delivery/feed-server.ts';
import { eventually } from '../source/eventually.ts';
import { dataOf, eventsOf, post, publishingServer, send } from './publishing.ts';

test('what curl -d sends is one event with exactly that text, and the answer names it', async (context) => {
  const { url } = await publishingServer(context);
  const curl = ['-s', '-i', '-d', 'deployed v42 & more=%20+', `${url}/feeds/deploys`];
  const { stdout: said } = await promisify(execFile)('curl', curl);
  assert.match(said, /^HTTP\/1\.1 201 /);
  const answer = JSON.parse(said.slice(said.indexOf('\r\n\r\n')));
  const [event] = await eventsOf(`${url}/feeds/deploys`);
  assert.deepEqual(answer, { feed: 'deploys', id: event?.id, time: event?.time });
  assert.equal(event?.data, 'deployed v42 & more=%20+');
  assert.equal(event?.type, 'message');
});

test('the Location of a published event is the page that holds it alone, its ETag its cursor', async (context) => {
  const { url } = await publishingServer(context);
  await post(`${url}/feeds/a`, 'one');
  const { headers, json } = await post(`${url}/feeds/a`, 'two');
  await post(`${url}/feeds/a`, 'three');
  assert.equal(headers.get('etag'), `"${json.id}"`);
  const page = await fetch(url + headers.get('location'));
  assert.equal(await page.text(), 'two\n');
});

test('text of any kind is taken as it is, with its type', async (context) => {
  const { url } = await publishingServer(context);
  const at = `${url}/feeds/a`;
  await post(`${at}?type=deploy`, 'a\r\nb\rc\n', { 'Content-Type': 'text/markdown; charset="UTF-8"' });
  await post(at, '', { 'Content-Type': 'text/plain' });
  await post(at, '\ufeffé\0', { 'Content-Type': 'application/yaml' });
  assert.deepEqual(
    (await eventsOf(at)).map(({ type, data }) => [type, data]),
    [
      ['deploy', 'a\nb\nc\n'],
      ['message', ''],
      ['message', '\ufeffé\0'],
    ],
  );
});

test('JSON is checked and compacted as bytes', async (context) => {
  const { url } = await publishingServer(context);
  const at = `${url}/feeds/a`;
  const headers = { 'Content-Type': 'application/vnd.acme+json' };
  assert.equal((await post(at, '\ufeff{ "n" : 12345678901234567890,\n "n": [ 1.0 , "\\u00e9 " ] }\n', headers)).status, 201);
  assert.deepEqual(await dataOf(at), ['{"n":12345678901234567890,"n":[1.0,"\\u00e9 "]}']);
  const { status, json } = await post(at, '{"a":}', headers);
  assert.equal(status, 400);
  assert.equal(json.code, 'bad-event');
  assert.equal(json.offset, 5);
});

const REFUSED: readonly [what: string, path: string, body: string | Buffer, headers: Record<string, string>, expected: string][] =
  [
    ['a body that is not UTF-8', '/feeds/a', Buffer.from([0x61, 0xff]), {}, '400 bad-event'],
    ['a type with a line break', '/feeds/a?type=a%0Ab', 'x', {}, '400 bad-event'],
    ['a type of ours', '/feeds/a?type=feed.gap', 'x', {}, '400 bad-event'],
    ['an empty type', '/feeds/a?type=', 'x', {}, '400 bad-event'],
    ['a name that is none', '/feeds/a%20b', 'x', {}, '400 bad-feed-name'],
    ['a name that leads out', '/feeds/a%2F..%2Fb', 'x', {}, '400 bad-feed-name'],
    ['a name of ours', '/feeds/livefeed/new', 'x', {}, '403 reserved-name'],
    ['another charset', '/feeds/a', 'x', { 'Content-Type': 'text/plain; charset=iso-8859-1' }, '415 unsupported-body'],
    ['a form of several parts', '/feeds/a', 'x', { 'Content-Type': 'multipart/form-data; boundary=b' }, '415 unsupported-body'],
    ['a compressed body', '/feeds/a', 'x', { 'Content-Encoding': 'gzip' }, '415 unsupported-body'],
    ['a form that there is not', '/feeds/a?format=xml', 'x', {}, '400 bad-parameter'],
    ['an empty key', '/feeds/a', 'x', { 'Idempotency-Key': '""' }, '400 bad-request'],
    ['two keys', '/feeds/a', 'x', { 'Idempotency-Key': 'a, b' }, '400 bad-request'],
    ['a cursor without quotes', '/feeds/a', 'x', { 'If-Match': 'abc' }, '400 bad-request'],
    ['more than 1 MiB', '/feeds/a', 'x'.repeat(MAX_PUBLISHED_BYTES + 1), {}, '413 event-too-large'],
  ];
for (const [what, path, body, headers, expected] of REFUSED)
  test(`${what} is refused, and makes no feed`, async (context) => {
    const { url, registry, folder } = await publishingServer(context);
    const { status, json } = await post(url + path, body, headers);
    assert.equal(`${status} ${json.code}`, expected);
    assert.equal(registry.size, 0);
    assert.equal(existsSync(join(folder, 'data')), false);
  });

test('an event of 1 MiB is kept, one that turns out to be longer is refused while it comes', async (context) => {
  const { url, port } = await publishingServer(context);
  const largest = 'é'.repeat(MAX_PUBLISHED_BYTES / 2);
  assert.equal((await post(`${url}/feeds/a`, largest)).status, 201);
  assert.deepEqual(await dataOf(`${url}/feeds/a`), [largest]);
  const client = await RawClient.open(
    context,
    port,
    'POST /feeds/a HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n',
  );
  const chunk = `10000\r\n${'x'.repeat(65_536)}\r\n`;
  for (let sent = 0; sent < 17; sent += 1) client.socket.write(chunk);
  await eventually('it is refused before its end', () => client.text.startsWith('HTTP/1.1 413 '));
  await eventually('the connection ends though the client goes on', () => {
    client.socket.write(chunk);
    return client.isEnded;
  });
});

test('feeds that others write can only be read, and the refusal says why', async (context) => {
  const { url, registry } = await publishingServer(context);
  registry.add({ name: toFeedName('cmd'), source: 'command', log: new MemoryLog() });
  for (const method of ['POST', 'PUT', 'DELETE']) {
    const { status, headers, json } = await send(method, `${url}/feeds/cmd`, method === 'DELETE' ? undefined : '{}');
    assert.equal(`${status} ${json.code}`, '405 not-publishable', method);
    assert.equal(headers.get('allow'), 'GET, HEAD, OPTIONS');
    assert.match(String(json.detail), /output of a command/);
  }
  assert.equal((await send('OPTIONS', `${url}/feeds/cmd`, undefined)).headers.get('allow'), 'GET, HEAD, OPTIONS');
  assert.equal(
    (await send('OPTIONS', `${url}/feeds/new`, undefined)).headers.get('allow'),
    'GET, HEAD, POST, PUT, DELETE, OPTIONS',
  );
  assert.equal((await send('PATCH', `${url}/feeds/new`, '')).status, 405);
});

test('there are at most so many feeds, and room for another when one is removed', async (context) => {
  const { url } = await publishingServer(context, { maxFeeds: 2 });
  for (const name of ['a', 'b', 'a']) assert.equal((await post(`${url}/feeds/${name}`, 'x')).status, 201);
  const { status, json } = await post(`${url}/feeds/c`, 'x');
  assert.equal(`${status} ${json.code}`, '507 too-many-feeds');
  assert.equal((await send('PUT', `${url}/feeds/c`, '{}')).status, 507);
  assert.equal((await send('DELETE', `${url}/feeds/a`, undefined)).status, 204);
  assert.equal((await post(`${url}/feeds/c`, 'x')).status, 201);
});

test('many first events at once make one feed that holds them all', async (context) => {
  const { url, registry } = await publishingServer(context);
  const answers = await Promise.all(Array.from({ length: 50 }, (_, index) => post(`${url}/feeds/a/b`, `${index}`)));
  assert.deepEqual([...new Set(answers.map(({ status }) => status))], [201]);
  assert.equal(new Set(answers.map(({ json }) => json.id)).size, 50);
  assert.equal((await dataOf(`${url}/feeds/a/b`)).length, 50);
  assert.equal(registry.size, 1);
});

test('where the event cannot be written the answer says so, and no empty feed is left', async (context) => {
  const { url, folder, registry, failures } = await publishingServer(context);
  writeFileSync(join(folder, 'data'), 'a file where the folder should be');
  const { status, json } = await post(`${url}/feeds/a`, 'x');
  assert.equal(`${status} ${json.code}`, '500 write-failed');
  assert.equal(failures.length, 1);
  assert.equal(registry.size, 0);
});

test('a publisher that stops in the middle is let go after a while', async (context) => {
  const { port, registry } = await publishingServer(context, { idleMs: 50 });
  const client = await RawClient.open(context, port, 'POST /feeds/a HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 5\r\n\r\nabc');
  await eventually('it is told', () => client.text.startsWith('HTTP/1.1 408 '));
  assert.match(client.text, /"publisher-idle"/);
  await eventually('it is cut off', () => client.isEnded);
  assert.equal(registry.size, 0);
});

test('a publisher that leaves in the middle has published nothing, and that is no failure of ours', async (context) => {
  const { port, registry, failures, server } = await publishingServer(context);
  const asked = once(server, 'request');
  const client = await RawClient.open(context, port, 'POST /feeds/a HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 5\r\n\r\nabc');
  await asked;
  client.socket.destroy();
  await eventually('the server is rid of it', () => client.isEnded);
  await new Promise((resolve) => server.getConnections(resolve));
  assert.equal(registry.size, 0);
  assert.deepEqual(failures, []);
});
