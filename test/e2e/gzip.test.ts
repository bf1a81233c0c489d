/** Compressed feeds as programs read them that are not ours: each event at once, and a clean end. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { messagesOf, sseEvents } from '../delivery/feed-server.ts';
import { GzipClient } from '../delivery/gzip/gzip-client.ts';
import { ask } from '../http/serving.ts';
import { needs } from '../needed-program.ts';
import { eventually } from '../source/eventually.ts';
import { startChild } from './child.ts';
import { startHaproxy, startNginx } from './proxies/proxy.ts';
import { scratchFolder } from './scratch.ts';
import { startService } from './service.ts';

const LIMIT = { timeout: 120_000 };
const DEADLINE_MS = 20_000;

interface Reading {
  text: string;
  /** Its exit status. */
  readonly ended: Promise<number | null>;
}

function read(t: TestContext, command: readonly string[]): Reading {
  const child = startChild(t, command, { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'close').then(([status]) => status as number | null);
  const reading: Reading = { text: '', ended };
  child.stdout?.setEncoding('utf8').on('data', (text) => {
    reading.text += text;
  });
  return reading;
}

const withCurl = (t: TestContext, url: string) =>
  read(t, ['curl', '-sN', '--compressed', '-H', 'Accept: text/event-stream', url]);
const withPython = (t: TestContext, url: string, lastId?: string) =>
  read(t, ['python3', join(import.meta.dirname, 'gzip-reader.py'), url, ...(lastId === undefined ? [] : [lastId])]);

const READERS = [
  ['curl --compressed', needs('curl'), withCurl],
  ['Python', needs('python3'), withPython],
] as const;

/** A file with a past, and the service that follows it. */
async function following(t: TestContext) {
  const folder = scratchFolder();
  const file = join(folder, 'app.log');
  const lines = Array.from({ length: 5_000 }, (_, number) => `${number} GET /items/${number * 7919} 200`);
  writeFileSync(file, lines.map((line) => `${line}\n`).join(''));
  const service = await startService(t, [file, '--data', join(folder, 'data')]);
  const write = () => {
    lines.push(`${lines.length} written`);
    appendFileSync(file, `${lines.at(-1)}\n`);
  };
  return { service, url: `${service.url}/feeds/app.log`, lines, write };
}

for (const [who, skip, start] of READERS)
  test(`${who} gets each line as it is written, and after SIGTERM a whole gzip stream`, { ...LIMIT, skip }, async (t) => {
    const { service, url, lines, write } = await following(t);
    const reading = start(t, `${url}?since=start`);
    await eventually('the history has come', () => reading.text.includes(`data: ${lines.at(-1)}\n\n`), DEADLINE_MS);
    for (let line = 0; line < 5; line += 1) {
      write();
      await eventually('the line has come', () => reading.text.includes(`data: ${lines.at(-1)}\n\n`), DEADLINE_MS);
    }
    for (let line = 0; line < 200; line += 1) write();
    await eventually('the last has come', () => reading.text.includes(`data: ${lines.at(-1)}\n\n`), DEADLINE_MS);
    assert.equal(await service.stop(), 0);
    assert.equal(await reading.ended, 0, 'its end is clean');
    assert.deepEqual(messagesOf(reading.text), lines);
    assert.match(reading.text, /feed\.closing\n[^\n]*\n?data: \{"reason":"shutdown"/);
  });

test('one that is let go by DELETE has a whole stream, and resumes exactly; one whose service is killed sees a cut', {
  ...LIMIT,
  skip: needs('python3'),
}, async (t) => {
  const { service, url, lines, write } = await following(t);
  const first = withPython(t, `${url}?since=start`);
  await eventually('it reads', () => first.text.includes(`data: ${lines.at(-1)}\n\n`), DEADLINE_MS);
  const { connections } = JSON.parse((await ask(service.port, '/connections')).body.toString());
  assert.equal(connections.length, 1);
  const { status } = await ask(service.port, `/connections/${connections[0].id}`, { method: 'DELETE' });
  assert.equal(status, 204);
  assert.equal(await first.ended, 0);
  for (let line = 0; line < 10; line += 1) write();
  const closing = sseEvents(first.text).at(-1);
  assert.equal(closing?.type, 'feed.closing');
  const second = withPython(t, url, closing?.id);
  await eventually('the rest has come', () => second.text.includes(`data: ${lines.at(-1)}\n\n`), DEADLINE_MS);
  assert.deepEqual([...messagesOf(first.text), ...messagesOf(second.text)], lines);
  await service.kill('SIGKILL');
  assert.notEqual(await second.ended, 0);
});

const PROXIES = [
  ['nginx as its package has it', 'nginx', startNginx, '', undefined],
  ['nginx with HTTP/1.1', 'nginx', startNginx, 'proxy_http_version 1.1;', 'gzip'],
  ['haproxy', 'haproxy', startHaproxy, '  option http-no-delay', 'gzip'],
] as const;

for (const [who, program, start, settings, encoding] of PROXIES)
  test(`through ${who}, each line comes as it is written, ${encoding ?? 'not compressed'}`, {
    ...LIMIT,
    skip: needs(program),
  }, async (t) => {
    const { service, lines, write } = await following(t);
    const { port } = await start(t, service.port, settings);
    const client = await GzipClient.open(t, port, '/feeds/app.log', { Accept: 'text/event-stream' });
    const text = () => (encoding === undefined ? client.raw.body.text : client.text);
    await eventually('it reads', () => text().includes('feed.open'), DEADLINE_MS);
    for (let line = 0; line < 3; line += 1) {
      write();
      await eventually('it has come', () => text().includes(`data: ${lines.at(-1)}\n\n`), DEADLINE_MS);
    }
    assert.equal(/^content-encoding: (.*)\r$/im.exec(client.raw.text)?.[1], encoding);
    assert.equal(await service.stop(), 0);
    await eventually('it ends', () => client.isWhole, DEADLINE_MS);
    assert.deepEqual(messagesOf(encoding === undefined ? client.raw.body.text : client.whole), lines.slice(-3));
  });
