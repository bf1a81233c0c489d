import assert from 'node:assert/strict';
import { appendFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { MAX_FILTERS } from '../../server/feed/filter/filter-views.ts';
import { type FeedServer, feedServer, get, messagesOf, RawClient, sseEvents } from '../delivery/feed-server.ts';
import { readWithEventSource } from '../e2e/event-source-readers.ts';
import { scratchFolder } from '../e2e/scratch.ts';
import { startService } from '../e2e/service.ts';
import { eventually } from '../source/eventually.ts';
import { publishingServer } from './publishing.ts';
import { ask } from './serving.ts';

const SSE = { Accept: 'text/event-stream' };

const match = (pattern: string) => `match=${encodeURIComponent(pattern)}`;

async function open(context: TestContext, { port }: { readonly port: number }, path: string, headers = {}): Promise<RawClient> {
  const client = await RawClient.open(context, port, get(path, { ...SSE, ...headers }));
  await eventually('it is open', () => client.body.text.includes('feed.open'));
  return client;
}

async function textOf({ url }: { readonly url: string }, path: string): Promise<string> {
  return (await fetch(`${url}${path}`)).text();
}

const controlsIn = (stream: string, type: string) =>
  sseEvents(stream)
    .filter((event) => event.type === type)
    .map(({ id, data }) => ({ id, data: JSON.parse(data) }));

const LINES = ['[INFO] GET /a 200', '[WARN] GET /b 404', 'plain', '[ERROR] GET /c 500', '{"level":50,"msg":"POST /d"}'];

async function serverWithLines(context: TestContext): Promise<FeedServer> {
  const server = await feedServer(context);
  const { log } = server.add('log');
  for (const line of LINES) log.append(line);
  log.append('v42', 'deploy');
  return server;
}

test('patterns, levels and types choose what is given, in each format', async (context) => {
  const server = await serverWithLines(context);
  const shown = async (query: string) => (await textOf(server, `/feeds/log?follow=false&${query}`)).split('\n').slice(0, -1);
  assert.deepEqual(await shown(match('GET')), [LINES[0], LINES[1], LINES[3]]);
  assert.deepEqual(await shown(match('GET|POST')), [LINES[0], LINES[1], LINES[3], LINES[4]]);
  assert.deepEqual(await shown(`${match('G[E]T')}&${match('!/b')}&${match('!\\b5\\d\\d$')}`), [LINES[0]]);
  assert.deepEqual(await shown('level=warn'), [LINES[1], LINES[3], LINES[4]]);
  assert.deepEqual(await shown(`level=error&${match('(?i)post')}`), [LINES[4]]);
  assert.deepEqual(await shown('type=deploy'), ['v42']);
  assert.deepEqual(await shown('type=deploy&type=message&level=info'), [...LINES, 'v42']);
  assert.deepEqual(await shown('last=1&level=warn'), [LINES[4]]);
  assert.deepEqual(await shown('last=2&level=warn'), [LINES[3], LINES[4]]);
  const objects = (await textOf(server, '/feeds/log?follow=false&format=ndjson&type=deploy')).trim().split('\n');
  assert.deepEqual(
    objects.map((line) => JSON.parse(line)).map(({ type, data }) => [type, data.count ?? data]),
    [
      ['feed.open', JSON.parse(objects[0] ?? '').data],
      ['deploy', 'v42'],
      ['feed.hidden', 5],
    ],
  );
});

test('pages of filtered events say where the one before ends', async (context) => {
  const server = await serverWithLines(context);
  const page = async (before: string) => textOf(server, `/feeds/log?format=sse&level=warn&limit=2&before=${before}`);
  const newest = await page('head');
  assert.deepEqual(messagesOf(newest), [LINES[3], LINES[4]]);
  const [first] = controlsIn(newest, 'feed.open');
  assert.equal(first?.data.atOldest, false);
  const older = await page(first?.id ?? '');
  assert.deepEqual(messagesOf(older), [LINES[1]]);
  assert.equal(controlsIn(older, 'feed.open')[0]?.data.atOldest, true);
});

test('a follower sees what matches as it comes, and is told of what is hidden', async (context) => {
  const server = await feedServer(context, { filtering: { hiddenMs: 50 } });
  const { log, feed } = server.add('log');
  log.append('ERROR before');
  const exact = await open(context, server, `/feeds/log?last=5&${match('ERROR')}`);
  const tried = await open(context, server, `/feeds/log?${match('ERR.R')}`);
  assert.equal(feed.readers, 2);
  for (const line of ['one', 'ERROR two', 'three']) log.append(line);
  const hidden = (client: RawClient) => controlsIn(client.body.text, 'feed.hidden');
  const counted = (client: RawClient) => hidden(client).reduce((sum, { data }) => sum + data.count, 0);
  await eventually('both are told', () => counted(exact) === 2 && counted(tried) === 2);
  assert.deepEqual(messagesOf(exact.body.text), ['ERROR before', 'ERROR two']);
  assert.deepEqual(messagesOf(tried.body.text), ['ERROR two']);
  for (const client of [exact, tried]) assert.equal(hidden(client).at(-1)?.id, log.head);
  exact.socket.destroy();
  tried.socket.destroy();
  await eventually('nobody reads', () => feed.readers === 0);
});

/** Slow: of a text of a's and b's it looks at each place for as long as forty of them. */
const SLOW = 'a[ab]{40}c|new';

function textFor(seed: number): string {
  let state = seed + 1;
  const letter = () => {
    state = (state * 48_271) % 2_147_483_647;
    return 'ab'[state % 2];
  };
  return Array.from({ length: 500 }, letter).join('');
}

test('who comes while a filter has not looked at all there is begins at the head of the feed, also of several', async (context) => {
  const server = await feedServer(context);
  const { log } = server.add('log');
  const paths = ['/feeds/log?', '/events?feed=log&'].map((path) => `${path}${match(SLOW)}`);
  const openBoth = () => Promise.all(paths.map((path) => open(context, server, path)));
  const firsts = await openBoth();
  for (let event = 0; event < 320; event += 1) {
    log.append(`${textFor(event)} not so new`);
    if (event % 40 === 39) await turn();
  }
  const { head } = log;
  const lates = await openBoth();
  for (const { body } of firsts) assert.ok(messagesOf(body.text).length < 320, 'the filter is behind');
  log.append('new');
  const newsIn = (client: RawClient) => messagesOf(client.body.text).filter((data) => /(^|")new"?/.test(data));
  await eventually('all have what is new', () => [...firsts, ...lates].every((client) => newsIn(client).length === 1));
  assert.deepEqual(
    [...firsts, ...lates].map((client) => messagesOf(client.body.text).length),
    [321, 321, 1, 1],
  );
  const [opened] = controlsIn(lates[0]?.body.text ?? '', 'feed.open');
  assert.deepEqual([opened?.id, opened?.data.head], [head, head]);
  for (const [index, path] of paths.entries()) {
    const [{ id } = { id: '' }] = controlsIn(lates[index]?.body.text ?? '', 'feed.open');
    const behind = await textOf(server, `${path}&format=sse&follow=false&lastEventId=${id}`);
    assert.deepEqual(messagesOf(behind), messagesOf(lates[index]?.body.text ?? ''), 'its id is the place where it begins');
  }
});

test('before a stream is closed, a reader is told of what has been hidden from it', async (context) => {
  const server = await feedServer(context);
  const { log } = server.add('log');
  const client = await open(context, server, `/feeds/log?${match('ERROR')}`);
  log.append('ERROR one');
  log.append('other');
  await eventually('it has come', () => messagesOf(client.body.text).length === 1);
  server.delivery.letGo('shutdown');
  await eventually('it ends', () => client.isEnded);
  const [hidden] = controlsIn(client.body.text, 'feed.hidden');
  const [closing] = controlsIn(client.body.text, 'feed.closing');
  assert.deepEqual([hidden?.data.count, hidden?.id, closing?.id], [1, log.head, log.head]);
});

test('a filtered reader of a removed feed is let go like any other', async (context) => {
  const server = await feedServer(context);
  server.add('log');
  const client = await open(context, server, '/feeds/log?level=warn');
  await server.registry.remove('log' as never);
  await eventually('it ends', () => client.isEnded);
  assert.equal(controlsIn(client.body.text, 'feed.closing')[0]?.data.reason, 'removed');
});

test('one who sees nothing for long does not fall off what a published feed keeps', async (context) => {
  const server = await publishingServer(context, { hiddenMs: 20, segmentBytes: 64 * 1024 });
  const url = `${server.url}/feeds/log`;
  await fetch(url, { method: 'PUT', body: '{"maxBytes":262144}', headers: { 'Content-Type': 'application/json' } });
  const client = await open(context, server, `/feeds/log?${match('ERROR')}`);
  const lastId = () => sseEvents(client.body.text).findLast(({ id }) => id !== undefined)?.id ?? '';
  const first = lastId();
  const line = `${'other '.repeat(160)}\n`;
  let published = 0;
  const expired = async (id: string) =>
    (await textOf(server, `/feeds/log?follow=false&format=sse&lastEventId=${id}&${match('ERROR')}`)).includes('expired');
  while (!(await expired(first))) {
    await (await fetch(`${url}?format=lines`, { method: 'POST', body: line.repeat(100) })).text();
    published += 100;
    assert.ok(published < 20_000, 'retention removes old events');
  }
  const counted = () => controlsIn(client.body.text, 'feed.hidden').reduce((sum, { data }) => sum + data.count, 0);
  await eventually('all that was hidden is told', () => counted() === published);
  assert.equal(await expired(lastId()), false);
  assert.ok(controlsIn(client.body.text, 'feed.hidden').length < published / 50, 'not for each line');
});

test('a real EventSource that comes back through restarts gets each line that matches once, in order', async (context) => {
  const folder = scratchFolder();
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'app.log');
  writeFileSync(path, '');
  const service = await startService(context, [path]);
  const seen = readWithEventSource(context, `${service.url}/feeds/app.log?since=start&${match('n=\\d*7\\b')}`);
  const expected: string[] = [];
  let number = 0;
  const write = (count: number) => {
    for (const end = number + count; number < end; number += 1) {
      const line = `some words n=${number} end`;
      if (number % 10 === 7) expected.push(line);
      appendFileSync(path, `${line}\n`);
    }
  };
  write(1_000);
  await eventually('the first have come', () => seen.lines.length === expected.length, 30_000);
  await service.stop();
  const afterStop = seen.of('feed.closing').length;
  assert.equal(afterStop, 1, 'it was let go in words');
  write(500);
  await service.start();
  write(500);
  await eventually('those written meanwhile have come', () => seen.lines.length >= expected.length, 30_000);
  await service.kill('SIGKILL');
  write(500);
  await service.start();
  write(500);
  await eventually('all have come', () => seen.lines.length >= expected.length, 30_000);
  assert.deepEqual(seen.lines, expected);
  assert.deepEqual(seen.of('feed.gap'), []);
  const newest = await textOf(service, `/feeds/app.log?last=120&follow=false&${match('n=\\d*7\\b')}`);
  assert.deepEqual(newest.split('\n').slice(0, -1), expected.slice(-120));
});

test('readers with the same filter share a view, and beyond so many filters a feed refuses others until one is free', async (context) => {
  const server = await feedServer(context);
  server.add('log');
  const clients: RawClient[] = [];
  for (let number = 0; number < MAX_FILTERS; number += 1)
    clients.push(await open(context, server, `/feeds/log?match=f${number}`));
  await open(context, server, '/feeds/log?match=f0');
  await open(context, server, '/feeds/log');
  const refused = await ask(server.port, '/feeds/log?match=one-more');
  assert.equal(refused.status, 503);
  assert.equal(refused.headers['retry-after'], '5');
  assert.equal(JSON.parse(String(refused.body)).code, 'too-many-filters');
  const source = await ask(server.port, '/feeds/log?match=one-more', { headers: SSE });
  assert.equal(source.status, 200);
  assert.match(String(source.body), /^retry: ?\d+\n/);
  assert.equal(controlsIn(String(source.body), 'feed.closing')[0]?.data.reason, 'too-many-filters');
  clients.at(-1)?.socket.destroy();
  await eventually('one is free', () => server.registry.get('log')?.readers === MAX_FILTERS + 1);
  await open(context, server, '/feeds/log?match=one-more');
});

test('what is no filter is refused, with its place', async (context) => {
  const server = await serverWithLines(context);
  const refusal = async (query: string, headers = {}) => {
    const { status, body } = await ask(server.port, `/feeds/log?${query}`, { headers });
    return { status, ...JSON.parse(String(body)) };
  };
  const bad = await refusal(match('user=x**'), SSE);
  assert.deepEqual([bad.status, bad.code, bad.parameter, bad.at], [400, 'bad-parameter', 'match', 7]);
  assert.match(bad.detail, /^match="user=x\*\*" is not a pattern of RE2 at character 7: invalid nested repetition operator/);
  const cases: readonly (readonly [string, RegExp])[] = [
    [match('a(b'), /missing closing \)/],
    [match('(?=x)'), /not a pattern of RE2/],
    ['match=', /match must be a pattern/],
    ['match=!', /match must be a pattern/],
    [match('x'.repeat(513)), /at most 512 characters, not 513/],
    [match('(?:ab?){900}'), /steps, more than 1000/],
    [Array(9).fill('match=a').join('&'), /match must be given at most 8 times/],
    ['level=loud', /level must be one of trace, debug, info, warn, error, fatal/],
    ['level=warn&level=info', /level must be one value/],
    ['type=', /type must be/],
    ['type=feed.open', /type must be/],
    ['match=a&latest=b', /latest must be left out/],
  ];
  for (const [query, words] of cases) {
    const { status, detail } = await refusal(query);
    assert.equal(status, 400, query);
    assert.match(detail, words, query);
  }
});

