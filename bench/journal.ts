/**
 * How fast a journal takes events, and how fast it starts.
 *
 *     npm run bench:journal [-- --seconds 3 --megabytes 2048]
 *
 * Honest: events are acknowledged before they are counted; `fsync` goes to the folder given by TMPDIR, whose own fsync time is
 * measured in the same run with writes as long as one event; what a start finds was written by the journal itself.
 */
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { NewEvent } from '../server/feed/appending.ts';
import type { Fsync } from '../server/feed/journal/durability.ts';
import { Journals } from '../server/feed/journal/journals.ts';
import { toFeedName } from '../server/feed/name.ts';

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '3' }, megabytes: { type: 'string', default: '2048' } },
});
const SECONDS = Number(values.seconds);
const MEGABYTES = Number(values.megabytes);
const line = Buffer.from(
  '127.0.0.1 - - [23/Nov/2026:14:31:02 +0000] "GET /static/app.js HTTP/1.1" 200 51342 "-" "Mozilla/5.0 (X11; Linux x86_64)"'.padEnd(
    150,
    'x',
  ),
);
const event: NewEvent = { data: line };
const rows: Record<string, string | number>[] = [];

async function inFolder<Result>(work: (folder: string) => Promise<Result>): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), 'livefeed-bench-'));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** How long the disk takes to keep 200 bytes more, ms: the median of so many. */
async function syncMs(folder: string): Promise<number> {
  const file = await open(join(folder, 'probe'), 'w');
  const times: number[] = [];
  for (let round = 0; round < 300; round += 1) {
    const began = performance.now();
    await file.write(line);
    await file.datasync();
    times.push(performance.now() - began);
  }
  await file.close();
  return times.sort((a, b) => a - b)[150] ?? 0;
}

/** Events a second that are acknowledged to `publishers`, each of which waits for its answer before it appends `batch` more. */
async function publish(fsync: Fsync, publishers: number, batch: number): Promise<void> {
  await inFolder(async (folder) => {
    const fsyncMs = await syncMs(folder);
    const journals = await Journals.open(join(folder, 'data'), { fsync });
    const log = journals.create(toFeedName('bench'));
    const events = Array.from({ length: batch }, () => event);
    let taken = 0;
    const warmUntil = performance.now() + 500;
    const until = warmUntil + SECONDS * 1000;
    await Promise.all(
      Array.from({ length: publishers }, async () => {
        while (performance.now() < until) {
          await log.append(events);
          if (performance.now() >= warmUntil) taken += batch;
        }
      }),
    );
    await journals.close();
    rows.push({ fsync, publishers, batch, 'events/s': Math.round(taken / SECONDS), 'fsync ms': Number(fsyncMs.toFixed(3)) });
  });
}

for (const fsync of ['always', 'interval', 'never'] as const)
  for (const publishers of [1, 64]) await publish(fsync, publishers, 1);
for (const fsync of ['always', 'interval'] as const) await publish(fsync, 1, 1_000);
console.table(rows);

/** The time to open a folder, and then to find the head and the last line of a feed in it. */
async function start(dir: string, name: string): Promise<Record<string, string | number>> {
  const began = performance.now();
  const journals = await Journals.open(dir);
  const openedMs = performance.now() - began;
  const log = journals.create(toFeedName(name));
  const { signal } = new AbortController();
  const last = await log.locate({ at: 'last', count: 1 });
  let count = 0;
  for await (const batch of log.read(last.position, { signal })) if (batch.kind === 'events') count += batch.count;
  const result = {
    'open ms': Math.round(openedMs),
    'to the last event ms': Math.round(performance.now() - began),
    events: count,
  };
  await journals.close();
  return result;
}

const starts: Record<string, string | number>[] = [];
await inFolder(async (folder) => {
  const dir = join(folder, 'data');
  const journals = await Journals.open(dir, { fsync: 'never' });
  const name = toFeedName('large');
  await journals.setRetention(name, { maxBytes: 100 * 2 ** 30 });
  const log = journals.create(name);
  const events = Array.from({ length: 4_000 }, () => event);
  while (log.stats.bytes < MEGABYTES * 2 ** 20) await log.append(events);
  await journals.close();
  starts.push({ folder: `one feed of ${MEGABYTES} MiB`, ...(await start(dir, 'large')) });
});
await inFolder(async (folder) => {
  const dir = join(folder, 'data');
  const journals = await Journals.open(dir, { fsync: 'never', maxOpenFiles: 64 });
  for (let at = 0; at < 10_000; at += 100)
    await Promise.all(
      Array.from({ length: 100 }, (_, index) => journals.create(toFeedName(`feed/${at + index}`)).append([event])),
    );
  await journals.close();
  const before = process.memoryUsage().rss;
  starts.push({ folder: '10,000 feeds', ...(await start(dir, 'feed/9999')) });
  const again = await Journals.open(dir);
  for (const name of again.names()) await again.get(name)?.locate({ at: 'last', count: 1 });
  const grown = Math.round((process.memoryUsage().rss - before) / 2 ** 20);
  starts.push({ folder: '10,000 feeds, all looked into', 'grown MiB': grown });
  await again.close();
});
console.table(starts);
console.log(JSON.stringify({ publish: rows, start: starts }));
