/** What must hold behind each proxy, with real clients before it and the real service behind it. */
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { HEARTBEAT_MS } from '../../../server/delivery/subscriber.ts';
import { ROOT } from '../../command.ts';
import { get, RawClient } from '../../delivery/feed-server.ts';
import { ask } from '../../http/serving.ts';
import { eventually } from '../../source/eventually.ts';
import { readWithEventSource, readWithLaunchDarkly, readWithUndici } from '../event-source-readers.ts';
import { scratchFolder } from '../scratch.ts';
import { type Service, startService } from '../service.ts';
import type { StartedProxy, StartProxy } from './proxy.ts';

/** What an event may take on a busy machine; one that waits for a buffer to be full would come with the next heartbeat, if ever. */
const AT_ONCE_MS = 1_500;
/** How long haproxy holds back what it may put together with more, less a little; of several, the fastest is not slow by chance. */
const HELD_BACK_MS = 150;
/** For hangs: a client waits up to 2.5 s before it comes back. */
const DEADLINE_MS = 20_000;
const SSE = { Accept: 'text/event-stream' };
/** `npm run soak` gives the seconds. */
const IDLE_MS = Number(process.env.LIVEFEED_IDLE_S ?? 0) * 1_000;

export interface Behind {
  readonly name: string;
  readonly start: StartProxy;
  readonly skip: false | string;
  /** The silence after which the proxy gives a connection up. */
  readonly timeoutMs: number;
  /** Which Host header it passes on where nothing is set. */
  readonly host: 'its own' | "the client's";
  /** Whether it tells the service that a client has left, or notices by what it cannot send. */
  readonly isLeavingTold: boolean;
}

/** The name that the service knows to be its own. */
const NAME = 'feeds.example';