test('where patterns cannot be tried, readers are let go in words instead of waiting in silence', async (context) => {
  const server = await feedServer(context, { filtering: { silenceMs: 1 } });
  const { log } = server.add('log');
  const follower = await open(context, server, '/feeds/log?level=warn');
  const words = await open(context, server, '/feeds/log?match=plain');
  log.append('[ERROR] one');
  await eventually('it ends', () => follower.isEnded);
  assert.ok(follower.body.isWhole, 'the answer is whole');
  assert.equal(controlsIn(follower.body.text, 'feed.closing')[0]?.data.reason, 'unavailable');
  const searching = await ask(server.port, '/feeds/log?last=1&level=warn', { headers: SSE });
  assert.match(String(searching.body), /^retry: ?\d+\n.*"reason":"unavailable"/s, 'also where the start is still searched for');
  const source = await ask(server.port, `/feeds/log?${match('t[o]o')}`, { headers: SSE });
  assert.match(String(source.body), /"reason":"unavailable"/);
  assert.equal((await ask(server.port, `/feeds/log?${match('t[o]o')}`)).status, 503);
  log.append('plain');
  await eventually('who needs no thread reads on', () => messagesOf(words.body.text).length === 1);
  assert.ok(server.failures.length > 0, 'the service log is told');
});
