/** A stop that readers do not notice: let go one after the other, refused politely meanwhile, and back without a line lost or doubled. */
import assert from 'node:assert/strict';
import { appendFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { get, messagesOf, RawClient, sseEvents } from '../delivery/feed-server.ts';
import { ask } from '../http/serving.ts';
import { SSE } from '../http/several.ts';
import { eventually } from '../source/eventually.ts';
import { EVENT_SOURCES } from './event-source-readers.ts';
import { scratchFolder } from './scratch.ts';
import { startService } from './service.ts';

/** Enough that letting them go takes 1.5 s: 10 ms lie between two of them. */
const CROWD = 150;
const LIMIT = { timeout: 120_000 };
/** For hangs: a client waits up to 2.5 s, several times where the service is not up again yet. */
const DEADLINE_MS = 40_000;

const closingOf = (client: RawClient) => sseEvents(client.body.text).find(({ type }) => type === 'feed.closing');

async function crowdOf(context: TestContext, port: number, path: string): Promise<{ clients: RawClient[]; endedAt: number[] }> {
  const endedAt: number[] = [];
  const opening = Array.from({ length: CROWD }, async () => {
    const client = await RawClient.open(context, port, get(path, SSE));
    client.socket.once('end', () => endedAt.push(performance.now()));
    return client;
  });
  return { clients: await Promise.all(opening), endedAt };
}

test(
  'at SIGTERM readers are let go one after the other, and come back to a restarted service without a loss',
  LIMIT,
  async (t) => {
    const folder = scratchFolder();
    const file = join(folder, 'app.log');
    writeFileSync(file, '');
    const service = await startService(t, [file, '--data', join(folder, 'data'), '--drain', '6s']);
    let written = 0;
    const write = () => appendFileSync(file, `${written++}\n`);
    const path = '/feeds/app.log?since=start';
    const readers = EVENT_SOURCES.map((read) => read(t, `${service.url}${path}`));
    const { clients, endedAt } = await crowdOf(t, service.port, path);
    const writing = setInterval(write, 5);
    t.after(async () => clearInterval(writing));
    await eventually('all read', () => [...readers].every(({ lines }) => lines.length > 20), DEADLINE_MS);
    await eventually('the crowd reads', () => clients.every((client) => messagesOf(client.body.text).length > 0), DEADLINE_MS);

    const half = request({
      port: service.port,
      host: '127.0.0.1',
      method: 'POST',
      path: '/feeds/p',
      headers: { 'Content-Length': 2 },
    });
    half.write('h');
    const stream = request({
      port: service.port,
      host: '127.0.0.1',
      method: 'POST',
      path: '/feeds/s?format=lines',
      agent: false,
    });
    let acks = '';
    let isDone = false;
    stream.on('response', (response) => {
      response.setEncoding('utf8').on('data', (text) => (acks += text));
      response.once('end', () => (isDone = true));
    });
    stream.write('one\n');
    await eventually('the stream is acknowledged', () => acks.includes('"line":1'));

    const stopped = service.stop();
    await eventually('the first are let go', () => endedAt.length > 0);
    const published = new Promise<number>((resolve, reject) => {
      half.once('response', (response) => resolve(response.resume().statusCode ?? 0)).once('error', reject);
    });
    const [health, late, lateText] = await Promise.all([
      ask(service.port, '/healthz'),
      ask(service.port, path, { headers: SSE }),
      ask(service.port, path),
    ]);
    half.end('i');
    assert.equal(await published, 201, 'a publish under way is answered');
    assert.deepEqual([health.status, JSON.parse(health.body.toString()).status], [503, 'draining']);
    assert.equal(late.status, 200);
    assert.match(late.body.toString(), /^retry:(\d+)\n\nevent: feed\.closing\ndata: \{"reason":"shutdown","retry":\1\}\n\n$/);
    assert.deepEqual([lateText.status, JSON.parse(lateText.body.toString()).code], [503, 'unavailable']);
    assert.ok(Number(lateText.headers['retry-after']) >= 2);
    assert.equal(await stopped, 0);
    await eventually('the stream is answered to its end', () => isDone);
    assert.match(acks, /"done":\{"events":1,/);

    assert.equal(endedAt.length, CROWD);
    const spreadMs = Math.max(...endedAt) - Math.min(...endedAt);
    assert.ok(spreadMs > 1_000, `they were let go within ${spreadMs} ms`);
    const retries = clients.map((client) => JSON.parse(closingOf(client)?.data ?? '').retry as number);
    assert.ok(new Set(retries).size > CROWD / 3, 'each has a time of its own to come back');
    assert.ok(retries.every((retry) => retry >= 1_500 && retry <= 2_500));
    assert.ok(clients.every((client) => client.body.isWhole));

    for (let line = 0; line < 20; line += 1) write();
    await service.start();
    clearInterval(writing);
    const all = Array.from({ length: written }, (_, line) => `${line}`);
    await eventually('all are back', () => readers.every(({ lines }) => lines.length >= written), DEADLINE_MS);
    for (const seen of readers) {
      assert.deepEqual(seen.lines, all, seen.who);
      assert.deepEqual(seen.of('feed.gap'), [], seen.who);
      assert.ok(
        seen.of('feed.closing').some(({ data }) => data.reason === 'shutdown'),
        seen.who,
      );
    }
    for (const client of clients.filter((_, index) => index % 10 === 0)) {
      const before = messagesOf(client.body.text);
      const headers = { ...SSE, 'Last-Event-ID': closingOf(client)?.id ?? '' };
      const { body } = await ask(service.port, `${path}&follow=false`, { headers });
      assert.deepEqual([...before, ...messagesOf(body.toString())], all);
    }
    const { body } = await ask(service.port, '/feeds/p?follow=false');
    assert.equal(body.toString(), 'hi\n');
  },
);

test('few readers are let go at once, and one that takes nothing is cut off at the end of the time', LIMIT, async (t) => {
  const folder = scratchFolder();
  const file = join(folder, 'big.log');
  writeFileSync(file, `${'x'.repeat(1_000)}\n`.repeat(90_000));
  const service = await startService(t, [file, '--drain', '2s']);
  const stalled = await stalledReader(t, service.port);
  const live = await RawClient.open(t, service.port, get('/feeds/big.log', SSE));
  await eventually('it is open', () => live.body.text.includes('feed.open'));
  const before = performance.now();
  const stopped = service.stop();
  await eventually('the live one is let go', () => live.body.isWhole);
  assert.equal(await stopped, 0);
  assert.ok(performance.now() - before > 1_500, 'the other had its time');
  assert.ok(!stalled.text.includes('feed.closing'));
});

test('a second SIGTERM ends it at once, and what was acknowledged is there again', LIMIT, async (t) => {
  const folder = scratchFolder();
  const file = join(folder, 'big.log');
  writeFileSync(file, `${'x'.repeat(1_000)}\n`.repeat(30_000));
  const service = await startService(t, [file, '--data', join(folder, 'data'), '--drain', '10m']);
  const publish = async (send: string) => (await ask(service.port, '/feeds/p', { method: 'POST', send })).status;
  assert.equal(await publish('before'), 201);
  const reader = await RawClient.open(t, service.port, get('/feeds/p', SSE));
  await eventually('it reads', () => reader.body.text.includes('feed.open'));
  await stalledReader(t, service.port);
  const stopping = performance.now();
  process.kill(service.pid, 'SIGTERM');
  await eventually('it drains', () => closingOf(reader) !== undefined);
  assert.equal(await publish('meanwhile'), 201);
  await until('the second is not one with the first', async () => performance.now() - stopping > 700);
  assert.equal(await service.stop(), 143);
  await service.start();
  const { body } = await ask(service.port, '/feeds/p?follow=false');
  assert.equal(body.toString(), 'before\nmeanwhile\n');
});

/** One that takes nothing of `big.log`. */
async function stalledReader(t: TestContext, port: number): Promise<RawClient> {
  const stalled = await RawClient.open(t, port, get('/feeds/big.log?since=start', SSE));
  stalled.socket.pause();
  const waiting = async () => {
    const { connections } = JSON.parse((await ask(port, '/connections')).body.toString());
    return (connections as { bytesWaiting: number }[]).some(({ bytesWaiting }) => bytesWaiting > 0);
  };
  await until('it does not take what it is given', waiting);
  return stalled;
}

async function until(what: string, condition: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + DEADLINE_MS;
  while (!(await condition())) assert.ok(performance.now() < deadline, what);
}
