/** Several feeds as one, while they are written to, come and go: whoever reads, and however slowly, gets the same of each. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import type { Batch } from '../../server/feed/batch.ts';
import { MemoryLog } from '../../server/feed/memory-log.ts';
import { toFeedName } from '../../server/feed/name.ts';
import { seeded } from '../e2e/seed.ts';
import { controlsIn, envelopesIn, lastId, linesIn, open } from '../http/several.ts';
import { eventually } from '../source/eventually.ts';
import { collectGarbage } from './collect-garbage.ts';
import { type FeedServer, feedServer, type RawClient } from './feed-server.ts';

/** One that is still there when its feed comes back, as a file is. */
class LastingLog extends MemoryLog {
  override async close(): Promise<void> {}
}

/** One of which nothing more can be read once its feed is removed, as of a published one. */
class EndingLog extends MemoryLog {
  #isClosed = false;

  override async *read(...args: Parameters<MemoryLog['read']>): AsyncGenerator<Batch> {
    for await (const batch of super.read(...args)) {
      if (this.#isClosed) return;
      yield batch;
    }
  }

  override async close(): Promise<void> {
    this.#isClosed = true;
    await super.close();
  }
}

const numbersOf = (feed: string, streams: readonly string[]): number[] =>
  streams
    .flatMap(envelopesIn)
    .filter((envelope) => envelope.feed === feed)
    .map(({ data }) => Number.parseInt(data, 10));

/** A reader that is cut at any moment and comes back with the last id it has seen. */
class Returning {
  readonly streams: string[] = [];
  readonly #open: (headers: object) => Promise<RawClient>;
  client: RawClient;

  static async begin(context: TestContext, server: FeedServer, query: string): Promise<Returning> {
    const begin = (headers: object) => open(context, server, query, headers);
    return new Returning(begin, await begin({}));
  }

  private constructor(begin: (headers: object) => Promise<RawClient>, client: RawClient) {
    this.#open = begin;
    this.client = client;
  }

  get all(): string[] {
    return [...this.streams, this.client.body.text];
  }

