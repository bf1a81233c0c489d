import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemoryLog } from '../../server/feed/memory-log.ts';
import { toFeedName } from '../../server/feed/name.ts';
import { feedServer, type RawClient, sseEvents } from '../delivery/feed-server.ts';
import { eventually } from '../source/eventually.ts';
import { ask } from './serving.ts';
import { controlsIn, envelopesIn, lastId, linesIn, open, SSE } from './several.ts';

test('events of several feeds come as envelopes with their own ids, the id of each SSE event is a place in all of them', async (context) => {
  const server = await feedServer(context);
  const { log: a } = server.add('web/a');
  const { log: b } = server.add('web/b');
  server.add('other').log.append('not asked for');
  const [headOfA, headOfB] = [a.head, b.head];
  const client = await open(context, server, 'feed=web/*');
  a.append('one');
  b.append('two\nlines', 'deploy');
  await eventually('both have come', () => envelopesIn(client.body.text).length === 2);
  const [one, two] = envelopesIn(client.body.text);
  assert.deepEqual({ ...one, time: '' }, { feed: 'web/a', id: a.head, time: '', type: 'message', data: 'one' });
  assert.deepEqual({ ...two, time: '' }, { feed: 'web/b', id: b.head, time: '', type: 'deploy', data: 'two\nlines' });
  const [{ id, data } = { id: '', data: {} }] = controlsIn(client.body.text, 'feed.open');
  assert.match(id ?? '', /^v[A-Za-z0-9._~-]+$/);
  assert.deepEqual(data.feeds, [
    { feed: 'web/a', id: headOfA, start: 'head' },
    { feed: 'web/b', id: headOfB, start: 'head' },
  ]);
  assert.equal(data.head, id);
  assert.match(data.connection, /^[A-Za-z0-9_-]{22}$/);
});

test('the id of any event resumes each feed exactly behind what had come of it', async (context) => {
  const server = await feedServer(context);
  const logs = ['a', 'b', 'c'].map((name) => server.add(name).log);
  for (let event = 0; event < 30; event += 1) logs[event % 3]?.append(`${event}`);
  const { body } = await ask(server.port, '/events?feed=a&feed=b&feed=c&since=start&follow=false', { headers: SSE });
  const events = sseEvents(body.toString());
  const all = linesIn(body.toString());
  assert.equal(all.length, 30);
  const messages = events.filter(({ type }) => type === 'message');
  for (const [index, { id = '' }] of messages.entries()) {
    const rest = await ask(server.port, '/events?feed=c&feed=a&feed=b&follow=false', {
      headers: { ...SSE, 'Last-Event-ID': id },
    });
    assert.deepEqual(linesIn(rest.body.toString()).sort(), all.slice(index + 1).sort());
    assert.deepEqual(controlsIn(rest.body.toString(), 'feed.gap'), []);
  }
});

test('a feed that the id does not name starts at its oldest, one that is asked for no longer is left out', async (context) => {
  const server = await feedServer(context);
  server.add('a').log.append('old');
  const { log: b } = server.add('b');
  const first = await ask(server.port, '/events?feed=a&feed=b&follow=false', { headers: SSE });
  server.add('c').log.append('from the start');
  b.append('new');
  const headers = { ...SSE, 'Last-Event-ID': lastId(first.body.toString()) };
  const { body } = await ask(server.port, '/events?feed=b&feed=c&follow=false', { headers });
  const feeds = controlsIn(body.toString(), 'feed.open')[0]?.data.feeds as { feed: string; start: string }[];
  assert.deepEqual(linesIn(body.toString()).sort(), ['b new', 'c from the start']);
  assert.deepEqual(
    feeds.map(({ feed, start }) => [feed, start]),
    [
      ['b', 'resumed'],
      ['c', 'oldest'],
    ],
  );
});

