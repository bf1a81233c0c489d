import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MAX_FILTERS } from '../../server/feed/filter/filter-views.ts';
import { MemoryLog } from '../../server/feed/memory-log.ts';
import { feedServer, type RawClient, sseEvents } from '../delivery/feed-server.ts';
import { eventually } from '../source/eventually.ts';
import { ask } from './serving.ts';
import { controlsIn, lastId, linesIn, open, SSE } from './several.ts';

const hiddenIn = (stream: string) => controlsIn(stream, 'feed.hidden');
const countOf = (stream: string, feed: string) =>
  hiddenIn(stream).reduce((sum, { data }) => sum + (data.feed === feed ? data.count : 0), 0);
const openOf = (client: RawClient) => controlsIn(client.body.text, 'feed.open').at(-1)?.data;

test('several feeds are read through one filter: history, last=N and what comes, and each tells what it hides', async (context) => {
  const server = await feedServer(context, { filtering: { hiddenMs: 50 } });
  const logs = ['web/a', 'web/b'].map((name) => server.add(name));
  const [a, b] = logs.map(({ log }) => log);
  for (const { log } of logs) for (const line of ['[WARN] 1', '[INFO] 2', '[ERROR] 3', '[INFO] 4']) log.append(line);
  const history = async (query: string) => {
    const { body } = await ask(server.port, `/events?feed=web/*&follow=false&${query}`, { headers: SSE });
    return linesIn(body.toString()).sort();
  };
  assert.deepEqual(await history('level=warn'), ['web/a [ERROR] 3', 'web/a [WARN] 1', 'web/b [ERROR] 3', 'web/b [WARN] 1']);
  assert.deepEqual(await history('level=warn&last=1'), ['web/a [ERROR] 3', 'web/b [ERROR] 3']);
  assert.deepEqual(await history('level=warn&match=!ERR'), ['web/a [WARN] 1', 'web/b [WARN] 1']);
  assert.deepEqual(await history('match=W.RN'), ['web/a [WARN] 1', 'web/b [WARN] 1']);
  assert.deepEqual(await history('type=deploy'), []);

  const client = await open(context, server, 'feed=web/*&level=warn');
  a?.append('[ERROR] live');
  for (const line of ['one', 'two']) a?.append(line);
  b?.append('three');
  b?.append('v42', 'deploy');
  await eventually('all is told', () => countOf(client.body.text, 'web/a') === 2 && countOf(client.body.text, 'web/b') === 2);
  assert.deepEqual(linesIn(client.body.text), ['web/a [ERROR] live']);
  assert.deepEqual(
    logs.map(({ feed }) => feed.readers),
    [1, 1],
  );
  const rest = await ask(server.port, '/events?feed=web/*&follow=false', {
    headers: { ...SSE, 'Last-Event-ID': lastId(client.body.text) },
  });
  assert.deepEqual(linesIn(rest.body.toString()), [], 'its place is behind what was hidden in both');
});

test('who comes back at any id gets exactly what the filter shows behind it, and without the filter all of it', async (context) => {
  const server = await feedServer(context, { filtering: { hiddenMs: 5 } });
  const logs = ['a', 'b', 'c'].map((name) => server.add(name).log);
  const client = await open(context, server, 'feed=*&match=7');
  const written: string[] = [];
  for (let event = 0; event < 300; event += 1) {
    written.push(`${'abc'[event % 3]} ${event}`);
    logs[event % 3]?.append(`${event}`);
    if (event % 40 === 0) await new Promise((resolve) => setTimeout(resolve, 10));
  }
  const shown = written.filter((line) => line.includes('7'));
  const hidden = () => ['a', 'b', 'c'].reduce((sum, name) => sum + countOf(client.body.text, name), 0);
  await eventually('all is told', () => linesIn(client.body.text).length === shown.length && hidden() === 300 - shown.length);
  const events = sseEvents(client.body.text);
  const ids = [...new Set(events.flatMap(({ id }) => (id === undefined ? [] : [id])))];
  assert.ok(ids.length > shown.length, `${ids.length} ids`);
  for (const id of ids.filter((_, index) => index % 7 === 0)) {
    const before = events.slice(0, events.findLastIndex((event) => event.id === id) + 1).filter(({ type }) => type === 'message');
    const had = before.map(({ data }) => JSON.parse(data)).map(({ feed, data }) => `${feed} ${data}`);
    const back = async (query: string) => {
      const { body } = await ask(server.port, `/events?feed=*&follow=false${query}`, {
        headers: { ...SSE, 'Last-Event-ID': id },
      });
      assert.deepEqual(controlsIn(body.toString(), 'feed.gap'), []);
      return linesIn(body.toString());
    };
    const filtered = await back('&match=7');
    assert.deepEqual([...had, ...filtered].sort(), [...shown].sort());
    const all = await back('');
    assert.deepEqual(all.filter((line) => line.includes('7')).sort(), filtered.sort(), 'the same behind it without the filter');
  }
});

