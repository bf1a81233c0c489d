/** More clients than there is room for: whoever comes too many is told so in words it understands, and who is here notices nothing. */
import assert from 'node:assert/strict';
import { request } from 'node:http';
import { connect } from 'node:net';
import { Readable } from 'node:stream';
import { type TestContext, test } from 'node:test';
import { startLivefeed } from '../../server/app.ts';
import { loadConfig } from '../../server/config/config.ts';
import { groupOf } from '../../server/http/capacity.ts';
import { RateBound } from '../../server/http/rate-bound.ts';
import { get, messagesOf, RawClient, sseEvents } from '../delivery/feed-server.ts';
import { EVENT_SOURCES } from '../e2e/event-source-readers.ts';
import { scratchFolder } from '../e2e/scratch.ts';
import { ask } from '../http/serving.ts';
import { SSE } from '../http/several.ts';
import { eventually } from '../source/eventually.ts';

/** A whole service with a published feed `a` that holds one event. */
async function service(context: TestContext, ...args: string[]): Promise<number> {
  const folder = scratchFolder();
  const options = ['--port', '0', '--no-demo', '--data', folder, '--fsync', 'never', '--log-level', 'silent', ...args];
  const livefeed = await startLivefeed(loadConfig(options, {}, folder), { stdin: Readable.from([]) });
  context.after(() => livefeed.close());
  const port = Number(new URL(livefeed.url).port);
  assert.equal((await publish(port)).status, 201);
  return port;
}

/** On a connection of its own, which is gone when this resolves. */
async function publish(port: number) {
  return ask(port, '/feeds/a', { method: 'POST', send: 'x', headers: { Connection: 'close' } });
}

async function reader(context: TestContext, port: number, path = '/feeds/a', headers: object = SSE): Promise<RawClient> {
  const client = await RawClient.open(context, port, get(path, { ...headers }));
  await eventually('it is answered', () => client.text.includes('\r\n\r\n'));
  return client;
}

/** Resolves when it reads or has been sent away. */
async function answered(context: TestContext, port: number): Promise<RawClient> {
  const client = await reader(context, port);
  await eventually('it knows', () => isReading(client) || client.body.isWhole);
  return client;
}

/** That a connection has ended is known to the service a moment later. */
async function until(what: string, condition: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!(await condition())) assert.ok(performance.now() < deadline, what);
}

async function refused(client: RawClient, limit: string): Promise<void> {
  await eventually('its answer is whole', () => client.body.isWhole);
  assert.match(client.text, /^HTTP\/1\.1 200 /);
  const [closing, ...more] = sseEvents(client.body.text);
  const data = JSON.parse(closing?.data ?? '');
  assert.deepEqual(
    [closing?.type, closing?.id, data.reason, data.limit, more],
    ['feed.closing', undefined, 'overload', limit, []],
  );
  assert.ok(data.retry >= 7_500 && data.retry <= 12_500, `${data.retry} ms`);
  assert.ok(client.body.text.startsWith(`retry:${data.retry}\n`), client.body.text);
}

const isReading = (client: RawClient): boolean => client.body.text.includes('feed.open') && !client.isEnded;

interface Problem {
  readonly status: number;
  readonly code: string;
  readonly limit: string;
  readonly retryAfter: number;
}

async function problem(port: number, options: Parameters<typeof ask>[2] = {}): Promise<Problem> {
  const { status, headers, body } = await ask(port, '/feeds/a', options);
  assert.equal(headers['content-type'], 'application/problem+json');
  return { status, retryAfter: Number(headers['retry-after']), ...JSON.parse(body.toString()) };
}

const health = async (port: number) => JSON.parse((await ask(port, '/healthz')).body.toString());

test('on a connection too many an EventSource is told to come back, others get a 503, and nobody who is here is cut', async (context) => {
  const port = await service(context, '--max-connections', '3');
  const publishing = request({ port, host: '127.0.0.1', method: 'POST', path: '/feeds/a?format=lines', agent: false });
  publishing.write('one\n');
  let acknowledged = '';
  publishing.on('response', (response) => response.setEncoding('utf8').on('data', (text) => (acknowledged += text)));
  await eventually('it publishes', () => acknowledged.includes('"line":1'));
  const here = [await reader(context, port), await reader(context, port)];
  await eventually('they read', () => here.every(isReading));

  await refused(await reader(context, port), 'connections');
  await refused(await reader(context, port, '/events?feed=a'), 'connections');
  await refused(await reader(context, port, '/live_messages'), 'connections');
  await refused(await reader(context, port, '/feeds/a?format=sse', { 'Last-Event-ID': 'x' }), 'connections');
  for (const options of [
    {},
    { method: 'POST', send: 'x' },
    { headers: { Accept: 'application/x-ndjson' } },
    { method: 'DELETE' },
  ]) {
    const { status, code, limit, retryAfter } = await problem(port, options);
    assert.deepEqual([status, code, limit], [503, 'overloaded', 'connections']);
    assert.ok(retryAfter >= 8 && retryAfter <= 13);
  }
  const { refused: counts, connections } = await health(port);
  assert.deepEqual([connections, counts.connections], [3, 8]);
  const { connections: listed } = JSON.parse((await ask(port, '/connections')).body.toString());
  assert.equal(listed.length, 2, 'who looks after it can still see who reads');

  publishing.write('two\n');
  await eventually('it goes on publishing', () => acknowledged.includes('"line":2'));
  await eventually('they go on reading', () => here.every((client) => messagesOf(client.body.text).includes('two')));
  const { status } = await ask(port, `/connections/${listed[0].id}`, { method: 'DELETE' });
  assert.equal(status, 204);
  await eventually('it has gone', () => here.some(({ isEnded }) => isEnded));
  await until('somebody else reads', async () => isReading(await answered(context, port)));
  publishing.end();
});