test('a place that is gone in one feed is a gap that names it, and the others go on exactly', async (context) => {
  const server = await feedServer(context);
  const { log: small } = server.add('small', new MemoryLog({ maxEvents: 3 }));
  const { log: large } = server.add('large');
  const first = await open(context, server, 'feed=small&feed=large');
  small.append('seen');
  await eventually('it has come', () => linesIn(first.body.text).length === 1);
  first.socket.destroy();
  for (let event = 0; event < 5; event += 1) small.append(`${event}`);
  large.append('kept');
  const again = await open(context, server, 'feed=small&feed=large', { 'Last-Event-ID': lastId(first.body.text) });
  await eventually('all have come', () => linesIn(again.body.text).length === 4);
  const [gap, ...more] = controlsIn(again.body.text, 'feed.gap');
  assert.deepEqual(more, []);
  const { id, ...data } = gap?.data ?? {};
  assert.deepEqual({ ...data, time: '' }, { feed: 'small', reason: 'expired', bytes: null, events: 2, time: '' });
  const { body } = await ask(server.port, `/feeds/small?follow=false&lastEventId=${id}`);
  assert.equal(body.toString(), '2\n3\n4\n', 'the id of the gap is where the feed goes on');
  assert.equal(gap?.id, controlsIn(again.body.text, 'feed.open')[0]?.id);
  assert.deepEqual(linesIn(again.body.text).sort(), ['large kept', 'small 2', 'small 3', 'small 4']);
});

test('an id that is no place of ours is a gap in each feed, never taken for "nothing"', async (context) => {
  const server = await feedServer(context);
  for (const name of ['a', 'b']) server.add(name).log.append('line');
  for (const id of ['mAbCdEfGh12', 'x', 'v!', 'v'.repeat(3_000)]) {
    const { body } = await ask(server.port, '/events?feed=*&follow=false', { headers: { ...SSE, 'Last-Event-ID': id } });
    assert.deepEqual(
      controlsIn(body.toString(), 'feed.gap').map(({ data }) => data.feed),
      ['a', 'b'],
      id.slice(0, 20),
    );
    assert.equal(linesIn(body.toString()).length, 2);
  }
});

test('feeds come and go while a client is connected: each is told, and what is in them comes', async (context) => {
  const server = await feedServer(context);
  const { log: a } = server.add('web/a');
  const client = await open(context, server, 'feed=web/*');
  a.append('1');
  const b = new MemoryLog();
  b.append('written before it was a feed');
  const { feed } = server.add('web/b', b);
  b.append('written at once');
  a.append('2');
  await eventually('all have come', () => linesIn(client.body.text).length === 4);
  assert.deepEqual(linesIn(client.body.text).sort(), [
    'web/a 1',
    'web/a 2',
    'web/b written at once',
    'web/b written before it was a feed',
  ]);
  assert.deepEqual(
    controlsIn(client.body.text, 'feed.added').map(({ id, data }) => ({ id, ...data, time: '' })),
    [{ id: undefined, feed: 'web/b', start: 'oldest', time: '' }],
  );
  assert.equal(feed.readers, 1);
  b.append('the last');
  await server.registry.remove(feed.name);
  await eventually('it is told', () => controlsIn(client.body.text, 'feed.removed').length === 1);
  const [removed] = controlsIn(client.body.text, 'feed.removed');
  assert.deepEqual({ ...removed?.data, time: '' }, { feed: 'web/b', time: '' });
  assert.ok(linesIn(client.body.text).includes('web/b the last'));
  assert.equal(feed.readers, 0);
  a.append('3');
  await eventually('the other goes on', () => linesIn(client.body.text).at(-1) === 'web/a 3');
});

test('a feed that goes and comes back goes on behind what was read of it', async (context) => {
  const server = await feedServer(context);
  server.add('web/other');
  const log = new (class extends MemoryLog {
    override async close(): Promise<void> {}
  })();
  const { feed } = server.add('web/a', log);
  const client = await open(context, server, 'feed=web/*');
  log.append('1');
  await eventually('it has come', () => linesIn(client.body.text).length === 1);
  await server.registry.remove(feed.name);
  await eventually('it has gone', () => controlsIn(client.body.text, 'feed.removed').length === 1);
  log.append('2');
  server.add('web/a', log);
  log.append('3');
  await eventually('it is back', () => linesIn(client.body.text).length === 3);
  assert.deepEqual(linesIn(client.body.text), ['web/a 1', 'web/a 2', 'web/a 3']);
  assert.equal(controlsIn(client.body.text, 'feed.added')[0]?.data.start, 'resumed');
});

