import assert from 'node:assert/strict';
import { test } from 'node:test';
import { get, messagesOf, RawClient, sseEvents } from '../delivery/feed-server.ts';
import { eventually } from '../source/eventually.ts';
import { type PublishingServer, post, publishingServer, send } from './publishing.ts';

const SSE = { Accept: 'text/event-stream' };

/** Publishes `room` and `n` as they are given; answers the ids. */
async function publish({ url }: PublishingServer, ...events: readonly string[]): Promise<string[]> {
  const body = events.join('\n');
  const answer = await fetch(`${url}/feeds/a?format=ndjson`, { method: 'POST', body });
  const acks = (await answer.text()).trimEnd().split('\n').slice(0, -1);
  return acks.map((ack) => JSON.parse(ack).id);
}

async function read(server: PublishingServer, query: string, headers = {}): Promise<string> {
  return (await fetch(`${server.url}/feeds/a?${query}`, { headers: { ...SSE, ...headers } })).text();
}

const event = (room: string, n: number) => `{"room":"${room}","n":${n}}`;

test('the newest event of each value is given in the order of the log with its own id, then what comes', async (context) => {
  const server = await publishingServer(context);
  const ids = await publish(server, event('x', 1), event('y', 2), '[1]', event('x', 3), event('z', 4), '{"n":5}', event('y', 6));
  const reader = await RawClient.open(context, server.port, get('/feeds/a?latest=room', SSE));
  await eventually('the snapshot is there', () => reader.body.text.includes('event: feed.latest'));
  await publish(server, event('x', 7), event('x', 8), '"text"');
  await eventually('all that comes is there', () => reader.body.text.includes('"text"'));
  const events = sseEvents(reader.body.text);
  assert.deepEqual(
    events
      .slice(1)
      .map(({ type, data, id }) => (type === 'message' ? [data, id] : type))
      .slice(0, 4),
    [[event('x', 3), ids[3]], [event('z', 4), ids[4]], [event('y', 6), ids[6]], 'feed.latest'],
  );
  assert.deepEqual(messagesOf(reader.body.text).slice(3), [event('x', 7), event('x', 8), '"text"']);
  const open = JSON.parse(events[0]?.data ?? '');
  assert.deepEqual(open.latest, { field: 'room', values: 3, events: 7, without: 2, removedBytes: 0 });
});

test('wherever it is cut, who comes back ends with the newest of each value', async (context) => {
  const server = await publishingServer(context);
  await publish(server, event('x', 1), event('y', 2), event('z', 3), event('x', 4), event('y', 5));
  const whole = sseEvents(await read(server, 'latest=room&follow=false'));
  assert.deepEqual(
    whole.map(({ type }) => type),
    ['feed.open', 'message', 'message', 'message', 'feed.latest'],
  );
  const later = await publish(server, event('z', 6), event('w', 7));
  assert.equal(later.length, 2);
  for (let seen = 1; seen <= 4; seen += 1) {
    const before = whole.slice(0, seen);
    const lastId = before.at(-1)?.id ?? '';
    const rest = sseEvents(await read(server, 'latest=room&follow=false', { 'Last-Event-ID': lastId }));
    const newest = new Map<string, number>();
    for (const { type, data } of [...before, ...rest])
      if (type === 'message') newest.set(JSON.parse(data).room, JSON.parse(data).n);
    assert.deepEqual(Object.fromEntries(newest), { x: 4, y: 5, z: 6, w: 7 }, `cut behind ${seen}`);
  }
});

test('the snapshot comes in every format, and can begin later', async (context) => {
  const server = await publishingServer(context);
  const ids = await publish(server, event('x', 1), event('y', 2), event('y', 3));
  assert.equal(await read(server, 'latest=room&format=text&follow=false'), `${event('x', 1)}\n${event('y', 3)}\n`);
  assert.deepEqual(messagesOf(await read(server, `latest=room&follow=false&since=${ids[0]}`)), [event('y', 3)]);
  const ndjson = (await read(server, 'latest=n&format=ndjson&follow=false')).trimEnd().split('\n');
  assert.deepEqual(
    ndjson.map((line) => JSON.parse(line).type),
    ['feed.open', 'message', 'message', 'message', 'feed.latest'],
  );
});

test('nothing is missing and nothing doubled between the snapshot and what is published meanwhile', async (context) => {
  const server = await publishingServer(context);
  await publish(server, ...Array.from({ length: 2_000 }, (_, n) => event(`r${n % 500}`, n)));
  let next = 2_000;
  let isPublishing = true;
  const publishing = (async () => {
    for (; isPublishing; next += 1) await post(`${server.url}/feeds/a`, event(`r${next % 500}`, next));
  })();
  const readers: RawClient[] = [];
  for (let reader = 0; reader < 5; reader += 1)
    readers.push(await RawClient.open(context, server.port, get('/feeds/a?latest=room', SSE)));
  await eventually('all are live', () => readers.every(({ body }) => body.text.includes('event: feed.latest')));
  const until = next + 20;
  await eventually('more is published', () => next > until);
  isPublishing = false;
  await publishing;
  const last = event(`r${(next - 1) % 500}`, next - 1);
  await eventually('all have it', () => readers.every(({ body }) => messagesOf(body.text).at(-1) === last));
  for (const { body } of readers) {
    const numbers = messagesOf(body.text).map((data) => JSON.parse(data).n);
    assert.ok(numbers.every((n, index) => index === 0 || n > numbers[index - 1]));
    assert.deepEqual(
      numbers,
      Array.from({ length: numbers.length }, (_, index) => next - numbers.length + index),
    );
    assert.ok(numbers.length >= 500);
  }
});

test('what retention has removed is told', async (context) => {
  const server = await publishingServer(context, { segmentBytes: 2_000 });
  await send('PUT', `${server.url}/feeds/a`, '{"maxBytes":8000}');
  for (let part = 0; part < 20; part += 1) await publish(server, ...Array.from({ length: 20 }, (_, n) => event(`r${part}`, n)));
  const [open] = sseEvents(await read(server, 'latest=room&follow=false'));
  const { removedBytes, values } = JSON.parse(open?.data ?? '').latest;
  assert.ok(removedBytes > 0 && values < 20, `${removedBytes} bytes removed, ${values} values left`);
});

test('more than 100,000 values are refused, as is what makes no sense', async (context) => {
  const server = await publishingServer(context);
  await publish(server, ...Array.from({ length: 100_001 }, (_, n) => `{"n":${n}}`));
  const { status, json } = await send('GET', `${server.url}/feeds/a?latest=n`, undefined, SSE);
  assert.equal(`${status} ${json.code}`, '413 too-many-values');
  for (const query of ['latest=', `latest=${'x'.repeat(201)}`, 'latest=n&until=1h', 'latest=n&before=head'])
    assert.equal((await send('GET', `${server.url}/feeds/a?${query}`, undefined)).status, 400, query);
});
