import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import type { Follower, Following, Located, Start } from '../../server/feed/log.ts';
import { MemoryLog } from '../../server/feed/memory-log.ts';
import { eventually } from '../source/eventually.ts';
import { feedServer, get, messagesOf, RawClient, sseEvents } from './feed-server.ts';

const SSE = { Accept: 'text/event-stream' };

/** A real log that counts who follows it, and can be slow or fail. */
class WatchedLog extends MemoryLog {
  asked = 0;
  following = 0;
  maxFollowing = 0;
  failing: 'follow' | 'locate' | undefined;
  readonly slow: { follow?: Promise<void>; locate?: Promise<void> } = {};

  override async locate(start: Start): Promise<Located> {
    await this.slow.locate;
    if (this.failing === 'locate') throw new Error('locate has failed');
    return super.locate(start);
  }

  override async follow(follower: Follower): Promise<Following> {
    this.asked += 1;
    await this.slow.follow;
    if (this.failing === 'follow') throw new Error('follow has failed');
    const following = await super.follow(follower);
    this.following += 1;
    this.maxFollowing = Math.max(this.maxFollowing, this.following);
    let isStopped = false;
    const stop = () => {
      assert.equal(isStopped, false, 'a following is stopped once');
      isStopped = true;
      this.following -= 1;
      following.stop();
    };
    return { ...following, stop };
  }
}

function gate(): { passed: Promise<void>; open: () => void } {
  let open: () => void = () => undefined;
  const passed = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { passed, open };
}

test('1,000 clients that come and are cut at any moment leave nothing behind', async (context) => {
  const { port, delivery, server, connections, add } = await feedServer(context);
  const { log, feed } = add('a', new WatchedLog());
  const listenersBefore = server.eventNames().map((name) => [name, server.listenerCount(name)]);
  const handlesBefore = process.getActiveResourcesInfo().length;
  const writer = setInterval(() => log.append('x'.repeat(500)), 1);
  context.after(() => clearInterval(writer));
  const paths = ['/feeds/a', '/feeds/a?last=20', '/feeds/a?batch=50', '/feeds/a?format=ndjson&beat=1s', '/feeds/a?follow=false'];
  const comeAndGo = async (index: number) => {
    const client = new RawClient(port);
    const headers = index % 3 > 0 ? SSE : { ...SSE, 'Accept-Encoding': 'gzip' };
    client.socket.write(get(paths[index % paths.length] ?? '', headers));
    const moment = index % 4;
    if (moment === 0) await eventually('something has come', () => client.text !== '' || client.isEnded);
    for (let turns = 0; turns < index % 11; turns += 1) await turn();
    if (moment === 1) client.socket.end();
    client.socket.destroy();
  };
  let next = 0;
  const worker = async () => {
    while (next < 1_000) {
      next += 1;
      await comeAndGo(next);
    }
  };
  await Promise.all(Array.from({ length: 40 }, worker));
  clearInterval(writer);
  await eventually('no reader is left', () => delivery.readers === 0 && feed.readers === 0);
  await eventually('nobody follows the log', () => log.following === 0);
  let open = -1;
  for (let tries = 0; open !== 0 && tries < 1_000; tries += 1) {
    open = await connections();
    await turn();
  }
  assert.equal(open, 0);
  assert.ok(log.maxFollowing <= 8, `one following a format, compressed or not, and not ${log.maxFollowing} together`);
  assert.deepEqual(
    server.eventNames().map((name) => [name, server.listenerCount(name)]),
    listenersBefore,
  );
  await eventually('handles are closed', () => process.getActiveResourcesInfo().length <= handlesBefore);
});

test('a client that is gone while its start is looked for is no reader, and its channel ends', async (context) => {
  const { port, delivery, add } = await feedServer(context);
  const { log } = add('a', new WatchedLog());
  const { passed, open } = gate();
  log.slow.locate = passed;
  const client = await RawClient.open(context, port, get('/feeds/a?last=5', SSE));
  await eventually('the log is followed', () => log.following === 1);
  client.socket.destroy();
  await turn();
  open();
  await eventually('the log is let go', () => log.following === 0);
  assert.equal(delivery.readers, 0);
});

for (const query of ['', '?format=text', '?last=3', '?batch=100'])
  test(`a client of ${query || 'the feed'} that is gone before the log is followed leaves nothing behind`, async (context) => {
    const { port, delivery, connections, add } = await feedServer(context);
    const { log, feed } = add('a', new WatchedLog());
    const { passed, open } = gate();
    log.slow.follow = passed;
    const client = await RawClient.open(context, port, get(`/feeds/a${query}`, query === '?format=text' ? {} : SSE));
    await eventually('the log is asked', () => log.asked === 1);
    client.socket.destroy();
    for (let tries = 0; (await connections()) > 0 && tries < 1_000; tries += 1) await turn();
    for (let turns = 0; turns < 5; turns += 1) await turn();
    open();
    await eventually('it is followed', () => log.maxFollowing === 1);
    for (let turns = 0; turns < 20; turns += 1) await turn();
    assert.deepEqual([delivery.readers, feed.readers, log.following], [0, 0, 0]);
  });