test('readers of the same feeds share what is framed, whatever the order of their words', async (context) => {
  const server = await feedServer(context);
  let followed = 0;
  const log = new (class extends MemoryLog {
    override follow(follower: Parameters<MemoryLog['follow']>[0]) {
      followed += 1;
      return super.follow(follower);
    }
  })();
  server.add('a', log);
  server.add('b');
  const clients = await Promise.all(
    ['feed=a&feed=b', 'feed=b&feed=a', 'feed=b&feed=a&feed=b'].map((query) => open(context, server, query)),
  );
  assert.equal(followed, 1);
  log.append('line');
  await eventually('all have it', () => clients.every((client) => linesIn(client.body.text).length === 1));
  const [first, ...others] = clients.map((client) => sseEvents(client.body.text).at(-1));
  for (const other of others) assert.deepEqual(other, first);
  await open(context, server, 'feed=a&feed=b&batch=50');
  assert.equal(followed, 2, 'another format');
});

test('33 names are refused; of a pattern, the 33rd match is told as skipped and takes the place of one that goes', async (context) => {
  const server = await feedServer(context);
  const names = Array.from({ length: 34 }, (_, index) => `web/${String(index).padStart(2, '0')}`);
  for (const name of names.slice(0, 33)) server.add(name).log.append(name);
  const refused = await ask(
    server.port,
    `/events?${names
      .slice(0, 33)
      .map((name) => `feed=${name}`)
      .join('&')}`,
    { headers: SSE },
  );
  assert.equal(refused.status, 400);
  assert.equal(JSON.parse(refused.body.toString()).parameter, 'feed');
  const all = await open(
    context,
    server,
    `${names
      .slice(0, 32)
      .map((name) => `feed=${name}`)
      .join('&')}&since=start`,
  );
  await eventually('32 are read', () => linesIn(all.body.text).length === 32);

  const client = await open(context, server, 'feed=**&since=start');
  const skipped = () => controlsIn(client.body.text, 'feed.skipped').map(({ id, data }) => ({ id, ...data, time: '' }));
  assert.deepEqual(skipped(), [{ id: undefined, reason: 'limit', count: 1, feeds: ['web/32'], time: '' }]);
  server.add('web/33').log.append('web/33');
  await eventually('the next is told', () => skipped().length === 2);
  assert.deepEqual(skipped()[1]?.feeds, ['web/33']);
  await server.registry.remove(server.registry.get('web/00')?.name ?? assert.fail());
  await eventually('another has its place', () => linesIn(client.body.text).includes('web/32 web/32'));
  assert.deepEqual(
    controlsIn(client.body.text, 'feed.added').map(({ data }) => data.feed),
    ['web/32'],
  );
  assert.ok(Math.max(...sseEvents(client.body.text).map(({ id = '' }) => id.length)) <= 1_601);
});

