import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';
import { type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { MAX_PUBLISHED_BYTES } from '../../server/feed/appending.ts';
import { eventually } from '../source/eventually.ts';
import { dataOf, eventsOf, post, publishingServer, send } from './publishing.ts';

type Ack = Readonly<Record<string, unknown>>;

/** A publisher that writes when it is told to, and reads as it writes. */
class StreamClient {
  readonly #asking: ClientRequest;
  #text = '';
  status = 0;
  isEnded = false;

  constructor(context: TestContext, url: string, headers: Readonly<Record<string, string>> = {}) {
    this.#asking = request(url, {
      method: 'POST',
      agent: false,
      headers: { 'Content-Type': 'application/x-ndjson', ...headers },
    });
    this.#asking.on('error', () => undefined);
    this.#asking.on('response', (response: IncomingMessage) => {
      this.status = response.statusCode ?? 0;
      response.setEncoding('utf8').on('data', (text: string) => {
        this.#text += text;
      });
      response.on('end', () => {
        this.isEnded = true;
      });
      response.on('error', () => undefined);
    });
    context.after(() => this.#asking.destroy());
  }

  get acks(): Ack[] {
    return this.#text
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line));
  }

  write(text: string): boolean {
    return this.#asking.write(text);
  }

  /** Resolves when the system has taken what was written. */
  async drain(): Promise<void> {
    if (this.#asking.writableNeedDrain) await once(this.#asking, 'drain');
  }

  async end(text = ''): Promise<Ack[]> {
    this.#asking.end(text);
    await eventually('the answer ends', () => this.isEnded);
    return this.acks;
  }

  leave(): void {
    this.#asking.destroy();
  }
}

const place = ({ line, event, done, error }: Ack) => {
  const code = (error as { code?: string } | undefined)?.code;
  if (done !== undefined) return code === undefined ? 'done' : `done ${code}`;
  return code === undefined ? (line ?? event) : `${line ?? event} ${code}`;
};

test('each line is acknowledged while the stream goes on, with the id under which readers get it', async (context) => {
  const { url } = await publishingServer(context);
  const client = new StreamClient(context, `${url}/feeds/a`);
  for (let line = 1; line <= 3; line += 1) {
    client.write(`{"n": ${line}}\n`);
    await eventually('it is acknowledged', () => client.acks.length === line);
  }
  const events = await eventsOf(`${url}/feeds/a`);
  assert.deepEqual(
    events.map(({ id, time }, index) => ({ line: index + 1, id, time })),
    client.acks,
  );
  assert.deepEqual(
    events.map(({ data }) => data),
    ['{"n":1}', '{"n":2}', '{"n":3}'],
  );
  assert.deepEqual((await client.end()).at(-1), { done: { events: 3, repeated: 0, refused: 0, skipped: 0 } });
  assert.equal(client.status, 200);
});

test('a bad line is told by its number, and those after it are kept', async (context) => {
  const { url } = await publishingServer(context);
  const client = new StreamClient(context, `${url}/feeds/a`);
  client.write('\ufeff1\r\n{bad\n\n \t\r\n"\ud800\xff"\n');
  client.write(`"${'x'.repeat(MAX_PUBLISHED_BYTES)}"\n`);
  const acks = await client.end('2');
  assert.deepEqual(acks.map(place), [1, '2 bad-event', 5, '6 event-too-large', 7, 'done']);
  assert.deepEqual(acks.at(-1)?.done, { events: 3, repeated: 0, refused: 2, skipped: 0 });
  assert.deepEqual(await dataOf(`${url}/feeds/a`), ['1', '"\ufffdÿ"', '2']);
});

test('lines of text are events as they are, empty ones too', async (context) => {
  const { url } = await publishingServer(context);
  const client = new StreamClient(context, `${url}/feeds/a?format=lines&type=log`);
  assert.deepEqual((await client.end('a\n\n{b\r\nlast')).map(place), [1, 2, 3, 4, 'done']);
  const events = await eventsOf(`${url}/feeds/a`);
  assert.deepEqual(
    events.map(({ data }) => data),
    ['a', '', '{b', 'last'],
  );
  assert.ok(events.every(({ type }) => type === 'log'));
});

test('frames of an event stream are events with their types; control events are passed over and counted', async (context) => {
  const { url } = await publishingServer(context);
  const client = new StreamClient(context, `${url}/feeds/a`, { 'Content-Type': 'text/event-stream; charset=utf-8' });
  const acks = await client.end(
    ': hello\nretry: 9\nevent: feed.open\nid: x\ndata: {}\n\nid: 1\ndata: a\ndata: b\n\nevent: t\ndata\n\nevent: \0\ndata: c\n\ndata: not finished\n',
  );
  assert.deepEqual(acks.map(place), [1, 2, '3 bad-event', 'done']);
  assert.deepEqual(acks.at(-1)?.done, { events: 2, repeated: 0, refused: 1, skipped: 1 });
  assert.deepEqual(
    (await eventsOf(`${url}/feeds/a`)).map(({ type, data }) => [type, data]),
    [
      ['message', 'a\nb'],
      ['t', ''],
    ],
  );
});

