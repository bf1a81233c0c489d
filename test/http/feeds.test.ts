import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EventSource } from 'eventsource';
import { createEventSource } from 'eventsource-client';
import { EventSource as LaunchDarklyEventSource } from 'launchdarkly-eventsource';
import { request } from 'undici';
import { MemoryLog } from '../../server/feed/memory-log.ts';
import { feedServer, get, messagesOf, RawClient, sseEvents } from '../delivery/feed-server.ts';
import { eventually } from '../source/eventually.ts';
import { ask } from './serving.ts';

const SSE = { Accept: 'text/event-stream' };
const NASTY = [
  '',
  ' ',
  'plain',
  '\u001b[31mred\u001b[0m',
  '<script>',
  '😀',
  'a\r\nb\rc\n',
  '\ufeffbom',
  '\0nul',
  ': comment',
  'id: 7',
  'x'.repeat(200_000),
];
const READ = NASTY.map((line) => line.replace(/\r\n?/g, '\n'));

test('what EventSource, eventsource-client, launchdarkly-eventsource, undici and NDJSON read is the same, and each resumes', async (context) => {
  const { url, port, server, add } = await feedServer(context);
  const { log } = add('a');
  for (const line of NASTY.slice(0, 6)) log.append(line);
  const seen: Record<string, { data: string[]; ids: string[] }> = {};
  const taker = (name: string) => {
    const mine = { data: [] as string[], ids: [] as string[] };
    seen[name] = mine;
    return (data: string, id: string) => {
      mine.data.push(data);
      mine.ids.push(id);
    };
  };
  const address = `${url}/feeds/a?since=start`;
  const sources: { close(): void }[] = [];
  context.after(() => {
    for (const source of sources) source.close();
  });

  const eventSource = new EventSource(address);
  const takeEventSource = taker('eventsource');
  eventSource.addEventListener('message', ({ data, lastEventId }) => takeEventSource(data, lastEventId));

  const takeClient = taker('eventsource-client');
  const client = createEventSource({
    url: address,
    onMessage: ({ event, data, id }) => event === undefined && takeClient(data, id ?? ''),
  });

  const takeLaunchDarkly = taker('launchdarkly-eventsource');
  const launchDarkly = new LaunchDarklyEventSource(address);
  launchDarkly.addEventListener('message', ({ data, lastEventId }) => takeLaunchDarkly(data, lastEventId));
  sources.push(eventSource, client, launchDarkly);

  const takeUndici = taker('undici');
  const abort = new AbortController();
  sources.push({ close: () => abort.abort() });
  const { body } = await request(address, { headers: { accept: 'application/x-ndjson' }, signal: abort.signal });
  body.setEncoding('utf8');
  let rest = '';
  body.on('error', () => undefined);
  body.on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const envelope of lines.filter((line) => line !== '').map((line) => JSON.parse(line)))
      if (envelope.type === 'message') takeUndici(envelope.data, envelope.id);
  });

  await eventually('all have the first half', () => Object.values(seen).every(({ data }) => data.length === 6));
  // Everybody is cut, and most comes while nobody is there. undici has no resuming of its own.
  server.closeAllConnections();
  for (const line of NASTY.slice(6)) log.append(line);
  const clients = Object.entries(seen).filter(([name]) => name !== 'undici');
  await eventually('all that resume have the rest', () => clients.every(([, { data }]) => data.length >= NASTY.length));
  for (const [name, { data, ids }] of clients) {
    assert.deepEqual(data, READ, name);
    assert.deepEqual(ids, clients[0]?.[1].ids, name);
  }
  const again = await ask(port, '/feeds/a?follow=false', {
    headers: { Accept: 'application/x-ndjson', 'Last-Event-ID': seen.undici?.ids.at(-1) ?? '' },
  });
  const resumed = again.body
    .toString()
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.deepEqual(
    [...(seen.undici?.data ?? []), ...resumed.filter(({ type }) => type === 'message').map(({ data }) => data)],
    READ,
  );
});

