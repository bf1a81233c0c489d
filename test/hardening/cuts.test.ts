/** Thousands of clients that leave in the middle of something: what the service holds is what it held before. */
import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { get } from '../delivery/feed-server.ts';
import { scratchFolder } from '../e2e/scratch.ts';
import { type Service, startService } from '../e2e/service.ts';
import { ask } from '../http/serving.ts';
import { eventually } from '../source/eventually.ts';

/** 10,000 in long runs (`npm run soak`). */
const CUTS = Number(process.env.LIVEFEED_CUTS ?? 3_000);
/** Brings what the first bring for all: code, caches, pools. */
const WARM_UP = 2_000;
const AT_A_TIME = 100;
/** Buffers of pools, and what the service writes meanwhile; one object left by one of the kinds of requests would be 385. */
const MOST_OBJECTS_LEFT = 200;
/** For half of them together: most of it is code that has been compiled by then. */
const MOST_BYTES_LEFT = 2 * 1024 * 1024;
const GONE_DEADLINE_MS = 20_000;
const LIMIT = { timeout: 120_000 };
const SSE = { Accept: 'text/event-stream' };
const GZIP = { 'Accept-Encoding': 'gzip' };
const PROBE = pathToFileURL(join(import.meta.dirname, '..', 'delivery', 'heap-probe.mjs')).href;

/** What is asked, and how much of it is sent before the client leaves. */
const REQUESTS: readonly string[] = [
  get('/feeds/app.log', SSE),
  get('/feeds/app.log?last=20'),
  get('/feeds/app.log?match=line&level=warn', SSE),
  get('/feeds/app.log?since=start&batch=50&beat=1s', { ...SSE, ...GZIP }),
  get('/feeds/kept?follow=false', GZIP),
  get('/events?feed=*.log&feed=kept', { ...SSE, ...GZIP }),
  get('/live_messages'),
  get('/download/file/large.bin'),
  get('/feeds'),
  get('/healthz'),
  `${get('/feeds/kept', { 'Content-Length': '20' }, 'POST')}half of`,
  `${get('/feeds/kept?format=lines', { 'Transfer-Encoding': 'chunked' }, 'POST')}9\r\na line\nha\r\n`,
  get('/feeds/kept', SSE).repeat(3),
];

/** How it leaves; by then the whole of the request has been sent, or half of its head, or nothing. */
const WAYS: readonly ((socket: Socket) => void)[] = [
  (socket) => socket.destroy(),
  (socket) => socket.resetAndDestroy(),
  (socket) => socket.end(),
];
type Moment = 'connected' | 'half a head' | 'asked' | 'answered';
const MOMENTS: readonly Moment[] = ['connected', 'half a head', 'asked', 'answered', 'answered'];

interface Held {
  readonly heap: number;
  /** Of each kind. */
  readonly handles: Readonly<Record<string, number>>;
  readonly listeners: number;
  /** Of every kind that JavaScript knows. */
  readonly objects: number;
}

async function cut(port: number, index: number): Promise<void> {
  const request = REQUESTS[index % REQUESTS.length] ?? '';
  const moment = MOMENTS[Math.floor(index / REQUESTS.length) % MOMENTS.length] ?? 'asked';
  const leave = WAYS[index % WAYS.length];
  const isHalf = index % 2 === 1;
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: isHalf });
  socket.on('error', () => undefined);
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  const answered = new Promise<void>((resolve) => socket.once('data', () => resolve()).once('close', () => resolve()));
  // Who half-closes ends when the service does.
  socket.once('end', () => socket.destroy());
  await new Promise<void>((resolve) => socket.once('connect', resolve).once('close', () => resolve()));
  if (moment === 'half a head') socket.write(request.slice(0, 20));
  if (moment === 'asked' || moment === 'answered') socket.write(request);
  if (moment === 'answered' && !request.startsWith('POST')) await answered;
  leave?.(socket);
  await closed;
}

async function cutMany(port: number, count: number): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < count) {
      next += 1;
      await cut(port, next);
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, worker));
}

async function heldBy(service: Service): Promise<Held> {
  const deadline = performance.now() + GONE_DEADLINE_MS;
  for (let connections = 0; connections !== 1; await delay(20)) {
    connections = JSON.parse((await ask(service.port, '/healthz')).body.toString()).connections;
    assert.ok(performance.now() < deadline, `still ${connections} connections, not only the one that asks`);
  }
  for (;;) {
    const held = await told(service);
    // What the file system is asked now and then is under way at one moment and not at another.
    if (!Object.keys(held.handles).some((kind) => kind.startsWith('FSReq'))) return held;
    assert.ok(performance.now() < deadline, `still under way: ${JSON.stringify(held.handles)}`);
  }
}

async function told(service: Service): Promise<Held> {
  const all = () => [...service.output.matchAll(/^holds (.*)$/gm)].map(([, json]) => JSON.parse(json ?? '') as Held);
  const before = all().length;
  process.kill(service.pid, 'SIGUSR2');
  await eventually('it tells', () => all().length > before, GONE_DEADLINE_MS);
  const held = all().at(-1);
  assert.ok(held !== undefined);
  return held;
}

async function started(t: TestContext): Promise<{ service: Service; write: () => void }> {
  const folder = scratchFolder();
  mkdirSync(join(folder, 'files'));
  writeFileSync(join(folder, 'files', 'large.bin'), Buffer.alloc(300_000));
  const file = join(folder, 'app.log');
  writeFileSync(file, 'line\n'.repeat(100));
  const args = [file, '--files', join(folder, 'files'), '--data', join(folder, 'data'), '--fsync', 'never'];
  const service = await startService(t, [...args, '--log-level', 'silent'], { imports: [PROBE] });
  assert.equal((await ask(service.port, '/feeds/kept', { method: 'POST', send: 'an event' })).status, 201);
  return { service, write: () => appendFileSync(file, 'line\n') };
}

test(
  `${CUTS} clients that come and are cut at any moment leave no handle, no listener and no memory behind`,
  LIMIT,
  async (t) => {
    const { service, write } = await started(t);
    const writing = setInterval(write, 20);
    t.after(() => clearInterval(writing));
    await cutMany(service.port, WARM_UP);
    const before = await heldBy(service);
    const begunAt = performance.now();
    await cutMany(service.port, CUTS / 2);
    const between = await heldBy(service);
    await cutMany(service.port, CUTS / 2);
    const after = await heldBy(service);
    clearInterval(writing);
    // What was loaded on the way is there once; what each client leaves is there in both halves.
    const leftOf = (what: 'objects' | 'heap') => Math.min(between[what] - before[what], after[what] - between[what]);
    const [objects, bytes] = [leftOf('objects'), leftOf('heap')];
    t.diagnostic(
      `${CUTS} took ${(performance.now() - begunAt).toFixed(0)} ms; half of them left ${objects} objects, ${bytes} bytes`,
    );
    assert.deepEqual(after.handles, before.handles);
    assert.equal(after.listeners, before.listeners);
    assert.ok(objects <= MOST_OBJECTS_LEFT, `${objects} objects are left`);
    assert.ok(bytes <= MOST_BYTES_LEFT, `${bytes} bytes are left`);
  },
);
