import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import express from 'express';
import type { ReaderView } from '../../server/delivery/reader-view.ts';
import { MemoryLog } from '../../server/feed/memory-log.ts';
import { answerProblem } from '../../server/http/answer-problem.ts';
import { connectionList } from '../../server/http/connections-view.ts';
import { guard } from '../../server/http/guard.ts';
import { type FeedServer, feedServer, get, RawClient, sseEvents } from '../delivery/feed-server.ts';
import { eventually } from '../source/eventually.ts';
import { ask } from './serving.ts';
import { controlsIn, lastId, linesIn, open, SSE } from './several.ts';

interface List {
  readonly connections: ReaderView[];
  readonly total: number;
  readonly next: string | null;
}

async function list(server: FeedServer, query = ''): Promise<List> {
  const { status, headers, body } = await ask(server.port, `/connections${query}`);
  assert.equal(status, 200, body.toString());
  assert.equal(headers['cache-control'], 'no-store');
  return JSON.parse(body.toString());
}

async function one(server: FeedServer): Promise<ReaderView> {
  const { connections, total } = await list(server);
  assert.deepEqual([connections.length, total], [1, 1]);
  return connections[0] as ReaderView;
}

/** Opens a stream and resolves when its first words have come. */
async function reader(context: TestContext, server: FeedServer, path: string, headers: object = SSE): Promise<RawClient> {
  const client = await RawClient.open(context, server.port, get(path, { ...headers }));
  await eventually('it is open', () => client.body.text !== '' || client.text.includes('\r\n\r\n'));
  return client;
}

const end = async (server: FeedServer, id: string) => (await ask(server.port, `/connections/${id}`, { method: 'DELETE' })).status;

test('everyone who reads is listed: what, in which format, from where, since when and up to where', async (context) => {
  const server = await feedServer(context);
  const { log } = server.add('a');
  server.add('b');
  const before = Date.now();
  const first = await reader(context, server, '/feeds/a');
  const batched = await reader(context, server, '/feeds/a?batch=50');
  await reader(context, server, '/feeds/b', { Accept: 'application/x-ndjson' });
  await reader(context, server, '/feeds/b', {});
  const several = await open(context, server, 'feed=a&feed=b');
  log.append('x');
  await eventually('it has come', () => linesIn(several.body.text).length === 1 && first.body.text.includes('data: x'));
  await eventually('also where it is gathered', () => batched.body.text.includes('"data":"x"'));
  const { connections, total, next } = await list(server);
  assert.deepEqual([total, next], [5, null]);
  assert.deepEqual(
    connections.map(({ feeds, format }) => [feeds, format]),
    [
      [['a'], 'sse'],
      [['a'], 'sse'],
      [['b'], 'ndjson'],
      [['b'], 'text'],
      [['a', 'b'], 'sse'],
    ],
  );
  for (const { address, lag, bytesWaiting, since } of connections) {
    assert.equal(address, '127.0.0.1');
    assert.deepEqual([lag, bytesWaiting], [{ events: 0, bytes: 0 }, 0]);
    assert.ok(Date.parse(since) >= before && Date.parse(since) <= Date.now());
  }
  assert.equal(connections[0]?.cursor, lastId(first.body.text));
  assert.equal(connections[4]?.cursor, lastId(several.body.text));
  assert.equal(new Set(connections.map(({ id }) => id)).size, 5);
});