for (const failing of ['follow', 'locate'] as const)
  test(`a log that fails to ${failing} fails its client, says so to the log, and is asked again by the next`, async (context) => {
    const { port, delivery, failures, add } = await feedServer(context);
    const { log, feed } = add('a', new WatchedLog());
    log.failing = failing;
    const first = await RawClient.open(context, port, get('/feeds/a?last=5', { ...SSE, Connection: 'close' }));
    await eventually('the client is let go', () => first.isEnded);
    // Before the head has been sent it is asked to come back; after it, a cut is all that tells.
    if (failing === 'follow') assert.match(first.text, /^HTTP\/1.1 200 [\s\S]*"reason":"unavailable"/);
    else assert.equal(first.body.isWhole, false, 'it sees that something is missing');
    assert.equal(failures.length, 1, 'the service log has the cause');
    assert.deepEqual([log.following, delivery.readers, feed.readers], [0, 0, 0]);
    log.failing = undefined;
    const second = await RawClient.open(context, port, get('/feeds/a', SSE));
    await eventually('the feed is open', () => second.body.text.includes('feed.open'));
    log.append('there again');
    await eventually('it delivers', () => messagesOf(second.body.text).includes('there again'));
  });

test('a log that fails in the middle of reading cuts that client only', async (context) => {
  class BrokenHistory extends MemoryLog {
    override read(): AsyncGenerator<never> {
      throw new Error('the disk is gone');
    }
  }
  const { port, delivery, add } = await feedServer(context);
  const { log } = add('a', new BrokenHistory());
  log.append('old');
  const live = await RawClient.open(context, port, get('/feeds/a', SSE));
  const behind = await RawClient.open(context, port, get('/feeds/a?last=1', SSE));
  await eventually('the one that needs history is cut', () => behind.isEnded);
  log.append('new');
  await eventually('the live one goes on', () => messagesOf(live.body.text).includes('new'));
  assert.equal(delivery.readers, 1);
});

test('what a client asks behind a stream is not answered, and is gone with its connection', async (context) => {
  const { port, delivery, add } = await feedServer(context);
  const { log, feed } = add('a', new WatchedLog());
  const client = await RawClient.open(context, port, get('/feeds/a', SSE) + get('/feeds/a?last=5&batch=100', SSE).repeat(3));
  await eventually('the first is answered', () => client.body.text.includes('feed.open'));
  log.append('one');
  await eventually('it goes on', () => messagesOf(client.body.text).includes('one'));
  assert.equal(delivery.readers, 1);
  await eventually('the others follow nothing', () => log.following === 1);
  client.socket.destroy();
  await eventually('nobody reads', () => delivery.readers === 0 && feed.readers === 0);
  await eventually('nobody follows', () => log.following === 0);
});

test('a client that asks and asks behind a stream is cut off', async (context) => {
  const { port, delivery, server, add } = await feedServer(context);
  const { log } = add('a', new WatchedLog());
  let requests = 0;
  server.on('request', () => {
    requests += 1;
  });
  const client = await RawClient.open(context, port, get('/feeds/a', SSE).repeat(30_000));
  await eventually('it is cut off', () => client.isEnded);
  assert.ok(requests < 3_000, `what one read of the socket brings, not ${requests} requests`);
  await eventually('nobody reads', () => delivery.readers === 0);
  await eventually('nobody follows', () => log.following === 0);
});

test('a stream that waits behind another answer is gone with its connection too', async (context) => {
  const { port, delivery, add, server } = await feedServer(context);
  const { log } = add('a', new WatchedLog());
  server.prependOnceListener('request', (_request, response) => {
    // The answer before it, of a handler that takes its time.
    response.write = () => true;
    response.end = () => response;
  });
  const client = await RawClient.open(context, port, get('/feeds/none') + get('/feeds/a', SSE));
  await eventually('the second is a reader', () => delivery.readers === 1);
  client.socket.destroy();
  await eventually('nobody reads', () => delivery.readers === 0);
  await eventually('nobody follows', () => log.following === 0);
});

test('what a client sends behind its request is thrown away, and its connection is not used again', async (context) => {
  const { port, delivery, add } = await feedServer(context);
  const { log } = add('a');
  const body = { ...SSE, 'Content-Length': '1000000000' };
  const client = await RawClient.open(context, port, get('/feeds/a', body));
  await eventually('the feed is open', () => client.body.text.includes('feed.open'));
  assert.match(client.text, /^connection: close\r$/im);
  const before = process.memoryUsage().rss;
  for (let sent = 0; sent < 64; sent += 1) if (!client.socket.write(Buffer.alloc(1 << 20, 'x'))) await turn();
  log.append('still there');
  await eventually('the feed goes on', () => messagesOf(client.body.text).includes('still there'));
  assert.ok(process.memoryUsage().rss - before < 150 << 20, 'the body is not kept');
  client.socket.destroy();
  await eventually('it is let go', () => delivery.readers === 0);
});

test('a half-closed connection ends its stream', async (context) => {
  const { port, delivery, add } = await feedServer(context);
  add('a');
  const client = await RawClient.open(context, port, get('/feeds/a', SSE), { allowHalfOpen: true });
  await eventually('the feed is open', () => client.body.text.includes('feed.open'));
  client.socket.end();
  await eventually('the service ends its half too', () => client.isEnded);
  await eventually('it is no reader', () => delivery.readers === 0);
});

test('rubbish behind a request ends that stream and nothing else', async (context) => {
  const { port, delivery, add } = await feedServer(context);
  const { log } = add('a');
  const other = await RawClient.open(context, port, get('/feeds/a', SSE));
  const client = await RawClient.open(context, port, get('/feeds/a', SSE));
  await eventually('both are open', () => delivery.readers === 2);
  client.socket.write('\0\0\0 rubbish \r\n\r\n');
  await eventually('it is cut', () => client.isEnded);
  log.append('more');
  await eventually('the other goes on', () => messagesOf(other.body.text).includes('more'));
  assert.equal(sseEvents(client.body.text).at(-1)?.type, 'feed.open');
});
