import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type TestContext, test } from 'node:test';
import { Channel } from '../../server/delivery/channel.ts';
import { type Behind, FanOut } from '../../server/delivery/fan-out.ts';
import type { Format } from '../../server/delivery/format.ts';
import { ndjsonFormat, sseBatchFormat, sseFormat, textFormat } from '../../server/delivery/formats.ts';
import type { Outlet } from '../../server/delivery/outlet.ts';
import { Subscriber } from '../../server/delivery/subscriber.ts';
import { WindowShare } from '../../server/delivery/window-share.ts';
import type { ReadableLog } from '../../server/feed/log.ts';
import { MemoryLog } from '../../server/feed/memory-log.ts';
import { eventually } from '../source/eventually.ts';
import { get, RawClient, sseEvents } from './feed-server.ts';
import { outletServer } from './outlet-server.ts';

interface Parts {
  readonly log: MemoryLog;
  readonly channel: Channel;
  readonly subscriber: Subscriber;
  readonly outlet: Outlet;
  readonly client: RawClient;
}

/** One subscriber at the head of a log, on a real connection; its clock is what `tick` is told. */
async function subscribed(
  context: TestContext,
  { format = sseFormat(), beatMs, stallTimeoutMs = 600_000 }: { format?: Format; beatMs?: number; stallTimeoutMs?: number } = {},
): Promise<Parts> {
  const log = new MemoryLog({ maxBytes: 1 << 28, maxEvents: 1 << 20 });
  const channel = await Channel.open(log, format, new WindowShare(512 * 1024), new FanOut());
  context.after(() => channel.close());
  const located = await log.locate({ at: 'head' });
  let made: { outlet: Outlet; subscriber: Subscriber } | undefined;
  const { port } = await outletServer(context, (outlet) => {
    const subscriber = new Subscriber({ log, channel, outlet, located, beatMs, stallTimeoutMs });
    made = { outlet, subscriber };
    subscriber.start();
  });
  const client = await RawClient.open(context, port, get('/'));
  await eventually('it is connected', () => made !== undefined);
  assert.ok(made);
  return { log, channel, client, ...made };
}

const beats = (stream: string) => sseEvents(stream).filter(({ type }) => type === 'feed.beat');

for (const [name, format, heartbeat] of [
  ['sse', sseFormat(), ':\n\n'],
  ['a batched stream', sseBatchFormat('a', 100), ':\n\n'],
  ['ndjson', ndjsonFormat('a'), '\n'],
] as const)
  test(`after 15 s without anything ${name} has a heartbeat, and another 15 s later`, async (context) => {
    const { subscriber, client } = await subscribed(context, { format });
    const start = performance.now();
    const wait = subscriber.tick(start) ?? 0;
    assert.ok(wait > 14_500 && wait <= 15_000, `it wants to be told in 15 s, not in ${wait} ms`);
    subscriber.tick(start + 14_000);
    subscriber.tick(start + 15_000);
    await eventually('a heartbeat has come', () => client.body.text === heartbeat);
  });

test('text, which has no heartbeat, does not ask for a turn four times a second', async (context) => {
  const { subscriber, client } = await subscribed(context, { format: textFormat() });
  const start = performance.now();
  subscriber.tick(start + 15_000);
  assert.ok((subscriber.tick(start + 15_001) ?? 0) > 10_000);
  assert.equal(client.body.text, '');
});

test('beats come when they are due, say how far behind the reader is, and carry no id', async (context) => {
  const { subscriber, client, channel, log } = await subscribed(context, { beatMs: 1_000 });
  const start = performance.now();
  assert.ok((subscriber.tick(start) ?? 0) <= 1_000);
  assert.deepEqual(beats(client.body.text), []);
  subscriber.tick(start + 1_000);
  await eventually('the first beat has come', () => beats(client.body.text).length === 1);
  const [beat] = beats(client.body.text);
  const data = JSON.parse(beat?.data ?? '');
  assert.deepEqual(Object.keys(data), ['time', 'head', 'behind']);
  assert.equal(data.head, log.head);
  assert.equal(data.head, channel.cursor);
  assert.equal(data.behind, 0);
  assert.equal(beat?.id, undefined);
  subscriber.tick(start + 1_500);
  subscriber.tick(start + 2_000);
  await eventually('the second has come', () => beats(client.body.text).length === 2);
});

test('a client that takes nothing is not written to, and is let go after the stall timeout', async (context) => {
  const { subscriber, client, log, outlet } = await subscribed(context, { beatMs: 1_000, stallTimeoutMs: 60_000 });
  client.socket.pause();
  while (outlet.isWritable) {
    log.append('x'.repeat(200_000));
    await new Promise((resolve) => setImmediate(resolve));
  }
  const start = performance.now();
  const { bytesTaken } = outlet;
  for (let second = 0; second < 59; second += 1) assert.notEqual(subscriber.tick(start + second * 1_000), undefined);
  assert.equal(outlet.bytesTaken, bytesTaken, 'no beat is queued for it');
  assert.equal(outlet.isOpen, true);
  subscriber.tick(start + 61_000);
  await eventually('it is cut off', () => !outlet.isOpen);
  assert.equal(subscriber.tick(start + 62_000), undefined);
});

