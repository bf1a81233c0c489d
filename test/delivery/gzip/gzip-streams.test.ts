import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import type { Encoded } from '../../../server/delivery/encoding.ts';
import { Gzip } from '../../../server/delivery/gzip/gzip.ts';
import { MemoryLog } from '../../../server/feed/memory-log.ts';
import { ask } from '../../http/serving.ts';
import { eventually } from '../../source/eventually.ts';
import { feedServer, get, messagesOf, RawClient, sseEvents } from '../feed-server.ts';
import { GZIP, GzipClient } from './gzip-client.ts';

const SSE = { Accept: 'text/event-stream' };
const WINDOW_BYTES = 64 * 1024;

/** Counts what is compressed for all, and what for one. */
class CountedGzip extends Gzip {
  forAll = 0;
  forOne = 0;

  override shared(bytes: Buffer): Encoded {
    this.forAll += 1;
    return super.shared(bytes);
  }

  override inTurn(bytes: Buffer, signal: AbortSignal): Promise<Encoded> {
    this.forOne += 1;
    return super.inTurn(bytes, signal);
  }
}

function numbered(from: number, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${from + index} ERROR ${'é'.repeat((from + index) % 300)}`);
}

async function appendInBursts(log: MemoryLog, lines: readonly string[]): Promise<void> {
  for (const [index, line] of lines.entries()) {
    log.append(line);
    if (index % 10 === 9) await turn();
  }
}

const envelopesIn = (lines: string) =>
  lines
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))
    .filter(({ type }) => type === 'message')
    .map(({ data }) => data as string);
const batchedIn = (stream: string) => messagesOf(stream).flatMap(envelopesIn);

const STREAMS: readonly [string, string, (stream: string) => string[]][] = [
  ['Server-Sent Events', '/feeds/a?since=start&format=sse&beat=1s', messagesOf],
  ['batches', '/feeds/a?since=start&format=sse&batch=20', batchedIn],
  ['JSON lines', '/feeds/a?since=start&format=ndjson&beat=1s', envelopesIn],
  ['text', '/feeds/a?since=start&format=text', (stream) => stream.split('\n').slice(0, -1)],
  ['a filter', '/feeds/a?since=start&format=sse&match=ERROR&match=!FATAL', messagesOf],
  ['several feeds', '/events?since=start&feed=*&format=sse', batchedIn],
];

for (const [what, path, linesOf] of STREAMS)
  test(`${what}: history, live events and all between are one gzip stream, to its end`, async (context) => {
    const { port, delivery, registry, add } = await feedServer(context, { windowBytes: WINDOW_BYTES });
    const { log, feed } = add('a');
    const wanted = numbered(0, 2_500);
    await appendInBursts(log, wanted.slice(0, 2_000));
    const client = await GzipClient.open(context, port, path);
    await eventually('it reads', () => delivery.readers === 1 && client.text.includes('\n'));
    await appendInBursts(log, wanted.slice(2_000));
    await eventually('it has the last', () => client.text.includes(wanted.at(-1) ?? ''));
    if (path.includes('beat')) await eventually('it has a beat', () => client.text.includes('feed.beat'));
    if (path.startsWith('/events')) delivery.letGo('closed');
    else await registry.remove(feed.name);
    await eventually('it ends', () => client.isWhole);
    assert.match(client.head, /^content-encoding: gzip\r?$/im);
    assert.match(client.head, /^vary: Accept, Accept-Encoding\r?$/im);
    assert.deepEqual(linesOf(client.whole), wanted);
    if (linesOf !== STREAMS[3]?.[2]) assert.match(client.whole, /feed\.closing/);
    assert.ok(client.raw.bodyBytes.bytes.length < client.whole.length / 4, 'it is smaller');
  });

test('an answer that ends at the head, a page, and the newest of each are whole gzip files', async (context) => {
  const { port, add } = await feedServer(context);
  const { log } = add('a');
  for (let number = 0; number < 3_000; number += 1) log.append(JSON.stringify({ number, room: number % 7 }));
  for (const query of [
    'follow=false',
    'before=head&limit=1500',
    'latest=room&follow=false',
    'last=2&follow=false',
    'match=no&follow=false',
  ])
    for (const format of ['sse', 'ndjson', 'text']) {
      const path = `/feeds/a?${query}&format=${format}`;
      const client = await GzipClient.open(context, port, path);
      await eventually('it ends', () => client.isWhole);
      const plain = await ask(port, path);
      assert.equal(withoutTimes(client.whole), withoutTimes(plain.body.toString()), path);
    }
});

/** The times at which an answer was made, and when to come back. */
function withoutTimes(stream: string): string {
  return stream.replace(/"time":"[^"]*"/g, '').replace(/^retry:.*$/gm, '');
}

test('what all read is compressed once, and what comes close together as one', async (context) => {
  const gzip = new CountedGzip();
  const { port, delivery, add } = await feedServer(context, { gzip });
  const { log } = add('a');
  const clients = await Promise.all(Array.from({ length: 100 }, () => GzipClient.open(context, port, '/feeds/a', SSE)));
  await eventually('all of them read', () => delivery.readers === 100);
  await eventually('all have been greeted', () => clients.every((client) => client.text.includes('feed.open')));
  const startedAt = performance.now();
  const wanted = numbered(0, 1_000);
  for (const line of wanted) {
    log.append(line);
    await turn();
  }
  await eventually('all have the last line', () => clients.every((client) => client.text.includes(`data: ${wanted.at(-1)}\n\n`)));
  const pauses = (performance.now() - startedAt) / gzip.pauseMs;
  assert.ok(gzip.forAll <= 4 + 1.1 * pauses, `${gzip.forAll} times in ${pauses} pauses`);
  assert.equal(gzip.forOne, 0);
  delivery.letGo('closed');
  await eventually('all end', () => clients.every((client) => client.isWhole));
  for (const client of clients) assert.deepEqual(messagesOf(client.whole), wanted);
});

test('an event that comes after a while waits for no other, and what waits is given before the end', async (context) => {
  class PatientGzip extends Gzip {
    override readonly pauseMs = 60_000;
  }
  const { port, delivery, add } = await feedServer(context, { gzip: new PatientGzip() });
  const { log } = add('a');
  const client = await GzipClient.open(context, port, '/feeds/a', SSE);
  await eventually('it reads', () => delivery.readers === 1);
  log.append('at once');
  await eventually('it has come', () => client.text.includes('data: at once\n\n'));
  log.append('close behind');
  log.setPartial('unfinished');
  await eventually('what is behind it takes it along', () => client.text.includes('unfinished'));
  assert.deepEqual(messagesOf(client.text), ['at once', 'close behind']);
  const batches = await GzipClient.open(context, port, '/feeds/a?batch=5000', SSE);
  await eventually('it reads, too', () => batches.text.includes('feed.open'));
  log.append('just before the end');
  await turn();
  delivery.letGo('removed');
  await eventually('both end', () => client.isWhole && batches.isWhole);
  assert.deepEqual(messagesOf(client.whole).at(-1), 'just before the end');
  assert.deepEqual(batchedIn(batches.whole), ['just before the end']);
});

test('who is let go in the middle of history comes back to exactly the rest', async (context) => {
  const { port, delivery, add } = await feedServer(context, { windowBytes: WINDOW_BYTES });
  const { log } = add('a', new MemoryLog({ maxBytes: 1 << 26, maxEvents: 1 << 20 }));
  const wanted = numbered(0, 12_000);
  await appendInBursts(log, wanted);
  let inTheMiddle = 0;
  for (const [turns, query] of [0, 2, 4, 8, 12].flatMap((count) => [[count, ''] as const, [count, '&follow=false'] as const])) {
    const client = await GzipClient.open(context, port, `/feeds/a?since=start${query}`, SSE);
    await eventually('it is read to', () => client.raw.bodyBytes.bytes.length > 2_000);
    for (let passed = 0; passed < turns; passed += 1) await turn();
    delivery.letGo('closed');
    await eventually('it ends', () => client.isWhole);
    const id = sseEvents(client.whole).findLast((event) => event.id !== undefined)?.id ?? '';
    const rest = await GzipClient.open(context, port, '/feeds/a?follow=false', { ...SSE, 'Last-Event-ID': id });
    await eventually('the rest has come', () => rest.isWhole);
    const before = messagesOf(client.whole).length;
    assert.ok([...messagesOf(client.whole), ...messagesOf(rest.whole)].join('\n') === wanted.join('\n'), `cut behind ${before}`);
    if (before > 0 && before < wanted.length) inTheMiddle += 1;
  }
  assert.ok(inTheMiddle > 0);
});

test('a reader that is cut at any byte comes back to exactly the rest', async (context) => {
  const { port, delivery, add } = await feedServer(context, { windowBytes: WINDOW_BYTES });
  const { log } = add('a');
  let written = 0;
  const write = () => {
    for (let line = 0; line < 10; line += 1) log.append(`${written++} ${'x'.repeat(written % 700)}`);
  };
  const writer = setInterval(write, 1);
  context.after(() => clearInterval(writer));
  const seen: string[] = [];
  let id = '';
  for (let round = 0; round < 15; round += 1) {
    const client = await GzipClient.open(
      context,
      port,
      '/feeds/a?since=start',
      id === '' ? SSE : { ...SSE, 'Last-Event-ID': id },
    );
    const enough = 600 + round * 317;
    await eventually('some has come', () => client.raw.bodyBytes.bytes.length > enough);
    client.raw.socket.destroy();
    const events = sseEvents(client.text);
    seen.push(...events.filter(({ type }) => type === 'message').map(({ data }) => data));
    id = events.findLast((event) => event.id !== undefined)?.id ?? id;
  }
  clearInterval(writer);
  assert.deepEqual(
    seen.map((line) => Number(line.split(' ')[0])),
    seen.map((_, index) => index),
  );
  await eventually('none is left', () => delivery.readers === 0);
});

test('one that is far behind catches up from the log, compressed for it alone, and goes on with the others', async (context) => {
  const gzip = new CountedGzip();
  const { port, delivery, add } = await feedServer(context, { windowBytes: WINDOW_BYTES, gzip });
  const { log } = add('a', new MemoryLog({ maxBytes: 1 << 27 }));
  const slow = await GzipClient.open(context, port, '/feeds/a', SSE);
  await eventually('it reads', () => delivery.readers === 1);
  slow.raw.socket.pause();
  const [reader] = delivery.connected.all;
  const waiting = () => reader?.outlet.bytesWaiting ?? 0;
  let written = 0;
  // Random, so that it takes room: what the system holds for a client that takes nothing is megabytes.
  const random = () => Array.from({ length: 700 }, () => Math.random().toString(36).slice(2)).join('');
  const write = async () => {
    log.append(`${written++} ${random()}`);
    await turn();
  };
  while (waiting() === 0) await write();
  const stalledAt = written;
  while (written < stalledAt + 100) await write();
  const before = gzip.forOne;
  slow.raw.socket.resume();
  await eventually('it is with the others', () => reader?.place?.bytesBehind === 0 && waiting() === 0, 20_000);
  assert.ok(gzip.forOne > before);
  delivery.letGo('closed');
  await eventually('it ends', () => slow.isWhole);
  const numbers = messagesOf(slow.whole).map((line) => Number(line.split(' ')[0]));
  assert.deepEqual(numbers, [...numbers.keys()]);
  assert.equal(numbers.length, written);
});

test('HEAD, HTTP/1.0, and whoever does not ask for it get the bytes as they are', async (context) => {
  const { port, add } = await feedServer(context);
  add('a').log.append('as it is');
  const path = '/feeds/a?follow=false';
  const requests = [
    get(path, GZIP, 'HEAD'),
    get(path, GZIP).replace('HTTP/1.1', 'HTTP/1.0'),
    get(path),
    get(path, { 'Accept-Encoding': 'gzip;q=0, br' }),
  ];
  for (const [number, request] of requests.entries()) {
    const client = await RawClient.open(context, port, request);
    await eventually('it ends', () => client.isEnded);
    assert.doesNotMatch(client.text, /content-encoding/i, request);
    assert.match(client.text, /^vary: Accept, Accept-Encoding\r$/im);
    assert.equal(client.text.includes('as it is'), number > 0, request);
  }
});

test('with --no-compress nobody gets gzip, and answers do not say that it could have been otherwise', async (context) => {
  const { port, add } = await feedServer(context, { gzip: 'off' });
  add('a').log.append('plain');
  for (const path of ['/feeds/a?follow=false', '/events?feed=a&follow=false']) {
    const { headers, body } = await ask(port, path, { headers: GZIP });
    assert.equal(headers['content-encoding'], undefined);
    assert.equal(headers.vary, 'Accept');
    assert.match(body.toString(), /plain/);
  }
});

test('what is said to one who has to come back is not compressed', async (context) => {
  const { port } = await feedServer(context);
  const { status, headers, body } = await ask(port, '/feeds/none', {
    headers: { ...SSE, ...GZIP, 'Last-Event-ID': 'AAAAAAAAAAAA' },
  });
  assert.equal(status, 200);
  assert.equal(headers['content-encoding'], undefined);
  assert.match(body.toString(), /feed\.closing/);
});