for (const [format, accept, contentType] of [
  ['sse', 'text/event-stream', 'text/event-stream'],
  ['ndjson', 'application/x-ndjson', 'application/x-ndjson; charset=utf-8'],
  ['text', '*/*', 'text/plain; charset=utf-8'],
] as const)
  test(`the head of an answer in ${format}`, async (context) => {
    const { port, delivery, add } = await feedServer(context);
    add('a').log.append('line');
    for (const method of ['GET', 'HEAD']) {
      const { status, headers, body } = await ask(port, '/feeds/a?follow=false', { method, headers: { Accept: accept } });
      assert.equal(status, 200);
      assert.equal(headers['content-type'], contentType);
      assert.equal(headers['cache-control'], 'no-store, no-transform');
      assert.equal(headers['x-accel-buffering'], 'no');
      assert.equal(headers.vary, 'Accept, Accept-Encoding');
      assert.equal(headers.connection, 'close');
      assert.equal(body.length > 0, method === 'GET');
    }
    const { body } = await ask(port, '/feeds/a', { method: 'HEAD', headers: { Accept: accept } });
    assert.equal(body.length, 0, 'HEAD ends also where GET follows');
    assert.equal(delivery.readers, 0);
  });

test('?format= wins over Accept', async (context) => {
  const { port, add } = await feedServer(context);
  add('a').log.append('line');
  const { headers, body } = await ask(port, '/feeds/a?format=text&follow=false', { headers: SSE });
  assert.equal(headers['content-type'], 'text/plain; charset=utf-8');
  assert.equal(body.toString(), 'line\n');
});

test('an unknown feed is a 404 that lists near names', async (context) => {
  const { port, add } = await feedServer(context);
  for (const name of ['nginx/access.log', 'nginx/error.log', 'app.log', 'demo/messages']) add(name);
  for (const [asked, near] of [
    ['access.log', ['nginx/access.log']],
    ['nginx', ['nginx/access.log', 'nginx/error.log']],
    ['ap.log', ['app.log']],
    ['nothing-like-it', []],
  ] as const) {
    const { status, headers, body } = await ask(port, `/feeds/${asked}`, { headers: SSE });
    const problem = JSON.parse(body.toString());
    assert.equal(status, 404);
    assert.equal(headers['content-type'], 'application/problem+json');
    assert.deepEqual([problem.code, problem.feed, problem.near], ['unknown-feed', asked, near]);
  }
});

test('at most five near names are listed, however many there are', async (context) => {
  const { port, add } = await feedServer(context);
  for (let index = 0; index < 500; index += 1) add(`logs/app-${index}.log`);
  const { body } = await ask(port, '/feeds/logs');
  assert.equal(JSON.parse(body.toString()).near.length, 5);
});

test('a name that no feed can have is refused', async (context) => {
  const { port, add } = await feedServer(context);
  add('a/b');
  for (const path of ['a%20b', 'a%0Ab', '..%2f..%2fetc%2fpasswd', 'a//b', '%00', 'x'.repeat(201), '%F0%9F%98%80', '.']) {
    const { status, body } = await ask(port, `/feeds/${path}`);
    assert.equal(status, 400, path);
    assert.equal(JSON.parse(body.toString()).code, 'bad-feed-name', path);
  }
  for (const path of ['%', '%zz', '%ff']) {
    const { status, headers } = await ask(port, `/feeds/${path}`);
    assert.equal(status, 400, path);
    assert.equal(headers['content-type'], 'application/problem+json');
  }
  assert.equal((await ask(port, '/feeds/a%2Fb?follow=false')).status, 200, 'an encoded slash is a slash');
});

test('a returning EventSource that asks for an unknown feed is asked to come back, and finds it when it is there', async (context) => {
  const { url, port, add } = await feedServer(context);
  const first = await ask(port, '/feeds/a', { headers: { ...SSE, 'Last-Event-ID': 'mAbCdEfGh12' } });
  assert.equal(first.status, 200);
  assert.equal(first.headers['content-type'], 'text/event-stream');
  assert.match(first.body.toString(), /^retry:\d+\n\n/);
  const [closing, ...more] = sseEvents(first.body.toString());
  assert.deepEqual(more, []);
  assert.equal(closing?.type, 'feed.closing');
  assert.equal(closing.id, undefined, 'it keeps the place that it has');
  assert.equal(JSON.parse(closing.data).reason, 'unknown-feed');

  const source = createEventSource({ url: `${url}/feeds/a`, initialLastEventId: 'mAbCdEfGh12' });
  context.after(() => source.close());
  const types: (string | undefined)[] = [];
  for await (const { event } of source) {
    types.push(event);
    if (event === 'feed.closing') add('a').log.append('line');
    if (event === undefined) break;
  }
  assert.deepEqual(types, ['feed.closing', 'feed.open', 'feed.gap', undefined]);
});