test('a connection that was too many is let in once there is room, without being made anew', async (context) => {
  const port = await service(context, '--max-connections', '1');
  const first = await reader(context, port);
  const socket = connect({ port, host: '127.0.0.1' });
  context.after(() => socket.destroy());
  let answers = '';
  socket.setEncoding('latin1').on('data', (text) => (answers += text));
  // A body that is not whole keeps the connection: the rest of it is read and thrown away.
  socket.write('POST /feeds/a HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1\r\n\r\n');
  await eventually('it is refused', () => answers.includes(' 503 '));
  first.socket.destroy();
  await eventually('the first has gone', () => first.isEnded);
  socket.write('xGET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n');
  await eventually('it counts', () => answers.includes('"connections":1'));
});

test('a connection too many that asks nothing is cut, so that it takes no room for saying no', async (context) => {
  const port = await service(context, '--max-connections', '1');
  await reader(context, port);
  const client = new RawClient(port);
  context.after(() => client.socket.destroy());
  await eventually('it is cut', () => client.isEnded, 20_000);
  assert.equal(client.text, '');
});

test('one address has as many connections as it may, and takes nothing from the others', async (context) => {
  const port = await service(context, '--max-connections-per-address', '2');
  const here = [await reader(context, port), await reader(context, port)];
  await refused(await reader(context, port), 'address');
  const { status, code, limit } = await problem(port);
  assert.deepEqual([status, code, limit], [429, 'too-many-connections', 'address']);
  const other = await ask(port, '/feeds/a?follow=false', { localAddress: '127.0.0.2' });
  assert.deepEqual([other.status, other.body.toString()], [200, 'x\n']);
  here[0]?.socket.destroy();
  await until('it counts no longer', async () => (await publish(port)).status === 201);
});

test('more readers than may come, in a second and after a rest, are told to come back; publishers are not readers', async (context) => {
  const port = await service(context, '--max-readers-per-second', '1');
  const readers: RawClient[] = [];
  for (let index = 0; index < 15; index += 1) readers.push(await reader(context, port));
  await eventually('all are answered', () => readers.every((client) => isReading(client) || client.body.isWhole));
  const sentAway = readers.filter((client) => !isReading(client));
  assert.ok(sentAway.length > 0 && readers[0] !== undefined && isReading(readers[0]));
  for (const client of sentAway) await refused(client, 'rate');
  for (let index = 0; index < 10; index += 1) assert.equal((await publish(port)).status, 201);
  assert.equal((await health(port)).refused.rate, sentAway.length);
});

test('without memory for more there are no new readers, and what is published is kept', async (context) => {
  const port = await service(context, '--max-memory', '64M');
  await refused(await reader(context, port), 'memory');
  assert.deepEqual([(await problem(port)).code, (await problem(port)).limit], ['overloaded', 'memory']);
  assert.equal((await publish(port)).status, 201);
  assert.equal((await ask(port, '/feeds')).status, 200);
});

test('every EventSource that is turned away comes back by itself, and reads what it has missed', {
  timeout: 60_000,
}, async (context) => {
  const port = await service(context, '--max-connections', '1');
  const first = await reader(context, port);
  const seen = EVENT_SOURCES.map((read) => read(context, `http://127.0.0.1:${port}/feeds/a?since=start`));
  await eventually('all are turned away', () => seen.every((one) => one.of('feed.closing').length > 0));
  const { id } = JSON.parse((await ask(port, '/connections')).body.toString()).connections[0];
  assert.equal((await ask(port, `/connections/${id}`, { method: 'DELETE' })).status, 204);
  await eventually('the first has left', () => first.isEnded);
  await eventually('one of them has come in', () => seen.some(({ lines }) => lines.length === 1), 40_000);
  assert.ok(seen.every((one) => one.of('feed.closing').every(({ data }) => data.reason === 'overload')));
});

test('a bound for so many a second lets so many come at once, and then one after the other', () => {
  const bound = new RateBound(10);
  const start = performance.now();
  const taken = (afterMs: number) => {
    let count = 0;
    while (bound.take(start + afterMs)) count += 1;
    return count;
  };
  assert.deepEqual([taken(10), taken(60), taken(120), taken(500), taken(60_000)], [50, 0, 1, 3, 50]);
});

test('an IPv6 network counts as one address, and an IPv4 address is the same in both forms', () => {
  assert.equal(groupOf('::ffff:192.0.2.7'), '192.0.2.7');
  assert.equal(groupOf('192.0.2.7'), '192.0.2.7');
  assert.equal(groupOf('2001:db8:1:2:3:4:5:6'), groupOf('2001:db8:1:2::9'));
  assert.notEqual(groupOf('2001:db8:1:2::9'), groupOf('2001:db8:1:3::9'));
  assert.equal(groupOf('2001:db8::1'), '2001:db8:0:0');
  assert.equal(groupOf('fe80::1%eth0'), 'fe80:0:0:0');
  assert.equal(groupOf('::1'), '0:0:0:0');
});
