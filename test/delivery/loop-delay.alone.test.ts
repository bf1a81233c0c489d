import assert from 'node:assert/strict';
import { appendFileSync, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { scratchFolder } from '../e2e/scratch.ts';
import { type Service, startService } from '../e2e/service.ts';
import { eventually } from '../source/eventually.ts';
import { lightReader } from './light-reader.ts';

const READERS = 1_200;
const EVENTS_PER_SECOND = 700;
const APPEND_MS = 10;
const WARM_UP_MS = 1_000;
const MEASURED_MS = 2_000;
const FEED = '/feeds/load.log';
const LINE = `${'x'.repeat(150)}\n`;
/** A beginning connection is measured as well: readers who come while all the others are written to. */
const COMERS = 50;

const PROBE = pathToFileURL(join(import.meta.dirname, 'loop-probe.mjs')).href;
const skip = existsSync('/proc/thread-self/schedstat') ? false : 'what other processes took of the core is read from /proc';

test('at full load, with and without compression, the loop is never held, and new readers get in', { skip }, async (t) => {
  const file = join(scratchFolder(), 'load.log');
  writeFileSync(file, '');
  const service = await startService(t, [file, '--no-demo', '--log-level', 'silent'], { imports: [PROBE] });
  const headersOf = (index: number) => (index % 2 === 0 ? {} : { 'Accept-Encoding': 'gzip' });
  const crowd = await Promise.all(
    Array.from({ length: READERS }, (_, index) => lightReader(service.port, FEED, headersOf(index))),
  );
  const writing = setInterval(() => appendFileSync(file, LINE.repeat((EVENTS_PER_SECOND * APPEND_MS) / 1_000)), APPEND_MS);
  t.after(() => {
    clearInterval(writing);
    for (const reader of crowd) reader.stop();
  });
  await delay(WARM_UP_MS);
  process.kill(service.pid, 'SIGUSR2');
  const before = crowd.map(({ bytes }) => bytes);
  await delay(MEASURED_MS / 2);
  const comers = await Promise.all(Array.from({ length: COMERS }, () => lightReader(service.port, FEED)));
  for (const reader of comers) reader.stop();
  await delay(MEASURED_MS / 2);
  const told = await toldBy(service);
  const taken = crowd.map(({ bytes }, index) => bytes - (before[index] ?? 0));
  const [least, leastCompressed] = [0, 1].map((rest) => Math.min(...taken.filter((_, index) => index % 2 === rest)));
  t.diagnostic(`${JSON.stringify(told)}, every reader got at least ${least} bytes, or ${leastCompressed} compressed`);
  assert.ok(Number(least) > 100 * LINE.length, `everyone was written to while it was measured, at least ${least} bytes`);
  assert.ok(Number(leastCompressed) > 10 * LINE.length, `who takes gzip too, at least ${leastCompressed} bytes`);
  assert.ok(told.p999 <= 10, `p99.9 is ${told.p999} ms`);
  assert.ok(told.max <= 50, `the longest turn is ${told.max} ms`);
});

const SETS = 200;
const BURST_LINES = 1_500;

test('a burst in a feed that 200 sets of feeds read, each with ids of its own, does not hold the loop', { skip }, async (t) => {
  const file = join(scratchFolder(), 'burst.log');
  writeFileSync(file, '');
  const service = await startService(t, [file, '--no-demo', '--log-level', 'silent'], { imports: [PROBE] });
  const paths = Array.from({ length: SETS }, (_, index) => `/events?feed=burst.log&feed=not-yet-${index}*&format=sse`);
  const crowd = await Promise.all(paths.map((path) => lightReader(service.port, path)));
  t.after(() => {
    for (const reader of crowd) reader.stop();
  });
  const write = async (lines: number) => {
    const before = crowd.map(({ bytes }) => bytes);
    appendFileSync(file, LINE.repeat(lines));
    const wanted = lines * LINE.length;
    await eventually('everyone has all of it', () => crowd.every(({ bytes }, index) => bytes - (before[index] ?? 0) >= wanted));
  };
  // What runs for the first time is compiled first.
  for (let part = 0; part < 5; part += 1) await write(BURST_LINES / 20);
  process.kill(service.pid, 'SIGUSR2');
  await write(BURST_LINES);
  const told = await toldBy(service);
  t.diagnostic(JSON.stringify(told));
  assert.ok(told.max <= 50, `the longest turn is ${told.max} ms`);
});

/** How long the turns of the loop were that are measured since the first SIGUSR2. */
async function toldBy(service: Service): Promise<Record<'p999' | 'max', number>> {
  process.kill(service.pid, 'SIGUSR2');
  await eventually('it tells', () => /^loop .*$/m.test(service.output));
  return JSON.parse(/^loop (.*)$/m.exec(service.output)?.[1] ?? '');
}