export function behindProxy({ name, start, skip, timeoutMs, host, isLeavingTold }: Behind): void {
  suite(`behind ${name}`, { skip }, () => {
    const ends: (() => Promise<void>)[] = [];
    const scope = { after: (end: () => Promise<void>) => void ends.push(end) };
    const folder = scratchFolder();
    const content = randomBytes(3_000_000);
    let service: Service;
    /** As its package has it. */
    let proxy: StartedProxy;
    /** Set as docs/operations.md says. */
    let setProxy: StartedProxy;

    before(async () => {
      mkdirSync(join(folder, 'files'));
      writeFileSync(join(folder, 'files', 'large.bin'), content);
      for (const file of ['app.log', 'busy.log', 'quiet.log']) writeFileSync(join(folder, file), '');
      const logs = ['app.log', 'busy.log', 'quiet.log'].map((file) => join(folder, file));
      service = await startService(scope, [
        ...logs,
        '--files',
        join(folder, 'files'),
        '--data',
        join(folder, 'data'),
        '--allow-host',
        NAME,
      ]);
      [proxy, setProxy] = await Promise.all([start(scope, service.port), start(scope, service.port, documentedFor(name))]);
    });
    after(async () => {
      for (const end of ends.reverse()) await end();
    });

    const addressOf = (path: string) => `http://127.0.0.1:${proxy.port}${path}`;
    const append = (file: string, line: string) => appendFileSync(join(folder, file), `${line}\n`);
    const readersOf = async (feed: string): Promise<number> => {
      const { body } = await ask(service.port, '/connections');
      const { connections } = JSON.parse(body.toString()) as { connections: { feeds: string[] }[] };
      return connections.filter(({ feeds }) => feeds.includes(feed)).length;
    };

    test('each event arrives at once, in every format', async (t) => {
      const address = addressOf('/feeds/app.log');
      const seen = [readWithEventSource(t, address), readWithLaunchDarkly(t, address)];
      const plain = await Promise.all(
        ['text', 'ndjson'].map((format) => RawClient.open(t, proxy.port, get(`/feeds/app.log?format=${format}`))),
      );
      await eventually('both clients follow', () => seen.every((one) => one.of('feed.open').length === 1), DEADLINE_MS);
      await eventually('and the others', () => plain.every(({ text }) => text.includes('\r\n\r\n')), DEADLINE_MS);
      let slowestMs = 0;
      for (let line = 0; line < 5; line += 1) {
        const before = performance.now();
        append('app.log', `line ${line}`);
        const hasIt = () => seen.every(({ lines }) => lines.length === line + 1);
        await eventually(`line ${line} is there`, hasIt, AT_ONCE_MS);
        await eventually('in all formats', () => plain.every(({ text }) => text.includes(`line ${line}`)), AT_ONCE_MS);
        slowestMs = Math.max(slowestMs, performance.now() - before);
      }
      t.diagnostic(`the slowest of 5 took ${slowestMs.toFixed(0)} ms`);
    });

    test('a feed without news is not given up', () => {
      assert.ok(HEARTBEAT_MS * 2 < timeoutMs, `a heartbeat each ${HEARTBEAT_MS} ms keeps ${timeoutMs} ms of silence away`);
    });

    if (IDLE_MS > 0)
      test(`a feed without news for ${IDLE_MS} ms goes on on the same connection`, async (t) => {
        // Not LaunchDarkly's: Node's agent tells it after 5 s of silence, and it comes back each time.
        const seen = [readWithEventSource, readWithUndici].map((read) => read(t, addressOf('/feeds/quiet.log')));
        await eventually('both follow', () => seen.every((one) => one.of('feed.open').length === 1), DEADLINE_MS);
        await delay(IDLE_MS);
        append('quiet.log', 'at last');
        await eventually('the line is there', () => seen.every(({ lines }) => lines.length === 1), AT_ONCE_MS);
        for (const one of seen) assert.equal(one.of('feed.open').length, 1, one.who);
      });

    test('clients go on without a line lost or doubled where it is reloaded, and where its processes are killed', async (t) => {
      const address = addressOf('/feeds/busy.log?since=start');
      const seen = [readWithEventSource(t, address), readWithLaunchDarkly(t, address)];
      let written = 0;
      const writing = setInterval(() => append('busy.log', `${written++}`), 5);
      t.after(() => clearInterval(writing));
      await eventually('both follow', () => seen.every(({ lines }) => lines.length > 10), DEADLINE_MS);
      await proxy.reload();
      const reloadedAt = written;
      await eventually('both go on', () => seen.every(({ lines }) => lines.length > reloadedAt), DEADLINE_MS);
      await proxy.crash();
      await eventually('both come back', () => seen.every((one) => one.of('feed.open').length > 1), DEADLINE_MS);
      clearInterval(writing);
      await eventually('both have the last', () => seen.every(({ lines }) => lines.length >= written), DEADLINE_MS);
      for (const one of seen) {
        const all = Array.from({ length: written }, (_, line) => `${line}`);
        assert.deepEqual(one.lines, all, one.who);
        assert.deepEqual(one.of('feed.gap'), [], one.who);
        assert.equal(one.of('feed.open').at(-1)?.data.start, 'resumed', one.who);
      }
    });

    test('a client that leaves is let go behind it too', async (t) => {
      const leave = async (through: StartedProxy, meanwhile: () => void) => {
        const clients = await Promise.all(
          Array.from({ length: 4 }, () => RawClient.open(t, through.port, get('/feeds/quiet.log', SSE))),
        );
        await eventually('they follow', () => clients.every(({ text }) => text.includes('feed.open')), DEADLINE_MS);
        assert.equal(await readersOf('quiet.log'), 4);
        clients.forEach(({ socket }, index) => void (index % 2 === 0 ? socket.destroy() : socket.resetAndDestroy()));
        await untilZero(() => readersOf('quiet.log'), meanwhile);
      };
      await leave(proxy, () => isLeavingTold || append('quiet.log', 'more'));
      await leave(setProxy, () => undefined);
    });

    test('an event that is published through it is kept, and each of a stream is acknowledged', async () => {
      const once = await ask(proxy.port, '/feeds/deploys', { method: 'POST', send: 'deployed' });
      assert.equal(once.status, 201);
      const headers = { 'Transfer-Encoding': 'chunked' };
      const stream = await ask(proxy.port, '/feeds/deploys?format=lines', { method: 'POST', headers, send: 'one\ntwo\n' });
      const acks = stream.body.toString().trimEnd().split('\n');
      assert.deepEqual(JSON.parse(acks.at(-1) ?? '').done, { events: 2, repeated: 0, refused: 0, skipped: 0 });
      const kept = await ask(proxy.port, '/feeds/deploys?follow=false');
      assert.equal(kept.body.toString(), 'deployed\none\ntwo\n');
    });

    test('a download comes whole, and goes on where it was cut', async () => {
      const whole = await ask(proxy.port, '/download/file/large.bin');
      assert.equal(hashOf(whole.body), hashOf(content));
      const Range = 'bytes=2000000-';
      const rest = await ask(proxy.port, '/download/file/large.bin', { headers: { Range, 'If-Range': `${whole.headers.etag}` } });
      assert.equal(rest.status, 206);
      assert.equal(rest.headers['content-range'], 'bytes 2000000-2999999/3000000');
      assert.equal(hashOf(rest.body), hashOf(content.subarray(2_000_000)));
    });

    test('a name that the service does not know is refused where it comes through, with the way to allow it', async () => {
      const { status, body } = await ask(proxy.port, '/feeds', { headers: { Host: 'other.example' } });
      if (host === 'its own') return assert.equal(status, 200);
      assert.equal(status, 403);
      assert.match(JSON.parse(body.toString()).detail, /other\.example.*--allow-host other\.example/);
    });

    test('a browser that is shown its page is let in by the name that is allowed, where the proxy passes it on', async () => {
      const Origin = `http://${NAME}:${proxy.port}`;
      const Host = `${NAME}:${proxy.port}`;
      const publish = { method: 'POST', send: 'from the page' };
      const ofPage = { ...publish, headers: { Host, Origin } };
      for (const asked of [ofPage, { headers: { Host, Referer: `${Origin}/` } }])
        assert.ok((await ask(setProxy.port, '/feeds/page?follow=false', asked)).status < 300);
      const ofOther = { ...publish, headers: { Host, Origin: 'http://evil.example' } };
      assert.equal((await ask(setProxy.port, '/feeds/page', ofOther)).status, 403);
      const { status, body } = await ask(proxy.port, '/feeds/page', ofPage);
      if (host !== 'its own') return assert.equal(status, 201);
      const refusal = JSON.parse(body.toString());
      assert.deepEqual([status, refusal.code], [403, 'foreign-origin']);
      assert.match(refusal.detail, /behind a proxy, that has to pass the Host header on/);
    });

    test('who reads is not told through it', async () => {
      const { status, body } = await ask(setProxy.port, '/connections');
      assert.deepEqual([status, JSON.parse(body.toString()).code], [403, 'local-only']);
    });

    test('set as documented, it passes on each line of a published stream, its acknowledgement and its event as they come', async (t) => {
      await ask(setProxy.port, '/feeds/stream', { method: 'POST', send: 'the first makes it' });
      const seen = readWithEventSource(t, `http://127.0.0.1:${setProxy.port}/feeds/stream?since=start`);
      const headers = { 'Transfer-Encoding': 'chunked' };
      const asking = request({ port: setProxy.port, path: '/feeds/stream?format=lines', method: 'POST', headers, agent: false });
      t.after(() => asking.destroy());
      let acks = '';
      asking.on('response', (response) => response.setEncoding('utf8').on('data', (text) => (acks += text)));
      const tookMs: number[] = [];
      for (let line = 1; line <= 5; line += 1) {
        const before = performance.now();
        asking.write(`line ${line}\n`);
        await eventually('it is acknowledged', () => acks.includes(`"line":${line},`), AT_ONCE_MS);
        tookMs.push(performance.now() - before);
      }
      assert.ok(Math.min(...tookMs) < HELD_BACK_MS, `nothing is held back, but they took ${tookMs} ms`);
      await eventually('all are read', () => seen.lines.length === 6, DEADLINE_MS);
      asking.end();
      await eventually('it is done', () => acks.includes('"done"'), DEADLINE_MS);
    });
  });
}

/** What docs/operations.md says to set, but for the place where it is set and the port. */
function documentedFor(name: string): string {
  const text = readFileSync(join(ROOT, 'docs', 'operations.md'), 'utf8');
  const [, block = ''] = new RegExp(`\`\`\`${name}\n([\\s\\S]*?)\`\`\``).exec(text) ?? [];
  assert.notEqual(block, '');
  return block.replace(/^(?:location.*|\}|defaults| *proxy_pass .*)$/gm, '');
}

function hashOf(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

async function untilZero(count: () => Promise<number>, meanwhile: () => unknown): Promise<void> {
  const deadline = performance.now() + DEADLINE_MS;
  for (let left = await count(); left > 0; left = await count()) {
    assert.ok(performance.now() < deadline, `${left} are left`);
    meanwhile();
    await delay(20);
  }
}
