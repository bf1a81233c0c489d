import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { MemoryLog } from '../../server/feed/memory-log.ts';
import { toFeedName } from '../../server/feed/name.ts';
import type { Feed } from '../../server/feed/registry.ts';
import { type FeedServer, feedServer, get, RawClient } from '../delivery/feed-server.ts';
import { eventually } from '../source/eventually.ts';
import { type Answer, ask } from './serving.ts';
import { controlsIn, lastId, linesIn, open, SSE } from './several.ts';

const opensIn = (client: RawClient) => controlsIn(client.body.text, 'feed.open').map(({ data }) => data);
const idOf = (client: RawClient): string => opensIn(client)[0]?.connection;

const JSON_TYPE = { 'Content-Type': 'application/json' };

function patch(server: FeedServer, id: string, body: string, headers = JSON_TYPE as Record<string, string>): Promise<Answer> {
  return ask(server.port, `/connections/${id}`, { method: 'PATCH', headers, send: body });
}

/** Resolves when the client has been told of its new feeds. */
async function change(server: FeedServer, client: RawClient, feeds: string[]): Promise<object> {
  const before = opensIn(client).length;
  const { status, body } = await patch(server, idOf(client), JSON.stringify({ feeds }));
  assert.equal(status, 200, body.toString());
  await eventually('it is told', () => opensIn(client).length > before);
  return JSON.parse(body.toString());
}

async function three(context: TestContext) {
  const server = await feedServer(context);
  const [a, b, c] = ['a', 'b', 'c'].map((name) => server.add(name)) as [Added, Added, Added];
  return { server, a, b, c };
}
interface Added {
  readonly feed: Feed;
  readonly log: MemoryLog;
}

test('the feeds of a live connection are changed: those that stay go on, new ones begin with what is written from now on', async (context) => {
  const { server, a, b, c } = await three(context);
  const client = await open(context, server, 'feed=a&feed=b');
  for (const { log } of [a, b, c]) log.append('before');
  await eventually('they have come', () => linesIn(client.body.text).length === 2);
  const [keptAt, headOfC] = [b.log.head, c.log.head];
  const told = await change(server, client, ['b', 'c']);
  assert.deepEqual(told, { connection: idOf(client), feeds: ['b', 'c'], skipped: [] });
  for (const { log } of [a, b, c]) log.append('after');
  await eventually('they have come', () => linesIn(client.body.text).length === 4);
  assert.deepEqual(linesIn(client.body.text).slice(2), ['b after', 'c after']);
  const [first, second] = opensIn(client);
  assert.equal(second.connection, first.connection);
  assert.equal(second.start, 'changed');
  assert.deepEqual(second.feeds, [
    { feed: 'b', id: keptAt, start: 'kept' },
    { feed: 'c', id: headOfC, start: 'head' },
  ]);
  assert.deepEqual(
    [a, b, c].map(({ feed }) => feed.readers),
    [0, 1, 1],
  );
  const ids = controlsIn(client.body.text, 'feed.open').map(({ id }) => id);
  assert.ok(ids.every((id) => id !== undefined));
  c.log.append('later');
  const again = await open(context, server, 'feed=b&feed=c', { 'Last-Event-ID': lastId(client.body.text) });
  await eventually('the id is one of the new feeds', () => linesIn(again.body.text).length === 1);
  assert.deepEqual(linesIn(again.body.text), ['c later']);
});

test('while feeds are changed and written to, those that stay miss nothing and have nothing twice', async (context) => {
  const { server, a, b, c } = await three(context);
  const client = await open(context, server, 'feed=a&feed=b');
  let written = 0;
  const writing = setInterval(() => {
    for (let event = 0; event < 5; event += 1) for (const { log } of [a, b, c]) log.append(`${written++}`);
  }, 1);
  context.after(() => clearInterval(writing));
  for (let round = 0; round < 15; round += 1) {
    await change(server, client, ['a', round % 2 === 0 ? 'c' : 'b']);
    await change(server, client, round % 3 === 0 ? ['a', 'b', 'c'] : ['?']);
  }
  clearInterval(writing);
  const mine = (name: string) =>
    linesIn(client.body.text)
      .filter((line) => line.startsWith(name))
      .map((line) => Number(line.slice(2)));
  await eventually('the last has come', () => mine('a').at(-1) === written - 3);
  assert.deepEqual(
    mine('a'),
    Array.from({ length: written / 3 }, (_, index) => 3 * index),
  );
  for (const name of ['b', 'c'])
    assert.deepEqual(
      mine(name),
      [...new Set(mine(name))].sort((x, y) => x - y),
      name,
    );
  assert.deepEqual(controlsIn(client.body.text, 'feed.gap'), []);
});