  async comeBack(): Promise<void> {
    this.client.socket.destroy();
    this.streams.push(this.client.body.text);
    const id = this.streams.map(lastId).findLast((one) => one !== '') ?? '';
    this.client = await this.#open({ 'Last-Event-ID': id });
  }
}

test('whatever feeds do: readers who are there, who are slow and who come back all the time get each event once, or are told', async (context) => {
  const random = seeded(context);
  const server = await feedServer(context, { windowBytes: 8 * 1024, filtering: { hiddenMs: 20 } });
  const names = ['web/a', 'web/b', 'web/c', 'web/d'] as const;
  const logs = new Map(names.map((name) => [name, new LastingLog({ maxBytes: 2 ** 24 })]));
  const written = new Map(names.map((name) => [name, 0]));
  const write = (name: (typeof names)[number]) => {
    const number = written.get(name) ?? 0;
    written.set(name, number + 1);
    logs.get(name)?.append(`${number} ${'x'.repeat(random.whole(0, 600))}`);
  };
  const toggle = async (name: (typeof names)[number]) => {
    if (server.registry.get(name) === undefined) server.add(name, logs.get(name) as LastingLog);
    else await server.registry.remove(toFeedName(name));
  };
  for (const name of names) server.add(name, logs.get(name) as LastingLog);

  const queries = ['feed=web/*', 'feed=web/*&batch=10', 'feed=web/a&feed=web/b&feed=web/c&feed=web/d&since=start'];
  // Each fifth, found in the thread that tries patterns.
  queries.push(`feed=web/*&match=${encodeURIComponent('^\\d*[05] ')}`);
  const readers = await Promise.all(queries.map((query) => Returning.begin(context, server, query)));
  const slow = await open(context, server, 'feed=**');
  slow.socket.pause();
  for (let step = 0; step < 1_200; step += 1) {
    const kind = random.whole(0, 99);
    if (kind < 2) await toggle(random.one(names));
    else if (kind < 4) await readers[random.whole(0, readers.length - 1)]?.comeBack();
    else if (kind < 5) slow.socket.isPaused() ? slow.socket.resume() : slow.socket.pause();
    else for (let event = random.whole(1, 5); event > 0; event -= 1) write(random.one(names));
    if (kind % 3 === 0) await turn();
  }
  slow.socket.resume();
  for (const name of names) if (server.registry.get(name) === undefined) await toggle(name);
  for (const name of names) write(name);
  let told = 0;
  const everyone = [...readers.map((reader) => () => reader.all), () => [slow.body.text]];
  for (const [index, streams] of everyone.entries())
    for (const name of names) {
      const stride = queries[index]?.includes('match') ? 5 : 1;
      const last = Math.floor(((written.get(name) ?? 0) - 1) / stride) * stride;
      await eventually(`reader ${index} is at the end of ${name}`, () => numbersOf(name, streams()).at(-1) === last);
      const numbers = numbersOf(name, streams());
      const steps = numbers.map((number, at) => number - (numbers[at - 1] ?? -stride));
      assert.ok(
        steps.every((step) => step > 0),
        `reader ${index}: ${name} is in order, nothing twice`,
      );
      // Who was behind when the feed was removed cannot be given the rest of it, and has been told.
      const gaps = streams()
        .flatMap((stream) => controlsIn(stream, 'feed.gap'))
        .filter(({ data }) => data.feed === name);
      assert.ok(gaps.every(({ data }) => data.reason === 'removed'));
      const missing = numbers.filter((_, at) => (steps[at] ?? 1) > stride);
      assert.ok(
        missing.length <= gaps.length,
        `reader ${index}: ${name} misses what is before ${missing}, told ${gaps.length} times`,
      );
      told += gaps.length;
    }
  context.diagnostic(`${told} gaps`);
});

for (const windowBytes of [2 ** 20, 8 * 1024])
  test(`who is behind when a feed is removed is told what of it is lost, and goes on in the others (window of ${windowBytes})`, async (context) => {
    const server = await feedServer(context, { windowBytes });
    const { log: a } = server.add('a');
    const { log: b, feed } = server.add('b', new EndingLog({ maxBytes: 2 ** 25 }));
    const client = await open(context, server, 'feed=*');
    client.socket.pause();
    for (let event = 0; event < 2_000; event += 1) {
      b.append(`${event} ${'x'.repeat(10_000)}`);
      if (event % 50 === 0) await turn();
    }
    a.append('before');
    await server.registry.remove(feed.name);
    for (let turns = 0; turns < 5; turns += 1) await turn();
    for (const line of ['x'.repeat(10_000), 'x', 'after']) a.append(line);
    await turn();
    client.socket.resume();
    await eventually('it goes on', () => client.text.includes('"after"'), 20_000);
    const { text } = client.body;
    const lines = linesIn(text).filter((line) => line.startsWith('a'));
    assert.deepEqual([lines[0], lines.length, lines.at(-1)], ['a before', 4, 'a after']);
    const numbers = numbersOf('b', [text]);
    const holes = [...numbers, 2_000].filter((number, at) => number !== (numbers[at - 1] ?? -1) + 1);
    assert.ok(holes.length >= 1);
    const gaps = controlsIn(text, 'feed.gap').map(({ data: { feed: name, reason } }) => `${name} ${reason}`);
    assert.deepEqual([...new Set(gaps)], ['b removed']);
    assert.ok(holes.length <= gaps.length, 'what it had not been given and the window has not is told');
    assert.equal(controlsIn(text, 'feed.removed').length, 1);
  });

test('one fast feed beside a slow one, and a reader that does not read: what is held stays within the window', async (context) => {
  const server = await feedServer(context, { windowBytes: 256 * 1024 });
  const { log: fast } = server.add('fast', new MemoryLog({ maxBytes: 2 ** 20 }));
  const { log: slow } = server.add('slow');
  const clients = await Promise.all(['', '&batch=100', '&format=ndjson'].map((more) => open(context, server, `feed=*${more}`)));
  for (const client of clients) client.socket.pause();
  const line = 'x'.repeat(20_000);
  const heldBytes = () => {
    collectGarbage();
    return process.memoryUsage().arrayBuffers;
  };
  const publish = async (events: number) => {
    for (let event = 0; event < events; event += 1) {
      fast.append(line);
      if (event % 100 === 0) slow.append(`${event}`);
      if (event % 20 === 0) await turn();
    }
  };
  await publish(300);
  const before = heldBytes();
  let most = 0;
  for (let round = 0; round < 10; round += 1) {
    await publish(300);
    most = Math.max(most, heldBytes() - before);
  }
  context.diagnostic(`at most ${(most / 2 ** 20).toFixed(1)} MiB more`);
  // 60 MB for each of three formats have passed; each has a window, what of it is being written, and what waits to be framed.
  assert.ok(most < 4 * 2 ** 20, `${Math.round(most / 2 ** 20)} MiB more`);
  for (const client of clients) client.socket.resume();
  slow.append('the last');
  for (const client of clients) await eventually('it gets the end', () => client.text.includes('the last'), 20_000);
  for (const client of clients) {
    const feeds = client.text.match(/"reason":"expired"/g) ?? [];
    assert.ok(feeds.length >= 1, 'what was dropped is told');
  }
  assert.deepEqual([...new Set(controlsIn(clients[0]?.body.text ?? '', 'feed.gap').map(({ data }) => data.feed))], ['fast']);
  const seen = linesIn(clients[0]?.body.text ?? '').filter((text) => text.startsWith('slow'));
  assert.equal(seen.length, 34, 'the slow feed has lost nothing');
});
