import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { eventually } from '../../source/eventually.ts';
import { finished, startChild } from '../child.ts';
import { readEventsWithCurl } from '../curl-readers.ts';
import { scratchFolder } from '../scratch.ts';
import { startService } from '../service.ts';
import { feedOf, feedsOf, healthOf, until } from './watched.ts';

const RATE = 20_000;
const SECONDS = 4;

test('20,000 unbuffered appends a second are looked at instead of watched, every line comes once, and what else happens beside is not missed', async (t) => {
  const folder = scratchFolder();
  const busy = join(folder, 'busy.log');
  const rotated = join(folder, 'rotated.log');
  for (const path of [busy, rotated]) writeFileSync(path, '');
  const service = await startService(t, [folder]);
  const [seen, beside] = ['busy.log', 'rotated.log'].map((name) =>
    readEventsWithCurl(t, `${service.url}/feeds/${name}?since=start`),
  );
  assert.ok(seen && beside);
  await eventually('both read', () => seen.of('feed.open').length + beside.of('feed.open').length === 2);
  const watchOf = async (name: string) => (await feedOf(service, name)).watch?.by;

  const program = join(import.meta.dirname, 'unbuffered-writer.mjs');
  const writer = startChild(t, [process.execPath, program, busy, String(RATE), String(SECONDS)], { stdio: 'pipe' });
  await until(
    'it is looked at',
    () => watchOf('busy.log'),
    (by) => by === 'fast look',
  );
  assert.equal((await healthOf(service)).watch.watches, 0, 'no watch is left on the folder');
  writeFileSync(join(folder, 'new.log'), 'one\n');
  mkdirSync(join(folder, 'below'));
  writeFileSync(join(folder, 'below', 'deep.log'), 'one\n');
  appendFileSync(rotated, 'one\n');
  renameSync(rotated, `${rotated}.1`);
  writeFileSync(rotated, 'two\n');
  await until(
    'new files are found without a watch',
    () => feedsOf(service),
    (feeds) => ['new.log', 'deep.log'].every((name) => feeds.some((feed) => feed.name === name)),
  );
  await finished(writer, 'the writer');

  const total = RATE * SECONDS;
  await eventually('all lines are there', () => seen.lines.length >= total, 30_000);
  assert.deepEqual(
    seen.lines.findIndex((line, index) => line !== `line ${index}`),
    -1,
  );
  assert.equal(seen.lines.length, total);
  assert.deepEqual(beside.lines, ['one', 'two']);
  await until(
    'the quiet folder is watched again',
    () => watchOf('busy.log'),
    (by) => by === 'inotify',
  );
  appendFileSync(busy, 'last\n');
  await eventually('and its lines come', () => seen.lines.at(-1) === 'last');
  assert.deepEqual([...seen.of('feed.gap'), ...beside.of('feed.gap')], []);
});