test('with a key, a stream that is sent again adds only what had not been kept', async (context) => {
  const { url } = await publishingServer(context);
  const at = `${url}/feeds/a`;
  const key = { 'Idempotency-Key': '"run-7"' };
  const first = await new StreamClient(context, at, key).end('1\n2\n');
  const again = await new StreamClient(context, at, key).end('1\n2\n3\n');
  assert.deepEqual(
    again.slice(0, 2).map(({ id, repeated }) => [id, repeated]),
    first.slice(0, 2).map(({ id }) => [id, true]),
  );
  assert.deepEqual(again.at(-1)?.done, { events: 3, repeated: 2, refused: 0, skipped: 0 });
  const other = await new StreamClient(context, at, key).end('0\n2\n');
  assert.deepEqual(other.map(place), ['1 key-reused', 2, 'done']);
  assert.deepEqual(await dataOf(at), ['1', '2', '3']);
});

test('a condition stands for the first lines: where it fails, nothing is kept and the answer is a problem', async (context) => {
  const { url } = await publishingServer(context);
  const at = `${url}/feeds/a`;
  const { json } = await post(at, 'x');
  const failing = new StreamClient(context, at, { 'If-Match': '"abc"' });
  failing.write('1\n');
  await eventually('it is refused', () => failing.status === 412);
  const holding = new StreamClient(context, at, { 'If-Match': `"${json.id}"` });
  holding.write('1\n');
  await eventually('the first is kept', () => holding.acks.length === 1);
  await holding.end('2\n');
  assert.deepEqual(await dataOf(at), ['x', '1', '2']);
});

test('what a publisher has sent before it left is kept, except for a line that it had not finished', async (context) => {
  const { url, failures } = await publishingServer(context);
  const client = new StreamClient(context, `${url}/feeds/a`);
  client.write('1\n2\n3');
  await eventually('they are acknowledged', () => client.acks.length === 2);
  client.leave();
  await post(`${url}/feeds/a`, 'x');
  assert.deepEqual(await dataOf(`${url}/feeds/a`), ['1', '2', 'x']);
  assert.deepEqual(failures, []);
});

test('a stream that falls silent is told why it ends', async (context) => {
  const { url } = await publishingServer(context, { idleMs: 300 });
  const client = new StreamClient(context, `${url}/feeds/a`);
  client.write('1\n');
  await eventually('the answer ends', () => client.isEnded);
  assert.deepEqual(client.acks.map(place), [1, 'done publisher-idle']);
});

test('a service that stops keeps what has come, and says that it stops', async (context) => {
  const { url, stopping } = await publishingServer(context);
  const client = new StreamClient(context, `${url}/feeds/a`);
  client.write('1\n');
  await eventually('it is acknowledged', () => client.acks.length === 1);
  stopping.abort();
  await eventually('the answer ends', () => client.isEnded);
  assert.deepEqual(client.acks.map(place), [1, 'done unavailable']);
});

test('a feed that is removed while it is published to is made anew by the next line', async (context) => {
  const { url } = await publishingServer(context);
  const client = new StreamClient(context, `${url}/feeds/a`);
  client.write('1\n');
  await eventually('it is acknowledged', () => client.acks.length === 1);
  await send('DELETE', `${url}/feeds/a`, undefined);
  const acks = await client.end('2\n');
  assert.deepEqual(acks.map(place), [1, 2, 'done']);
  assert.deepEqual(await dataOf(`${url}/feeds/a`), ['2']);
});

test('who does not read the acknowledgements is not read from any more, and nothing piles up', async (context) => {
  const { port } = await publishingServer(context);
  const client = connect(port, '127.0.0.1').pause();
  context.after(() => client.destroy());
  client.on('error', () => undefined);
  client.write('POST /feeds/a?format=lines HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n');
  const lines = `${'x'.repeat(63)}\n`.repeat(1024);
  const chunk = `${lines.length.toString(16)}\r\n${lines}\r\n`;
  const limit = 128 * 1024 * 1024;
  let takenAt = performance.now();
  let taken = 0;
  while (client.bytesWritten < limit && performance.now() - takenAt < 2_000) {
    if (!client.writableNeedDrain) client.write(chunk);
    await delay(0);
    const before = taken;
    taken = client.bytesWritten - client.writableLength;
    if (taken > before) takenAt = performance.now();
  }
  assert.ok(client.bytesWritten < limit, `${client.bytesWritten} bytes were taken`);
});

test('with ?ack=last only the last of what was kept together is acknowledged, and every refusal', async (context) => {
  const { url } = await publishingServer(context);
  const acks = await new StreamClient(context, `${url}/feeds/a?ack=last`).end(`${'1\n'.repeat(1000)}{\n2\n`);
  const numbers = acks.map(place);
  assert.ok(numbers.length < 20, `${numbers.length} lines`);
  assert.ok(numbers.includes('1001 bad-event'));
  assert.equal(numbers.at(-2), 1002);
  assert.deepEqual(acks.at(-1)?.done, { events: 1001, repeated: 0, refused: 1, skipped: 0 });
});
