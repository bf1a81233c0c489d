/** Several feeds on one connection, of the real command, read with what people read with: across kills, and while feeds come and go. */
import assert from 'node:assert/strict';
import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { eventually } from '../source/eventually.ts';
import { EVENT_SOURCES, readWithEventSource, readWithEventSourceClient } from './event-source-readers.ts';
import { scratchFolder } from './scratch.ts';
import type { Seen } from './seen.ts';
import { startService } from './service.ts';

const KILLS = 2;
const ROUND = 150;
/** For hangs: a client waits up to 2.5 s, several times where the service is not up again yet. */
const DEADLINE_MS = 30_000;

interface Envelope {
  readonly feed: string;
  readonly data: string;
}

const envelopesOf = (seen: Seen): Envelope[] => seen.lines.flatMap((data) => data.split('\n').map((line) => JSON.parse(line)));
const dataOf = (seen: Seen, feed: string): string[] =>
  envelopesOf(seen)
    .filter((envelope) => envelope.feed === feed)
    .map(({ data }) => data);
const numbers = (count: number): string[] => Array.from({ length: count }, (_, number) => `${number}`);

test('a file, a published feed and a command on one connection: after kill -9 each goes on where it was, or says that it cannot', async (t) => {
  const folder = scratchFolder();
  const file = join(folder, 'app.log');
  writeFileSync(file, '');
  const command = "web/command=printf 'one\\ntwo\\n'; exec sleep 1000";
  const service = await startService(t, [`web/file=${file}`, '--exec', command, '--data', join(folder, 'data')]);
  let published = 0;
  let written = 0;
  const write = () => appendFileSync(file, `${written++}\n`);
  const publish = async () => {
    const options = { method: 'POST', body: `${published}`, headers: { 'Idempotency-Key': `k${published}` } };
    const answer = await fetch(`${service.url}/feeds/web/published`, options).catch(() => undefined);
    if (answer?.status === 201) published += 1;
  };
  await publish();
  write();

  const url = `${service.url}/events?feed=web/*&since=start`;
  const readers = EVENT_SOURCES.map((read) => read(t, url));
  readers.push(readWithEventSourceClient(t, `${url}&batch=25`));
  const filtered = readWithEventSource(t, `${url}&match=7`);
  const isUpToDate = (seen: Seen) =>
    dataOf(seen, 'web/file').length >= written && dataOf(seen, 'web/published').length >= published;
  await eventually('all have begun', () => readers.every(isUpToDate), DEADLINE_MS);

  for (let kill = 0; kill < KILLS; kill += 1) {
    for (let event = 0; event < ROUND; event += 1) {
      write();
      if (event % 5 === 0) await publish();
    }
    await service.kill('SIGKILL');
    write();
    await service.start();
    await publish();
    const opened = (seen: Seen) => seen.of('feed.open').length > kill + 1;
    await eventually('all are back', () => readers.every((seen) => opened(seen) && isUpToDate(seen)), DEADLINE_MS);
  }
  for (const seen of readers) {
    assert.deepEqual(dataOf(seen, 'web/file'), numbers(written), seen.who);
    assert.deepEqual(dataOf(seen, 'web/published'), numbers(published), seen.who);
    const gaps = seen.of('feed.gap').map(({ data }) => data.feed);
    assert.deepEqual(gaps, Array(KILLS).fill('web/command'), `${seen.who}: only what was in memory is gone`);
    assert.ok(seen.of('feed.open').every(({ id }) => /^v[A-Za-z0-9._~-]{10,}$/.test(id)));
  }
  const shown = numbers(written).filter((number) => number.includes('7'));
  await eventually('who filters has all', () => dataOf(filtered, 'web/file').length >= shown.length, DEADLINE_MS);
  assert.deepEqual(dataOf(filtered, 'web/file'), shown);
  assert.deepEqual(
    dataOf(filtered, 'web/published'),
    numbers(published).filter((number) => number.includes('7')),
  );

  await fetch(`${service.url}/feeds/web/new`, { method: 'POST', body: 'hello' });
  await eventually('the new feed is read', () => readers.every((seen) => dataOf(seen, 'web/new').length === 1));
  await fetch(`${service.url}/feeds/web/new`, { method: 'DELETE' });
  await eventually('its end is told', () => readers.every((seen) => seen.of('feed.removed').length === 1));
  write();
  await eventually('the others go on', () => readers.every(isUpToDate));
  for (const seen of readers) {
    assert.deepEqual(dataOf(seen, 'web/new'), ['hello'], seen.who);
    assert.deepEqual(
      seen.of('feed.added').map(({ data }) => data.feed),
      ['web/new'],
    );
    assert.equal(seen.of('feed.closing').length, 0);
  }
});

test('a page changes the feeds of its connection without a new one, and does so again when it has come back', async (t) => {
  const service = await startService(t, ['--no-demo', '--data', join(scratchFolder(), 'data')]);
  const publish = async (body: string) => {
    for (const feed of ['a', 'b', 'c']) await fetch(`${service.url}/feeds/${feed}`, { method: 'POST', body });
  };
  await publish('0');
  const seen = readWithEventSource(t, `${service.url}/events?feed=a&feed=b`);
  const opened = (count: number) => eventually('it is open', () => seen.of('feed.open').length === count, DEADLINE_MS);
  const came = async (lines: string[]) => {
    await eventually(`${lines} have come`, () => seen.lines.length >= lines.length);
    assert.deepEqual(
      envelopesOf(seen)
        .map(({ feed, data }) => `${feed} ${data}`)
        .slice(-lines.length)
        .sort(),
      lines,
    );
    seen.lines.length = 0;
  };
  const change = async () => {
    const connection = seen.of('feed.open').at(-1)?.data.connection;
    const answer = await fetch(`${service.url}/connections/${connection}`, {
      method: 'PATCH',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ feeds: ['b', 'c'] }),
    });
    assert.deepEqual(await answer.json(), { connection, feeds: ['b', 'c'], skipped: [] });
  };
  await opened(1);
  await change();
  await opened(2);
  await publish('1');
  await came(['b 1', 'c 1']);

  assert.equal(await service.stop(), 0);
  await service.start();
  await opened(3);
  // It comes back to the address that it has: the feeds are those again, and its id does not name the one that it had left.
  await came(['a 0', 'a 1']);
  await publish('2');
  await came(['a 2', 'b 2']);
  await change();
  await opened(4);
  await publish('3');
  await came(['b 3', 'c 3']);
  assert.deepEqual(seen.of('feed.gap'), []);
});
