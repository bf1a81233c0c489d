import assert from 'node:assert/strict';
import { once } from 'node:events';
import { get as httpGet, type IncomingMessage } from 'node:http';
import { type TestContext, test } from 'node:test';
import type { Follower, Following, Located, Start } from '../../server/feed/log.ts';
import { MemoryLog } from '../../server/feed/memory-log.ts';
import { eventually } from '../source/eventually.ts';
import { type FeedServer, feedServer, get, messagesOf, RawClient, type SseEvent, sseEvents } from './feed-server.ts';

const SSE = { Accept: 'text/event-stream' };

/** A real log that waits at one point until it is told to go on. */
class WaitingLog extends MemoryLog {
  waitsAt: 'follow' | 'locate' | undefined;
  isWaiting = false;
  following = 0;
  goOn: () => void = () => undefined;

  override async locate(start: Start): Promise<Located> {
    if (this.waitsAt === 'locate') await this.#wait();
    return super.locate(start);
  }

  override async follow(follower: Follower): Promise<Following> {
    if (this.waitsAt === 'follow') await this.#wait();
    const following = await super.follow(follower);
    this.following += 1;
    const stop = () => {
      this.following -= 1;
      following.stop();
    };
    return { ...following, stop };
  }

  #wait(): Promise<void> {
    this.isWaiting = true;
    return new Promise((resolve) => {
      this.goOn = resolve;
    });
  }
}

function dataOf(event: SseEvent | undefined): Record<string, unknown> {
  return JSON.parse(event?.data ?? '');
}

async function opened(context: TestContext, { port }: FeedServer, path: string, headers = SSE): Promise<RawClient> {
  const client = await RawClient.open(context, port, get(path, headers));
  await eventually('it is open', () => client.body.text.includes('feed.open'));
  return client;
}

test('a stream begins with retry and feed.open, which has the id of the start and says where the head is', async (context) => {
  const server = await feedServer(context);
  const { log } = server.add('web/a.log');
  for (const line of ['one', 'two', 'three']) log.append(line);
  const client = await opened(context, server, '/feeds/web/a.log?last=2');
  await eventually('the last two have come', () => messagesOf(client.body.text).length === 2);
  assert.match(client.body.text, /^retry:(1[5-9]|2[0-4])\d\d\n\nevent: feed\.open\n/);
  const [open, two, three] = sseEvents(client.body.text);
  const { feed, start, head, instance, time } = dataOf(open);
  assert.deepEqual([feed, start, head, instance], ['web/a.log', 'last', log.head, 'test']);
  assert.ok(Math.abs(Date.parse(String(time)) - Date.now()) < 60_000);
  assert.equal(open?.id, `${log.head.slice(0, 9)}1`);
  assert.deepEqual([two?.data, three?.data, three?.id], ['two', 'three', log.head]);
});

for (const [path, start] of [
  ['/feeds/a', 'head'],
  ['/feeds/a?since=start', 'oldest'],
  ['/feeds/a?last=0', 'last'],
  ['/feeds/a?since=15m', 'time'],
  ['/feeds/a?follow=false', 'oldest'],
] as const)
  test(`feed.open of ${path} says that its start was found by ${start}`, async (context) => {
    const server = await feedServer(context);
    server.add('a').log.append('line');
    const client = await opened(context, server, path);
    assert.equal(dataOf(sseEvents(client.body.text)[0]).start, start);
  });

test('the head in feed.open is never behind its start, also while events have not been told yet', async (context) => {
  class JustAppended extends MemoryLog {
    override async locate(start: Start): Promise<Located> {
      // In the same turn of the loop: followers will hear of it at the end of the turn.
      this.append('just now');
      return super.locate(start);
    }
  }
  const server = await feedServer(context);
  server.add('a', new JustAppended());
  const client = await opened(context, server, '/feeds/a');
  const [open] = sseEvents(client.body.text);
  assert.equal(dataOf(open).head, open?.id);
});

test('a place that is gone is a gap behind feed.open, with the id from which it goes on', async (context) => {
  const server = await feedServer(context);
  const { log } = server.add('a');
  log.append('oldest there is');
  const client = await opened(context, server, '/feeds/a', { ...SSE, 'Last-Event-ID': 'mAAAAAAAA7' } as typeof SSE);
  await eventually('it goes on', () => messagesOf(client.body.text).length === 1);
  const [open, gap, message] = sseEvents(client.body.text);
  assert.equal(dataOf(open).start, 'gap');
  assert.equal(gap?.type, 'feed.gap');
  assert.equal(gap.id, open?.id);
  assert.equal(gap.id, `${log.head.slice(0, 9)}0`);
  assert.deepEqual({ ...dataOf(gap), time: '' }, { reason: 'restarted', bytes: null, events: null, time: '' });
  assert.equal(message?.data, 'oldest there is');
});