test('a client that is far behind is given other feeds once it has taken what is on its way, and goes on where it was', async (context) => {
  const server = await feedServer(context, { windowBytes: 64 * 1024 });
  const { log: a } = server.add('a', new MemoryLog({ maxBytes: 64 * 2 ** 20 }));
  server.add('b');
  const client = await open(context, server, 'feed=*');
  client.socket.pause();
  const line = 'x'.repeat(10_000);
  for (let event = 0; event < 1_000; event += 1) {
    a.append(`${event} ${line}`);
    if (event % 10 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  const c = new MemoryLog();
  c.append('before the change');
  server.add('c', c);
  const { status } = await patch(server, idOf(client), '{"feeds":["a","b","c"]}');
  assert.equal(status, 200);
  client.socket.resume();
  await eventually('all has come', () => client.text.includes('999 xxx'), 30_000);
  await eventually('the last change is made', () => linesIn(client.body.text).includes('c before the change'));
  assert.deepEqual(
    linesIn(client.body.text)
      .filter((text) => text.startsWith('a'))
      .map((text) => Number(text.split(' ')[1])),
    Array.from({ length: 1_000 }, (_, event) => event),
  );
  const feeds = opensIn(client)
    .at(-1)
    .feeds.map(({ feed }: { feed: string }) => feed);
  assert.deepEqual(feeds, ['a', 'b'], 'the third is told as added: it had not come to this client before the change');
});

test('a feed that came just before the change is read from its oldest, one that is back from where it was', async (context) => {
  const server = await feedServer(context);
  const { log: a } = server.add('web/a');
  const b = new (class extends MemoryLog {
    override async close(): Promise<void> {}
  })();
  server.add('web/b', b);
  const client = await open(context, server, 'feed=web/*');
  b.append('1');
  await eventually('it has come', () => linesIn(client.body.text).length === 1);
  await server.registry.remove(toFeedName('web/b'));
  await eventually('it has gone', () => controlsIn(client.body.text, 'feed.removed').length === 1);
  await change(server, client, ['web/?']);
  a.append('meanwhile');
  await eventually('it is live', () => linesIn(client.body.text).length === 2);
  b.append('2');
  server.add('web/b', b);
  await eventually('it is back', () => linesIn(client.body.text).length === 3);
  const c = new MemoryLog();
  c.append('1');
  server.add('web/c', c);
  await change(server, client, ['web/c', 'web/*']);
  a.append('end');
  await eventually('all has come', () => linesIn(client.body.text).length === 5);
  assert.deepEqual(linesIn(client.body.text).sort(), ['web/a end', 'web/a meanwhile', 'web/b 1', 'web/b 2', 'web/c 1']);
});

test('lines of JSON and batches are changed as well, and keep their form', async (context) => {
  const { server, a, c } = await three(context);
  const lines = await RawClient.open(context, server.port, get('/events?feed=a', { Accept: 'application/x-ndjson' }));
  const parsed = () =>
    lines.body.text
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line));
  await eventually('it is open', () => parsed().length === 1);
  const batches = await open(context, server, 'feed=a&batch=10&beat=1s');
  for (const id of [parsed()[0].data.connection, idOf(batches)])
    assert.equal((await patch(server, id, '{"feeds":["c","a"]}')).status, 200);
  await eventually('both are told', () => parsed().length === 2 && opensIn(batches).length === 2);
  for (let event = 0; event < 3; event += 1) for (const { log } of [a, c]) log.append(`${event}`);
  await eventually('all has come', () => parsed().length === 8 && linesIn(batches.body.text).length === 6);
  await eventually('beats go on', () => controlsIn(batches.body.text, 'feed.beat').length > 0);
});

test('connections that are not there, and connections of one feed, cannot be changed', async (context) => {
  const { server, a } = await three(context);
  const gone = await open(context, server, 'feed=a');
  const id = idOf(gone);
  gone.socket.destroy();
  await eventually('it has gone', () => server.delivery.connection(id) === undefined);
  const single = await RawClient.open(context, server.port, get('/feeds/a', SSE));
  await eventually('it is open', () => opensIn(single).length === 1);
  assert.equal(idOf(single), undefined);
  for (const unknown of [id, 'x', '%2e', '%00', 'v'.repeat(3_000)]) {
    const { status, body } = await patch(server, unknown, '{"feeds":["a"]}');
    assert.deepEqual([status, JSON.parse(body.toString()).code], [404, 'unknown-connection'], unknown.slice(0, 9));
  }
  assert.equal(a.feed.readers, 1);
});

test('what cannot be meant is refused by name, and changes nothing', async (context) => {
  const { server, a } = await three(context);
  const client = await open(context, server, 'feed=a');
  const many = JSON.stringify({ feeds: Array.from({ length: 33 }, (_, index) => `f${index}`) });
  for (const [body, status, word] of [
    ['', 400, 'JSON'],
    ['{', 400, 'JSON'],
    ['[]', 400, 'feeds'],
    ['{}', 400, 'feeds'],
    ['{"feeds":"a"}', 400, 'feeds'],
    ['{"feeds":[1]}', 400, 'feeds'],
    ['{"feeds":["a"],"x":1}', 400, 'x'],
    ['{"feeds":[]}', 400, 'feeds'],
    ['{"feeds":["a b"]}', 400, 'a b'],
    [many, 400, '32'],
    ['{"feeds":["a","nope"]}', 404, 'nope'],
    [`{"feeds":["${'a'.repeat(20_000)}"]}`, 400, 'bytes'],
  ] as const) {
    const answer = await patch(server, idOf(client), body);
    assert.equal(answer.status, status, body.slice(0, 40));
    assert.match(JSON.parse(answer.body.toString()).detail, new RegExp(word), body.slice(0, 40));
  }
  assert.equal((await patch(server, idOf(client), '{"feeds":["b"]}', { 'Content-Type': 'text/plain' })).status, 400);
  a.log.append('still');
  await eventually('it goes on', () => linesIn(client.body.text).length === 1);
  assert.equal(opensIn(client).length, 1);
});

test('a client that leaves while its feeds are changed leaves nothing behind', async (context) => {
  const { server, a, b, c } = await three(context);
  for (let round = 0; round < 20; round += 1) {
    const client = await open(context, server, 'feed=a&feed=b');
    const changes = [patch(server, idOf(client), '{"feeds":["b","c"]}'), patch(server, idOf(client), '{"feeds":["c"]}')];
    if (round % 2 === 0) client.socket.destroy();
    await Promise.all(changes);
    client.socket.destroy();
  }
  await eventually('nobody reads', () => server.delivery.readers === 0);
  await eventually('nobody is counted', () => [a, b, c].every(({ feed }) => feed.readers === 0));
});
