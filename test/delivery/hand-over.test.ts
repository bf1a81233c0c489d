import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import type { Batch } from '../../server/feed/batch.ts';
import type { Follower, Following, Located, ReadOptions, Start } from '../../server/feed/log.ts';
import { MemoryLog, type MemoryLogOptions } from '../../server/feed/memory-log.ts';
import type { Position } from '../../server/feed/position.ts';
import { eventually } from '../source/eventually.ts';
import { type FeedServer, feedServer, get, RawClient, type SseEvent, sseEvents } from './feed-server.ts';

/** A real log to which something is appended at every point at which a reader of it waits. Events are numbered from 0. */
class RestlessLog extends MemoryLog {
  /** Called at every such point. */
  interfere: (log: RestlessLog) => void = () => undefined;
  #count = 0;

  constructor(options: MemoryLogOptions = { maxBytes: 1 << 28, maxEvents: 1 << 20 }) {
    super(options);
  }

  get count(): number {
    return this.#count;
  }

  next(bytes = 0): void {
    this.#count += 1;
    this.append(`${this.#count - 1} ${'x'.repeat(bytes)}`);
  }

  override async locate(start: Start): Promise<Located> {
    this.interfere(this);
    const located = await super.locate(start);
    this.interfere(this);
    return located;
  }

  override async follow(follower: Follower): Promise<Following> {
    this.interfere(this);
    const following = await super.follow(follower);
    this.interfere(this);
    return following;
  }

  override async *read(from: Position, options: ReadOptions): AsyncGenerator<Batch, void, undefined> {
    for await (const batch of super.read(from, options)) {
      this.interfere(this);
      yield batch;
      this.interfere(this);
    }
  }
}

function numbersOf(events: readonly SseEvent[]): number[] {
  return events.filter(({ type }) => type === 'message').map(({ data }) => Number.parseInt(data, 10));
}

/** The number of the event after the cursor of a memory log whose events are numbered. */
function numberAfter(id: string | undefined): number {
  return Number.parseInt((id ?? '').slice(9), 36);
}

/** Asserts that `stream` has every event from its first place on, once and in order, up to `count`. */
function assertExact(stream: string, count: number): void {
  const events = sseEvents(stream);
  const [open] = events;
  assert.equal(open?.type, 'feed.open');
  const numbers = numbersOf(events);
  const first = numberAfter(open.id);
  assert.deepEqual(
    numbers,
    Array.from({ length: count - first }, (_, index) => first + index),
  );
  for (const { type, id, data } of events) {
    if (type === 'message') assert.equal(numberAfter(id), Number.parseInt(data, 10) + 1, 'each event has the cursor behind it');
    assert.notEqual(type, 'feed.gap');
  }
}

async function followed(context: TestContext, { port }: FeedServer, log: RestlessLog, path: string): Promise<RawClient> {
  const client = await RawClient.open(context, port, get(path, { Accept: 'text/event-stream' }));
  await eventually('it is open', () => client.body.text.includes('feed.open'));
  // The log rests from now on; its last word must arrive.
  log.interfere = () => undefined;
  log.next();
  await eventually('the last event has come', () => client.body.text.includes(`data: ${log.count - 1} `));
  return client;
}

for (const path of [
  '/feeds/a',
  '/feeds/a?last=0',
  '/feeds/a?last=7',
  '/feeds/a?last=100000',
  '/feeds/a?since=start',
  '/feeds/a?since=1h',
])
  for (const [size, bytes, times] of [
    ['a line', 0, 1],
    ['more than a batch', 100 * 1024, 3],
    ['more than the window', 500, 300],
  ] as const)
    test(`${path} loses and repeats nothing while ${size} comes at every point at which it waits`, async (context) => {
      const server = await feedServer(context, { windowBytes: 128 * 1024 });
      const { log } = server.add('a', new RestlessLog());
      for (let before = 0; before < 50; before += 1) log.next();
      let left = 30;
      log.interfere = () => {
        left -= 1;
        if (left >= 0) for (let time = 0; time < times; time += 1) log.next(bytes);
      };
      const client = await followed(context, server, log, path);
      assertExact(client.body.text, log.count);
    });