test('batches carry envelopes of all feeds under one id, beats tell the head of all', async (context) => {
  const server = await feedServer(context);
  const logs = ['a', 'b'].map((name) => server.add(name).log);
  const client = await open(context, server, 'feed=*&batch=10&beat=1s');
  for (let event = 0; event < 300; event += 1) {
    logs[event % 2]?.append(`${event}`);
    if (event % 40 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  await eventually('all have come', () => linesIn(client.body.text).length === 300);
  for (const name of ['a', 'b'])
    assert.deepEqual(
      linesIn(client.body.text).filter((line) => line.startsWith(name)),
      Array.from({ length: 300 }, (_, event) => `${'ab'[event % 2]} ${event}`).filter((line) => line.startsWith(name)),
    );
  const messages = sseEvents(client.body.text).filter(({ type }) => type === 'message');
  assert.ok(messages.length < 100, `${messages.length} SSE events`);
  await eventually('a beat has come', () => controlsIn(client.body.text, 'feed.beat').length > 0);
  const beat = controlsIn(client.body.text, 'feed.beat').at(-1);
  assert.deepEqual([beat?.id, beat?.data.head, beat?.data.behind], [undefined, messages.at(-1)?.id, 0]);

  const middle = messages[Math.floor(messages.length / 2)]?.id ?? '';
  const before = messages.findIndex(({ id }) => id === middle) + 1;
  const had = messages.slice(0, before).flatMap(({ data }) => data.split('\n')).length;
  const rest = await ask(server.port, `/events?feed=*&lastEventId=${middle}&batch=10&follow=false`, { headers: SSE });
  assert.equal(linesIn(rest.body.toString()).length, 300 - had);
});

test('NDJSON gives the place in all feeds with each envelope, and control envelopes name their feed', async (context) => {
  const server = await feedServer(context);
  const { log: a } = server.add('a');
  const { log: b } = server.add('b', new MemoryLog({ maxEvents: 2 }));
  const cursor = (await b.locate({ at: 'head' })).cursor;
  a.append('"quoted" \u0001');
  for (let event = 0; event < 4; event += 1) b.append(`${event}`);
  const read = async (query: string) => {
    const { status, headers, body } = await ask(server.port, `/events?feed=a&feed=b&follow=false${query}`);
    assert.equal(status, 200);
    assert.match(headers['content-type'] ?? '', /^application\/x-ndjson/);
    return body
      .toString()
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
  };
  const [open, ...events] = await read('&since=start');
  assert.equal(open.type, 'feed.open');
  assert.deepEqual(Object.keys(open), ['type', 'data', 'cursor']);
  assert.deepEqual(
    events.map(({ feed, data }) => `${feed} ${data}`),
    ['a "quoted" \u0001', 'b 2', 'b 3'],
  );
  for (const [index, { cursor: place }] of events.entries())
    assert.equal((await read(`&lastEventId=${place}`)).length, events.length - index, 'the opening and the rest');
  const vector = open.cursor.slice(0, -cursor.length) + cursor;
  const gap = (await read(`&lastEventId=${vector}`)).find(({ type }) => type === 'feed.gap');
  assert.equal(gap.feed, 'b');
  assert.equal(gap.data.events, 2);
});

test('last, since, until and the unfinished line are of each feed', async (context) => {
  const server = await feedServer(context);
  const logs = ['a', 'b'].map((name) => server.add(name).log);
  for (let event = 0; event < 5; event += 1) for (const log of logs) log.append(`${event}`);
  const read = async (query: string) =>
    linesIn((await ask(server.port, `/events?feed=*&${query}`, { headers: SSE })).body.toString());
  assert.deepEqual((await read('last=2&follow=false')).sort(), ['a 3', 'a 4', 'b 3', 'b 4']);
  assert.equal((await read('since=15m&follow=false')).length, 10);
  const { body } = await ask(server.port, '/events?feed=*&last=1&follow=false', { headers: SSE });
  const ids = sseEvents(body.toString()).map(({ id = '' }) => id);
  assert.deepEqual(await read(`since=${ids[0]}&until=${ids[1]}`), ['a 4'], 'between two ids');
  assert.equal((await read('until=head&since=start')).length, 10);
});

test('the header Last-Event-ID wins over the parameter', async (context) => {
  const server = await feedServer(context);
  const { log } = server.add('a');
  log.append('1');
  const old = lastId((await ask(server.port, '/events?feed=a&since=head&follow=false', { headers: SSE })).body.toString());
  log.append('2');
  const path = `/events?feed=a&lastEventId=${old}&follow=false`;
  assert.deepEqual(linesIn((await ask(server.port, path, { headers: SSE })).body.toString()), ['a 2']);
  const now = lastId((await ask(server.port, path, { headers: SSE })).body.toString());
  assert.deepEqual(linesIn((await ask(server.port, path, { headers: { ...SSE, 'Last-Event-ID': now } })).body.toString()), []);
});

test('what cannot be meant is refused by name', async (context) => {
  const server = await feedServer(context);
  server.add('a');
  for (const [query, parameter] of [
    ['', 'feed'],
    ['feed=', 'feed'],
    ['feed=a b', 'feed'],
    ['feed={a,b}', 'feed'],
    ['feed=../x', 'feed'],
    [`feed=${'*'.repeat(201)}`, 'feed'],
    ['feed=a&format=text', 'format'],
    ['feed=a&before=head', 'before'],
    ['feed=a&limit=5', 'limit'],
    ['feed=a&latest=room', 'latest'],
    ['feed=a&since=yesterday', 'since'],
    ['feed=a&since=mAbCdEfGh12', 'since'],
    ['feed=a&last=1&last=2', 'last'],
    ['feed=a&batch=1', 'batch'],
    ['feed=a&beat=1ms', 'beat'],
  ] as const) {
    const { status, body } = await ask(server.port, `/events?${query.replaceAll(' ', '%20')}`, { headers: SSE });
    assert.deepEqual([status, JSON.parse(body.toString()).parameter], [400, parameter], query);
  }
});

test('a name that is not there is a 404; a pattern may wait for feeds', async (context) => {
  const server = await feedServer(context);
  server.add('a');
  const { status, body } = await ask(server.port, '/events?feed=a&feed=aa', { headers: SSE });
  assert.deepEqual([status, JSON.parse(body.toString()).feed, JSON.parse(body.toString()).near], [404, 'aa', ['a']]);
  assert.equal((await ask(server.port, '/events?feed=z*&follow=false', { headers: SSE })).status, 200);
});

test('an EventSource that comes back reads the others while one is not there, and goes on in that one where it was', async (context) => {
  const server = await feedServer(context);
  const { log: a } = server.add('a');
  const b = new (class extends MemoryLog {
    override async close(): Promise<void> {}
  })();
  server.add('web/b', b);
  for (const log of [a, b]) for (const line of ['1', '2']) log.append(line);
  const words = ['feed=a&feed=web/b', 'feed=a&feed=web/*'];
  const read = async (query: string) =>
    (await ask(server.port, `/events?${query}&last=1&follow=false`, { headers: SSE })).body.toString();
  const ids = await Promise.all(words.map(async (query) => lastId(await read(query))));
  await server.registry.remove(toFeedName('web/b'));
  a.append('3');
  const clients = await Promise.all(
    words.map((query, index) => open(context, server, query, { 'Last-Event-ID': ids[index] ?? '' })),
  );
  for (const client of clients) {
    await eventually('the other is read', () => linesIn(client.body.text).length === 1);
    assert.deepEqual(linesIn(client.body.text), ['a 3']);
  }
  const skipped = clients.map((client) => controlsIn(client.body.text, 'feed.skipped').map(({ data }) => data));
  assert.deepEqual(
    skipped.map((some) => some.map(({ reason, feeds }) => `${reason} ${feeds}`)),
    [['unknown-feed web/b'], []],
  );
  // Once more, while it is away, with an id that was made for all.
  a.append('4');
  for (const client of clients) await eventually('it is live', () => linesIn(client.body.text).length === 2);
  const later = await Promise.all(
    words.map((query, index) => open(context, server, query, { 'Last-Event-ID': lastId(clients[index]?.body.text ?? '') })),
  );
  b.append('3');
  server.add('web/b', b);
  for (const client of [...clients, ...later]) {
    await eventually('it goes on', () => linesIn(client.body.text).includes('web/b 3'));
    assert.deepEqual(
      linesIn(client.body.text).filter((line) => line.startsWith('web/b')),
      ['web/b 3'],
    );
    assert.equal(controlsIn(client.body.text, 'feed.added')[0]?.data.start, 'resumed');
  }
});

test('a feed that cannot be followed is told as skipped where it comes later', async (context) => {
  const server = await feedServer(context);
  const { log } = server.add('a');
  const client = await open(context, server, 'feed=*');
  server.add(
    'b',
    new (class extends MemoryLog {
      override follow(): never {
        throw new Error('too many open files');
      }
    })(),
  );
  await eventually('it is told', () => controlsIn(client.body.text, 'feed.skipped').length === 1);
  assert.deepEqual(controlsIn(client.body.text, 'feed.skipped')[0]?.data.reason, 'unreadable');
  log.append('goes on');
  await eventually('the other goes on', () => linesIn(client.body.text).length === 1);
});

test('unfinished lines are shown with their feed, also to one who comes later', async (context) => {
  const server = await feedServer(context);
  const logs = ['a', 'b'].map((name) => server.add(name).log);
  const client = await open(context, server, 'feed=*');
  for (const [index, log] of logs.entries()) log.setPartial(`half ${index}`);
  const partials = (one: RawClient) => controlsIn(one.body.text, 'feed.partial').map(({ data }) => `${data.feed} ${data.data}`);
  await eventually('both are shown', () => partials(client).length === 2);
  const later = await open(context, server, 'feed=*');
  await eventually('both are shown again', () => partials(later).length === 2);
  assert.deepEqual(partials(later), ['a half 0', 'b half 1']);
  logs[0]?.append('half 0 done');
  await eventually('it has come', () => linesIn(later.body.text).length === 1);
  const last = await open(context, server, 'feed=*');
  await eventually('one is left', () => partials(last).length === 1);
  assert.deepEqual(partials(last), ['b half 1']);
});