test('whoever is let go is told why, when to come back, and from where', async (context) => {
  const server = await feedServer(context);
  const { log } = server.add('a');
  const clients = await Promise.all(
    ['/feeds/a', '/feeds/a?batch=10', '/feeds/a?format=ndjson'].map((path) => opened(context, server, path)),
  );
  log.append('last');
  await eventually('all have it', () =>
    clients.every((client) => client.body.text.includes('"last"') || client.body.text.includes('data: last')),
  );
  log.setPartial('unfinished');
  await eventually('all see it', () => clients.every((client) => client.body.text.includes('unfinished')));
  server.delivery.letGo('shutdown');
  await eventually('all have ended', () => clients.every((client) => client.body.isWhole));
  const [sse, batched, ndjson] = clients.map((client) => client.body.text);
  for (const stream of [sse, batched]) {
    const closing = sseEvents(stream ?? '').at(-1);
    assert.equal(closing?.type, 'feed.closing');
    assert.equal(closing.id, log.head);
    const { reason, retry } = dataOf(closing);
    assert.equal(reason, 'shutdown');
    assert.ok((stream ?? '').includes(`retry: ${retry}\nevent: feed.closing\n`));
  }
  const { type, id } = JSON.parse((ndjson ?? '').trimEnd().split('\n').at(-1) ?? '');
  assert.deepEqual([type, id], ['feed.closing', log.head]);
  await eventually('nobody reads', () => server.delivery.readers === 0);
});

test('one who is let go far behind comes back to exactly where it was', async (context) => {
  const server = await feedServer(context, { windowBytes: 64 * 1024 });
  const { log } = server.add('a', new MemoryLog({ maxBytes: 1 << 28, maxEvents: 1 << 20 }));
  const lines = Array.from({ length: 40_000 }, (_, index) => `${index} ${'x'.repeat(500)}`);
  for (const line of lines) log.append(line);
  const slow = await RawClient.open(context, server.port, get('/feeds/a?since=start', SSE));
  await eventually('it has begun', () => slow.body.text.includes('feed.open'));
  slow.socket.pause();
  await new Promise((resolve) => setTimeout(resolve, 50));
  server.delivery.letGo('shutdown');
  slow.socket.resume();
  await eventually('it has ended', () => slow.isEnded);
  const seen = messagesOf(slow.body.text);
  const closing = sseEvents(slow.body.text).at(-1);
  assert.equal(closing?.type, 'feed.closing');
  assert.ok(seen.length > 0 && seen.length < lines.length, `it was in the middle: ${seen.length}`);
  const again = await RawClient.open(
    context,
    server.port,
    get('/feeds/a?follow=false', { ...SSE, 'Last-Event-ID': closing.id ?? '' }),
  );
  await eventually('it has ended', () => again.isEnded, 20_000);
  assert.deepEqual([...seen, ...messagesOf(again.body.text)], lines);
});

for (const waitsAt of ['follow', 'locate'] as const) {
  test(`a feed that is removed while a reader waits for its ${waitsAt} lets that reader go`, async (context) => {
    const server = await feedServer(context);
    const { log, feed } = server.add('a', new WaitingLog());
    log.waitsAt = waitsAt;
    const client = await RawClient.open(context, server.port, get('/feeds/a?last=5', SSE));
    await eventually('it waits', () => log.isWaiting);
    await server.registry.remove(feed.name);
    log.goOn();
    await eventually('it is let go', () => client.body.isWhole);
    assert.equal(dataOf(sseEvents(client.body.text).at(-1)).reason, 'removed');
    await eventually('nothing is left', () => server.delivery.readers === 0 && log.following === 0 && feed.readers === 0);
  });

  test(`a service that stops while a reader waits for a log to ${waitsAt} lets that reader go`, async (context) => {
    const server = await feedServer(context);
    const { log } = server.add('a', new WaitingLog());
    log.waitsAt = waitsAt;
    const client = await RawClient.open(context, server.port, get('/feeds/a?last=5', SSE));
    await eventually('it waits', () => log.isWaiting);
    server.delivery.close();
    log.goOn();
    await eventually('it is let go', () => client.body.isWhole);
    assert.equal(dataOf(sseEvents(client.body.text).at(-1)).reason, 'shutdown');
    await eventually('nothing is left', () => server.delivery.readers === 0 && log.following === 0);
  });
}