test('a client that is slow, but takes something now and then, is never let go', async (context) => {
  const { subscriber, client, outlet } = await subscribed(context, { stallTimeoutMs: 60_000 });
  client.socket.pause();
  // One write that takes very long; the kernel's own buffers hide whatever is below some MB.
  outlet.write(Buffer.alloc(40 << 20, ':'));
  let clock = performance.now();
  subscriber.tick(clock);
  let bytesRead = 0;
  for (let read = 1; read <= 6; read += 1) {
    while (bytesRead < read * (5 << 20)) {
      const [bytes] = await once(client.socket.resume(), 'data', { signal: outlet.closed });
      client.socket.pause();
      bytesRead += bytes.length;
    }
    assert.equal(outlet.isWritable, false, 'it is the same write all the time');
    clock += 59_000;
    subscriber.tick(clock);
    assert.equal(outlet.isOpen, true, `it has taken ${bytesRead} bytes`);
  }
});

test('a client that is told good-bye and takes not even that is let go as well', async (context) => {
  const { subscriber, client, log, outlet } = await subscribed(context, { stallTimeoutMs: 60_000 });
  client.socket.pause();
  while (outlet.isWritable) {
    log.append('x'.repeat(200_000));
    await new Promise((resolve) => setImmediate(resolve));
  }
  outlet.end();
  const start = performance.now();
  assert.notEqual(subscriber.tick(start), undefined, 'it is still watched');
  subscriber.tick(start + 61_000);
  await eventually('its connection is cut', () => outlet.closed.aborted);
});

test('the unfinished line is shown to one who comes to the head, before and after it changes', async (context) => {
  const { log, client } = await subscribed(context);
  log.setPartial('half a l');
  await eventually('it is shown', () => client.body.text.includes('half a l'));
  log.setPartial(null);
  log.append('half a line');
  await eventually('the line has come', () => client.body.text.includes('data: half a line'));
  assert.deepEqual(
    sseEvents(client.body.text).map(({ type, data }) => [type, data]),
    [
      ['feed.partial', '{"data":"half a l"}'],
      ['message', 'half a line'],
      ['feed.partial', '{"data":null}'],
    ],
  );
});

test('one who reads a log that is slow has heartbeats meanwhile, whatever the others get', async (context) => {
  const log = new MemoryLog();
  log.append('before');
  const channel = await Channel.open(log, sseFormat(), new WindowShare(512 * 1024), new FanOut());
  context.after(() => channel.close());
  const located = await log.locate({ at: 'oldest' });
  // An archive that is inflated up to the place takes long.
  const slow: ReadableLog = {
    locate: (start) => log.locate(start),
    follow: (follower) => log.follow(follower),
    async *read(from, options) {
      await once(options.signal, 'abort');
      yield* log.read(from, options);
    },
  };
  let subscriber: Subscriber | undefined;
  const { port } = await outletServer(context, (outlet) => {
    subscriber = new Subscriber({ log: slow, channel, outlet, located, beatMs: undefined, stallTimeoutMs: 600_000 });
    subscriber.start();
  });
  const client = await RawClient.open(context, port, get('/'));
  await eventually('it reads', () => subscriber !== undefined);
  const start = performance.now();
  await eventually('news comes later than it began', () => performance.now() - start > 200);
  log.append('for the others');
  await eventually('the others have it', () => channel.window.pushedAt > start + 200);
  subscriber?.tick(start + 15_000);
  await eventually('a heartbeat has come', () => client.body.text === ':\n\n');
  await subscriber?.stop();
});

/** Counts the turns of those who go round. */
class CountingFanOut extends FanOut {
  turns = 0;

  override addRound(round: Behind): void {
    const advance = () => {
      this.turns += 1;
      return round.advance();
    };
    super.addRound({ advance });
  }
}

test('those who are ahead of what has been told have a turn each when there is news, and no more', async (context) => {
  const [log, grown, fanOut] = [new MemoryLog(), new MemoryLog(), new CountingFanOut()];
  const channel = await Channel.open(log, sseFormat(), new WindowShare(512 * 1024), fanOut);
  context.after(() => channel.close());
  grown.append('not told yet');
  const located = await grown.locate({ at: 'head' });
  let started = 0;
  const { port } = await outletServer(context, (outlet) => {
    new Subscriber({ log, channel, outlet, located, beatMs: undefined, stallTimeoutMs: 600_000 }).start();
    started += 1;
  });
  for (let count = 0; count < 2; count += 1) await RawClient.open(context, port, get('/'));
  await eventually('both wait', () => started === 2);
  log.setPartial('half a l');
  for (let turns = 0; turns < 20; turns += 1) await new Promise((resolve) => setImmediate(resolve));
  assert.equal(fanOut.turns, 2);
});