test('feeds come and go through the filter, and one that is back goes on where it was', async (context) => {
  const server = await feedServer(context, { filtering: { hiddenMs: 10 } });
  const log = new (class extends MemoryLog {
    override async close(): Promise<void> {}
  })();
  const { log: other } = server.add('web/b');
  const client = await open(context, server, 'feed=web/*&level=warn');
  log.append('[WARN] before it is there');
  const { feed } = server.add('web/a', log);
  await eventually('it is read from its oldest', () => linesIn(client.body.text).length === 1);
  log.append('[INFO] hidden');
  log.append('[WARN] just before it goes');
  await server.registry.remove(feed.name);
  await eventually('it has gone', () => controlsIn(client.body.text, 'feed.removed').length === 1);
  assert.match(client.body.text, /just before it goes.*feed\.removed/s);
  log.append('[WARN] while it is away');
  server.add('web/a', log);
  other.append('[ERROR] the other');
  await eventually('all have come', () => linesIn(client.body.text).length === 4);
  assert.deepEqual(
    linesIn(client.body.text).filter((line) => line.startsWith('web/a')),
    ['web/a [WARN] before it is there', 'web/a [WARN] just before it goes', 'web/a [WARN] while it is away'],
  );
  assert.deepEqual(controlsIn(client.body.text, 'feed.gap'), []);
  client.socket.destroy();
  await eventually('nobody reads', () => server.registry.list().every(({ readers }) => readers === 0));
});

test('a live connection that is given other feeds reads them through its filter', async (context) => {
  const server = await feedServer(context);
  const { log: a } = server.add('a');
  const { log: b } = server.add('b');
  const client = await open(context, server, 'feed=a&match=x');
  const { status } = await ask(server.port, `/connections/${openOf(client).connection}`, {
    method: 'PATCH',
    headers: { 'Content-Type': 'application/json' },
    send: '{"feeds":["a","b"]}',
  });
  assert.equal(status, 200);
  await eventually('it is told', () => openOf(client).start === 'changed');
  for (const log of [a, b]) for (const line of ['x 1', 'no', 'x 2']) log.append(line);
  await eventually('they have come', () => linesIn(client.body.text).length >= 4);
  assert.deepEqual(linesIn(client.body.text).sort(), ['a x 1', 'a x 2', 'b x 1', 'b x 2']);
});

test('before it is let go, a reader is told of what each feed has hidden', async (context) => {
  const server = await feedServer(context);
  const logs = ['a', 'b'].map((name) => server.add(name).log);
  const client = await open(context, server, 'feed=a&feed=b&match=x');
  for (const log of logs) log.append('no');
  logs[0]?.append('x');
  await eventually('it has come', () => linesIn(client.body.text).length === 1);
  server.delivery.letGo('shutdown');
  await eventually('it ends', () => client.isEnded);
  const [closing] = controlsIn(client.body.text, 'feed.closing');
  assert.deepEqual([countOf(client.body.text, 'a'), countOf(client.body.text, 'b')], [1, 1]);
  assert.equal(closing?.id, hiddenIn(client.body.text).at(-1)?.id);
});

test('a feed that is read through too many other filters is skipped in words; where that is so of all, the answer is a refusal', async (context) => {
  const server = await feedServer(context);
  for (const name of ['full', 'other']) server.add(name);
  const clients: RawClient[] = [];
  for (let number = 0; number < MAX_FILTERS; number += 1) clients.push(await open(context, server, `feed=full&match=f${number}`));
  const refused = await ask(server.port, '/events?feed=full&match=more');
  assert.deepEqual([refused.status, JSON.parse(String(refused.body)).code], [503, 'too-many-filters']);
  const source = await ask(server.port, '/events?feed=full&match=more', { headers: SSE });
  assert.equal(controlsIn(String(source.body), 'feed.closing')[0]?.data.reason, 'too-many-filters');
  const both = await open(context, server, 'feed=full&feed=other&match=more');
  const [skipped] = controlsIn(both.body.text, 'feed.skipped');
  assert.deepEqual([skipped?.data.reason, skipped?.data.feeds], ['too-many-filters', ['full']]);
  clients[0]?.socket.destroy();
  await eventually('one is free', () => server.registry.get('full')?.readers === MAX_FILTERS - 1);
  await open(context, server, 'feed=full&match=more');
});

test('where patterns cannot be tried, readers of several feeds are let go in words, and the next get what can be', async (context) => {
  const server = await feedServer(context, { filtering: { silenceMs: 1 } });
  const { log } = server.add('a');
  const client = await open(context, server, 'feed=*&level=warn');
  log.append('[ERROR] one');
  await eventually('it ends', () => client.isEnded);
  assert.ok(client.body.isWhole);
  assert.equal(controlsIn(client.body.text, 'feed.closing')[0]?.data.reason, 'unavailable');
  const words = await open(context, server, 'feed=*&match=plain');
  log.append('plain');
  await eventually('it has come', () => linesIn(words.body.text).length === 1);
  for (const [query, wanted] of [
    ['match=a(b', /missing closing/],
    ['level=loud', /level must be one of/],
  ] as const) {
    const { status, body } = await ask(server.port, `/events?feed=a&${query}`, { headers: SSE });
    if (status === 400) assert.match(JSON.parse(String(body)).detail, wanted);
    else assert.match(String(body), /unavailable/, 'a thread that is silent checks no patterns');
  }
});