test('who asks while the service stops is let go at once', async (context) => {
  const server = await feedServer(context);
  server.add('a').log.append('line');
  server.delivery.close();
  const [live, finite, text] = await Promise.all(
    [get('/feeds/a', SSE), get('/feeds/a?follow=false', SSE), get('/feeds/a?follow=false')].map((request) =>
      RawClient.open(context, server.port, request),
    ),
  );
  await eventually('all have ended', () => [live, finite, text].every((client) => client?.isEnded));
  for (const client of [live, finite]) assert.equal(sseEvents(client?.body.text ?? '').at(-1)?.type, 'feed.closing');
  assert.equal(text?.body.isWhole, false, 'text that is not whole is cut');
  assert.equal(server.delivery.readers, 0);
});

test('the last five of a feed that grows at every moment are five and what has come since', async (context) => {
  class Growing extends MemoryLog {
    override async locate(start: Start): Promise<Located> {
      for (let more = 0; more < 100; more += 1) this.append('more');
      const located = await super.locate(start);
      for (let more = 0; more < 100; more += 1) this.append('more');
      return located;
    }
  }
  const server = await feedServer(context);
  const { log } = server.add('a', new Growing());
  const client = await RawClient.open(context, server.port, get('/feeds/a?last=5&follow=false', SSE));
  await eventually('it has ended', () => client.body.isWhole);
  const count = messagesOf(client.body.text).length;
  assert.ok(count >= 5 && count <= 300, `${count} events`);
  const [open, ...rest] = sseEvents(client.body.text);
  assert.equal(dataOf(open).head, rest.at(-1)?.id);
  assert.ok(log.stats.eventsAppended === 400);
});

test('an answer that ends has its end where the head was, and is whole', async (context) => {
  const server = await feedServer(context);
  const { log } = server.add('a');
  for (let line = 0; line < 3; line += 1) log.append(`${line}`);
  const { port } = server;
  const whole = async (path: string): Promise<string> => {
    const client = await RawClient.open(context, port, get(path));
    await eventually('it has ended', () => client.isEnded);
    assert.equal(client.body.isWhole, true);
    return client.body.text;
  };
  assert.equal(await whole('/feeds/a?follow=false'), '0\n1\n2\n');
  assert.equal(await whole('/feeds/a?follow=false&last=0'), '');
  assert.equal(await whole('/feeds/a?follow=false&last=1'), '2\n');
  assert.equal(await whole('/feeds/a?follow=false&last=100000'), '0\n1\n2\n');
  assert.equal(await whole(`/feeds/a?follow=false&since=${log.head}`), '');
});

test('a replay to a client that takes nothing is held back, cut after the stall timeout, and let go of', async (context) => {
  const server = await feedServer(context, { stallTimeoutMs: 1_000 });
  const { log } = server.add('a', new MemoryLog({ maxBytes: 1 << 28, maxEvents: 1 << 20 }));
  for (let event = 0; event < 400; event += 1) log.append('x'.repeat(100_000));
  const response: IncomingMessage = (await once(httpGet(`${server.url}/feeds/a?follow=false`), 'response'))[0];
  response.pause();
  await eventually('it is read', () => server.delivery.readers === 1);
  await eventually('it is cut off', () => server.delivery.readers === 0);
  await assert.rejects(async () => {
    for await (const _chunk of response);
  }, /aborted/);
});

test('a replay that is under way when the service stops says where it was, or is cut', async (context) => {
  const server = await feedServer(context);
  const { log } = server.add('a', new MemoryLog({ maxBytes: 1 << 28, maxEvents: 1 << 20 }));
  const lines = Array.from({ length: 400 }, (_, index) => `${index} ${'x'.repeat(100_000)}`);
  for (const line of lines) log.append(line);
  const [sse, text] = await Promise.all(
    [get('/feeds/a?follow=false', SSE), get('/feeds/a?follow=false')].map((request) =>
      RawClient.open(context, server.port, request),
    ),
  );
  assert.ok(sse && text);
  await eventually('both have begun', () => sse.text.length > 1_000 && text.text.length > 1_000);
  sse.socket.pause();
  text.socket.pause();
  await new Promise((resolve) => setTimeout(resolve, 50));
  server.delivery.close();
  sse.socket.resume();
  text.socket.resume();
  await eventually('both have ended', () => sse.isEnded && text.isEnded);
  assert.equal(text.body.isWhole, false);
  const events = sseEvents(sse.body.text);
  assert.equal(events.at(-1)?.type, 'feed.closing');
  assert.equal(events.at(-1)?.id, events.at(-2)?.id);
  await eventually('nobody reads', () => server.delivery.readers === 0);
});