test('others that return to an unknown feed are told that it is not there', async (context) => {
  const { port } = await feedServer(context);
  for (const [path, headers] of [
    ['/feeds/a', { 'Last-Event-ID': 'mAbCdEfGh12' }],
    ['/feeds/a?lastEventId=mAbCdEfGh12&format=ndjson', {}],
    ['/feeds/a', SSE],
    ['/feeds/a', { ...SSE, 'Last-Event-ID': '' }],
  ] as const)
    assert.equal((await ask(port, path, { headers })).status, 404);
  assert.equal(
    (await ask(port, '/feeds/a?lastEventId=mAbCdEfGh12', { headers: SSE })).status,
    200,
    'the page comes back like this',
  );
});

test('a feed that is removed ends its streams, and one that comes back asks for it again', async (context) => {
  const { port, registry, add } = await feedServer(context);
  const { feed } = add('a');
  const client = await RawClient.open(context, port, get('/feeds/a', SSE));
  await eventually('it is open', () => feed.readers === 1);
  await registry.remove(feed.name);
  await eventually('it has ended', () => client.body.isWhole);
  assert.deepEqual(
    sseEvents(client.body.text).map(({ type }) => type),
    ['feed.open', 'feed.closing'],
  );
  assert.equal(feed.readers, 0);
});

test('batches carry up to 256 envelopes; beats come once a second and have no id', async (context) => {
  const { port, add } = await feedServer(context);
  const { log } = add('a', new MemoryLog({ maxEvents: 100_000 }));
  const client = await RawClient.open(context, port, get('/feeds/a?batch=10&beat=1s', SSE));
  await eventually('it is open', () => client.body.text.includes('feed.open'));
  for (let line = 0; line < 700; line += 1) log.append(`${line}`);
  const envelopes = () => messagesOf(client.body.text).flatMap((data) => data.split('\n').map((line) => JSON.parse(line)));
  await eventually('all have come', () => envelopes().length === 700);
  assert.deepEqual(
    messagesOf(client.body.text).map((data) => data.split('\n').length),
    [256, 256, 188],
  );
  const beats = () => sseEvents(client.body.text).filter(({ type }) => type === 'feed.beat');
  const start = performance.now();
  await eventually('two beats have come', () => beats().length === 2);
  assert.ok(performance.now() - start < 3_500);
  for (const { id, data } of beats()) {
    assert.equal(id, undefined);
    assert.deepEqual({ ...JSON.parse(data), time: '' }, { time: '', head: log.head, behind: 0 });
  }
});

test('HTTP/1.0 and a body with the request do no harm', async (context) => {
  const { port, add } = await feedServer(context);
  add('a').log.append('line');
  const old = await RawClient.open(context, port, 'GET /feeds/a?follow=false HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n');
  await eventually('it has ended', () => old.isEnded);
  assert.match(old.text, /\r\n\r\nline\n$/);
  assert.doesNotMatch(old.text, /transfer-encoding/i);
  const { status, body } = await ask(port, '/feeds/a?follow=false', {
    method: 'GET',
    send: '{"a":1}',
    headers: { 'Content-Length': 7 },
  });
  assert.equal(status, 200);
  assert.equal(body.toString(), 'line\n');
});

test('a log that cannot be followed now is an error to curl, and an EventSource is asked to come back', async (context) => {
  const { port, add, failures } = await feedServer(context);
  const log = new (class extends MemoryLog {
    override follow(): never {
      throw new Error('too many open files');
    }
  })();
  add('a', log);
  assert.equal((await ask(port, '/feeds/a')).status, 500);
  assert.equal(failures.length, 1);
  const { status, body } = await ask(port, '/feeds/a', { headers: { Accept: 'text/event-stream' } });
  assert.equal(status, 200);
  assert.equal(failures.length, 2, 'the service log has the cause of both');
  assert.deepEqual(
    sseEvents(body.toString()).map(({ type, data }) => [type, JSON.parse(data).reason]),
    [['feed.closing', 'unavailable']],
  );
});