test('a reader that comes back at any event of a busy log gets what follows it', async (context) => {
  const server = await feedServer(context, { windowBytes: 64 * 1024 });
  const { log } = server.add('a', new RestlessLog());
  for (let before = 0; before < 3_000; before += 1) log.next(100);
  const { cursor } = await log.locate({ at: 'oldest' });
  const writer = setInterval(() => log.next(1_000), 1);
  context.after(() => clearInterval(writer));
  const clients = await Promise.all(
    [0, 1, 1_499, 2_900, 2_999, 3_000].map((number) => {
      const id = cursor.slice(0, 9) + number.toString(36);
      return RawClient.open(context, server.port, get('/feeds/a', { Accept: 'text/event-stream', 'Last-Event-ID': id }));
    }),
  );
  await eventually('all are live', () => clients.every((client) => client.body.text.includes('data: 3100 ')));
  clearInterval(writer);
  const last = `data: ${log.count - 1} `;
  await eventually('all have the last', () => clients.every((client) => client.body.text.includes(last)));
  for (const client of clients) assertExact(client.body.text, log.count);
});

test('a client that falls out of the window goes on from the log and gets everything', async (context) => {
  const server = await feedServer(context, { windowBytes: 64 * 1024 });
  const { log } = server.add('a', new RestlessLog());
  const slow = await RawClient.open(context, server.port, get('/feeds/a', { Accept: 'text/event-stream' }));
  const quick = await RawClient.open(context, server.port, get('/feeds/a', { Accept: 'text/event-stream' }));
  await eventually('both are open', () => server.delivery.readers === 2 && slow.body.text.includes('feed.open'));
  slow.socket.pause();
  for (let burst = 0; burst < 40; burst += 1) {
    for (let event = 0; event < 500; event += 1) log.next(1_000);
    await turn();
  }
  await eventually('the quick one has everything', () => quick.text.includes(`data: ${log.count - 1} `), 20_000);
  log.next();
  slow.socket.resume();
  await eventually('the slow one has everything', () => slow.text.includes(`data: ${log.count - 1} `), 20_000);
  log.next();
  await eventually(
    'both are live',
    () => slow.text.includes(`data: ${log.count - 1} `) && quick.text.includes(`data: ${log.count - 1} `),
  );
  assertExact(slow.body.text, log.count);
  assertExact(quick.body.text, log.count);
});

test('a client that the log itself has overtaken is told how many events it misses, and goes on with the oldest', async (context) => {
  const server = await feedServer(context, { windowBytes: 64 * 1024 });
  const { log } = server.add('a', new RestlessLog({ maxBytes: 1 << 20, maxEvents: 1 << 20 }));
  const slow = await RawClient.open(context, server.port, get('/feeds/a', { Accept: 'text/event-stream' }));
  await eventually('it is open', () => slow.body.text.includes('feed.open'));
  slow.socket.pause();
  for (let burst = 0; burst < 40; burst += 1) {
    for (let event = 0; event < 500; event += 1) log.next(1_000);
    await turn();
  }
  slow.socket.resume();
  await eventually('it has the last', () => slow.text.includes(`data: ${log.count - 1} `), 20_000);
  let expected = 0;
  let gaps = 0;
  for (const { type, data, id } of sseEvents(slow.body.text)) {
    if (type === 'feed.gap') {
      gaps += 1;
      const { reason, events } = JSON.parse(data);
      assert.equal(reason, 'expired');
      expected += events;
      assert.equal(numberAfter(id), expected, 'the gap ends where delivery goes on');
    } else if (type === 'message') {
      assert.equal(Number.parseInt(data, 10), expected);
      expected += 1;
    }
  }
  assert.equal(expected, log.count);
  assert.ok(gaps > 0);
});

test('events that a log tells before it has said that it is followed are not lost', async (context) => {
  class HastyLog extends RestlessLog {
    override async follow(follower: Follower): Promise<Following> {
      const following = await super.follow(follower);
      // More than a batch, so that it is told at once.
      if (this.count === 0) for (let event = 0; event < 4; event += 1) this.next(100 * 1024);
      return following;
    }
  }
  const server = await feedServer(context);
  const { log } = server.add('a', new HastyLog());
  const client = await followed(context, server, log, '/feeds/a?since=start');
  assertExact(client.body.text, log.count);
});