test('who takes nothing is seen to be behind, in events and in bytes that wait, and no longer when it has caught up', async (context) => {
  const server = await feedServer(context, { windowBytes: 64 * 1024 });
  const { log } = server.add('a', new MemoryLog({ maxBytes: 64 * 2 ** 20 }));
  const client = await reader(context, server, '/feeds/a');
  client.socket.pause();
  for (let event = 0; event < 1_500; event += 1) {
    log.append('x'.repeat(10_000));
    if (event % 10 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  const { lag, bytesWaiting } = await one(server);
  assert.ok((lag.events ?? 0) > 100 && (lag.events ?? 0) < 1_500, `${lag.events} events`);
  assert.ok(bytesWaiting > 0);
  client.socket.resume();
  await eventually('it has all', () => client.text.split('xxx\n').length > 1_500, 30_000);
  assert.deepEqual((await one(server)).lag, { events: 0, bytes: 0 });
  assert.equal((await one(server)).bytesWaiting, 0);
});

test('a long list comes in parts, which follow one another whoever leaves meanwhile', async (context) => {
  const server = await feedServer(context);
  server.add('a');
  const clients = [];
  for (let index = 0; index < 5; index += 1) clients.push(await reader(context, server, '/feeds/a'));
  const first = await list(server, '?limit=2');
  assert.deepEqual([first.connections.length, first.total, first.next], [2, 5, first.connections[1]?.id]);
  clients[1]?.socket.destroy();
  await eventually('it has left', () => server.delivery.readers === 4);
  const second = await list(server, `?limit=2&after=${first.next}`);
  const third = await list(server, `?limit=2&after=${second.next}`);
  const ids = [first, second, third].flatMap(({ connections }) => connections.map(({ id }) => Number(id)));
  assert.deepEqual(
    ids,
    [...new Set(ids)].sort((a, b) => a - b),
  );
  assert.deepEqual([ids.length, third.next], [5, null]);
  for (const query of ['limit=0', 'limit=1001', 'limit=x', 'after=-1', 'after=a', 'after=1&after=2']) {
    const { status, body } = await ask(server.port, `/connections?${query}`);
    assert.deepEqual([status, JSON.parse(body.toString()).code], [400, 'bad-parameter'], query);
  }
});

test('one is let go politely by its id: it is told why and when to come back, and misses nothing by it', async (context) => {
  const server = await feedServer(context);
  const { log } = server.add('a');
  const client = await reader(context, server, '/feeds/a');
  const other = await reader(context, server, '/feeds/a');
  log.append('before');
  await eventually('it has come', () => client.body.text.includes('before'));
  const { connections } = await list(server);
  assert.equal(await end(server, connections[0]?.id ?? ''), 204);
  await eventually('it has ended', () => client.body.isWhole);
  const [closing] = controlsIn(client.body.text, 'feed.closing');
  assert.equal(closing?.data.reason, 'closed');
  assert.equal(closing?.id, sseEvents(client.body.text).find(({ data }) => data === 'before')?.id);
  assert.ok(client.body.text.includes(`\nretry: ${closing?.data.retry}\n`));
  log.append('between');
  const again = await reader(context, server, '/feeds/a', { ...SSE, 'Last-Event-ID': closing?.id });
  await eventually('it goes on', () => again.body.text.includes('data: between'));
  assert.ok(!again.body.text.includes('data: before'));
  await eventually('the other goes on', () => other.body.text.includes('data: between'));
  assert.equal(await end(server, connections[0]?.id ?? ''), 404);
});

test('the list does not tell the secret by which a connection is changed, but who has that can end it, too', async (context) => {
  const server = await feedServer(context);
  server.add('a');
  const client = await open(context, server, 'feed=a');
  const secret: string = controlsIn(client.body.text, 'feed.open')[0]?.data.connection;
  const listed = await one(server);
  assert.ok(!JSON.stringify(listed).includes(secret));
  const options = { method: 'PATCH', headers: { 'Content-Type': 'application/json' }, send: '{"feeds":["a"]}' };
  assert.equal((await ask(server.port, `/connections/${listed.id}`, options)).status, 404);
  assert.equal(await end(server, secret), 204);
  await eventually('it has ended', () => client.body.isWhole);
  for (const id of ['0', '01', '99', 'x', '1e3', '%00', '9'.repeat(40)]) assert.equal(await end(server, id), 404, id);
});

test('who asks through a proxy, or from an allowed page of another origin, is told nobody’s address', async (context) => {
  const server = await feedServer(context);
  server.add('a');
  await reader(context, server, '/feeds/a');
  const { id } = await one(server);
  for (const name of ['X-Forwarded-For', 'Forwarded', 'Via', 'X-Real-IP'])
    for (const [method, path] of [
      ['GET', '/connections'],
      ['DELETE', `/connections/${id}`],
    ] as const) {
      const { status, body } = await ask(server.port, path, { method, headers: { [name]: 'x' } });
      assert.deepEqual([status, JSON.parse(body.toString()).code], [403, 'local-only'], `${method} ${name}`);
    }
  assert.equal(server.delivery.readers, 1);

  const app = express();
  app.use(guard({ allowHosts: [], cors: ['https://app.example'], host: '127.0.0.1' }));
  app.get('/connections', connectionList(server.delivery));
  app.use(answerProblem({ error: () => undefined }));
  const guarded = createServer(app).listen(0, '127.0.0.1');
  context.after(() => guarded.close());
  await eventually('it listens', () => guarded.listening);
  const { port } = guarded.address() as AddressInfo;
  const asked = (headers: Record<string, string>) => ask(port, '/connections', { headers });
  assert.equal((await asked({ Origin: 'https://app.example' })).status, 403);
  assert.equal((await asked({ Origin: `http://127.0.0.1:${port}` })).status, 200);
});
