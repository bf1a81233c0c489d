import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type TestContext, test } from 'node:test';
import { request as undiciRequest } from 'undici';
import { startService } from '../e2e/service.ts';
import { needs } from '../needed-program.ts';
import { eventually } from '../source/eventually.ts';
import { type FeedServer, feedServer, get, messagesOf, RawClient } from './feed-server.ts';

const SSE = { Accept: 'text/event-stream' };
const HISTORY = 3_000;
const BURSTS = 60;
/** curl's exit status for a body that ends before its last chunk. */
const CUT_SHORT = 18;
const noCurl = needs('curl');

function numbered(from: number, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${from + index} ${'é'.repeat((from + index) % 300)}`);
}

/** A feed with a history longer than one write, to be followed by live events, beats and heartbeats. */
async function filled(context: TestContext): Promise<FeedServer & { live(): Promise<void>; wanted: string[] }> {
  const served = await feedServer(context, { windowBytes: 64 * 1024 });
  const { log } = served.add('a');
  for (const line of numbered(0, HISTORY)) log.append(line);
  const live = async () => {
    for (let burst = 0; burst < BURSTS; burst += 1) {
      for (const line of numbered(HISTORY + burst * 10, 10)) log.append(line);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await eventually('all but the live ones are gone', () => served.delivery.readers > 0);
  };
  return { ...served, live, wanted: numbered(0, HISTORY + BURSTS * 10) };
}

for (const client of ['undici', 'curl'] as const)
  test(`${client} finds whole chunks from the head to the end, in history and live`, {
    skip: client === 'curl' && noCurl,
  }, async (context) => {
    const { url, delivery, live, wanted } = await filled(context);
    const address = `${url}/feeds/a?since=start&beat=1s`;
    const parts: Buffer[] = [];
    const text = () => Buffer.concat(parts).toString();
    const take = (bytes: Buffer) => void parts.push(bytes);
    const ended = client === 'undici' ? readWithUndici(address, take) : readWithCurl(address, take);
    await eventually('it reads', () => delivery.readers === 1);
    await live();
    await eventually('it has the last', () => text().includes(`data: ${wanted.at(-1)}\n\n`));
    await eventually('it has a beat', () => text().includes('event: feed.beat'));
    delivery.letGo('removed');
    await ended;
    assert.deepEqual(messagesOf(text()), wanted);
    assert.match(text(), /event: feed\.closing\n[^\n]*\n?data: [^\n]*\n\n$/);
  });

async function readWithUndici(address: string, take: (bytes: Buffer) => void): Promise<void> {
  const { body } = await undiciRequest(address, { headers: SSE });
  for await (const bytes of body) take(bytes);
}

async function readWithCurl(address: string, take: (bytes: Buffer) => void): Promise<void> {
  const curl = spawn('curl', ['-sN', '-H', 'Accept: text/event-stream', address], { stdio: ['ignore', 'pipe', 'inherit'] });
  curl.stdout.on('data', take);
  const [status] = await once(curl, 'close');
  assert.equal(status, 0, 'it takes the end for an end');
}

test('a service that is killed shows as a cut, not as an end', { skip: noCurl }, async (context) => {
  const service = await startService(context, ['--no-demo', '--log-level', 'silent']);
  const address = `${service.url}/feeds/livefeed/log`;
  const curl = spawn('curl', ['-sN', '-H', 'Accept: text/event-stream', address], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(curl.stdout, 'data');
  curl.stdout.resume();
  const { body } = await undiciRequest(address, { headers: SSE });
  const [[status]] = await Promise.all([
    once(curl, 'close'),
    assert.rejects(body.text(), 'undici rejects'),
    service.kill('SIGKILL'),
  ]);
  assert.equal(status, CUT_SHORT);
});

test('a client of HTTP/1.0 gets the same bytes without chunks, and the end of the connection as their end', async (context) => {
  const { port, delivery, live, wanted } = await filled(context);
  const client = await RawClient.open(context, port, get('/feeds/a?since=start', SSE).replace('HTTP/1.1', 'HTTP/1.0'));
  await eventually('it reads', () => delivery.readers === 1);
  await live();
  await eventually('it has the last', () =>
    client.text.includes(`data: ${Buffer.from(wanted.at(-1) ?? '').toString('latin1')}\n\n`),
  );
  delivery.letGo('removed');
  await eventually('it ends', () => client.isEnded);
  const [head = '', body = ''] = Buffer.from(client.text, 'latin1').toString().split('\r\n\r\n');
  assert.doesNotMatch(head, /transfer-encoding/i);
  assert.deepEqual(messagesOf(body), wanted);
  assert.doesNotMatch(body, /\r/);
});

test('HEAD has the head and nothing behind it', async (context) => {
  const { port } = await filled(context);
  const client = await RawClient.open(context, port, get('/feeds/a', SSE, 'HEAD'));
  await eventually('it ends', () => client.isEnded);
  assert.match(client.text, /^HTTP\/1\.1 200 OK\r\n[\s\S]*\r\n\r\n$/);
  assert.equal(client.text.split('\r\n\r\n')[1], '');
});

test('rubbish that a client sends behind its request does not get into its stream', async (context) => {
  const { port, add, delivery } = await feedServer(context);
  const { log } = add('a');
  const client = await RawClient.open(context, port, `${get('/feeds/a', SSE)}`);
  await eventually('it reads', () => client.body.text.includes('feed.open'));
  log.append('before');
  await eventually('it has an event', () => messagesOf(client.body.text).length === 1);
  client.socket.write('\0\0 no request at all\r\n\r\n');
  await eventually('it is cut off', () => delivery.readers === 0);
  assert.equal(client.text.split('HTTP/1.1 ').length, 2, 'one answer');
  assert.equal(client.body.isWhole, false);
});

test('a client that half-closes is let go, and nothing is written behind the end', async (context) => {
  const { port, add, delivery, failures } = await feedServer(context);
  const { log } = add('a');
  const client = await RawClient.open(context, port, get('/feeds/a', SSE), { allowHalfOpen: true });
  await eventually('it reads', () => client.body.text.includes('feed.open'));
  const writer = setInterval(() => log.append('x'.repeat(100_000)), 1);
  context.after(() => clearInterval(writer));
  client.socket.pause();
  client.socket.end();
  await new Promise((resolve) => setImmediate(resolve));
  client.socket.resume();
  await eventually('it is let go', () => delivery.readers === 0);
  assert.deepEqual(failures, []);
});
