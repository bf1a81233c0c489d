import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { type Service, startService } from '../e2e/service.ts';
import { eventually } from '../source/eventually.ts';
import { type LightReader, lightReader } from './light-reader.ts';

const FIRST = 200;
const READERS = 1_500;
const KIB = 1024;
/** Node's own part is 4.5 KiB: the socket, its parser, request and response. */
const MOST_KIB_A_READER = 14;
const MOST_KIB_LEFT_BEHIND = 0.7;
const GONE_DEADLINE_MS = 20_000;
const FEED = '/feeds/livefeed/feeds';
const PROBE = pathToFileURL(join(import.meta.dirname, 'heap-probe.mjs')).href;

test('an idle reader holds little of the heap, and nothing when it has left', async (t) => {
  const service = await startService(t, ['--no-demo', '--log-level', 'silent'], { imports: [PROBE] });
  // What the first bring is there for all.
  const first = await crowd(service.port, FIRST);
  await leave(service, await crowd(service.port, READERS), FIRST);
  const before = await heapOf(service);
  const many = await crowd(service.port, READERS);
  const held = (await heapOf(service)) - before;
  await leave(service, many, FIRST);
  const left = (await heapOf(service)) - before;
  await leave(service, first, 0);
  const [heldEach, leftEach] = [held / KIB / READERS, left / KIB / READERS];
  t.diagnostic(`a reader holds ${heldEach.toFixed(1)} KiB, and leaves ${leftEach.toFixed(2)} KiB`);
  assert.ok(heldEach <= MOST_KIB_A_READER, `a reader holds ${heldEach.toFixed(1)} KiB`);
  assert.ok(leftEach <= MOST_KIB_LEFT_BEHIND, `a reader leaves ${leftEach.toFixed(2)} KiB behind`);
});

async function crowd(port: number, count: number): Promise<LightReader[]> {
  const headersOf = (index: number) => (index % 2 === 0 ? {} : { 'Accept-Encoding': 'gzip' });
  return await Promise.all(Array.from({ length: count }, (_, index) => lightReader(port, FEED, headersOf(index))));
}

async function leave(service: Service, readers: readonly LightReader[], left: number): Promise<void> {
  for (const reader of readers) reader.stop();
  const deadline = performance.now() + GONE_DEADLINE_MS;
  while ((await readersOf(service)) !== left) {
    assert.ok(performance.now() < deadline, `within ${GONE_DEADLINE_MS} ms all but ${left} readers are gone`);
    await delay(20);
  }
}

async function readersOf({ url }: Service): Promise<number> {
  const health = (await (await fetch(`${url}/healthz`)).json()) as { readers: number };
  return health.readers;
}

async function heapOf(service: Service): Promise<number> {
  const told = () => [...service.output.matchAll(/^heap (\d+)$/gm)].map(([, bytes]) => Number(bytes));
  const before = told().length;
  process.kill(service.pid, 'SIGUSR2');
  await eventually('it tells', () => told().length > before);
  return told().at(-1) ?? Number.NaN;
}
