import assert from 'node:assert/strict';
import { appendFileSync, renameSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { eventually } from '../../source/eventually.ts';
import { readWithEventSource } from '../event-source-readers.ts';
import { scratchFolder } from '../scratch.ts';
import { startService } from '../service.ts';
import { feedOf, until } from './watched.ts';

test('a clock that is set back by an hour delays nothing: unfinished lines, rotations and gone files are told as always', async (t) => {
  const file = join(scratchFolder(), 'a.log');
  writeFileSync(file, 'one\n');
  const service = await startService(t, ['--wait', file], { imports: [join(import.meta.dirname, 'wrong-clock.mjs')] });
  const seen = readWithEventSource(t, `${service.url}/feeds/a.log?since=start`);
  await eventually('the first line comes', () => seen.lines.length === 1);
  const before = Date.parse(String(seen.of('feed.open')[0]?.data.time));

  process.kill(service.pid, 'SIGUSR2');
  appendFileSync(file, 'begun');
  const hourAgo = () => Date.now() / 1_000 - 3_600;
  utimesSync(file, hourAgo(), hourAgo());
  await eventually('the unfinished line shows', () => seen.of('feed.partial').length === 1);
  appendFileSync(file, ', finished\n');
  await eventually('it comes', () => seen.lines.length === 2);
  renameSync(file, `${file}.1`);
  await eventually('the file is told as gone', () => seen.of('feed.gone').length === 1);
  writeFileSync(file, 'three\n');
  utimesSync(file, hourAgo(), hourAgo());
  await eventually('the new file is read', () => seen.lines.length === 3);
  assert.deepEqual(seen.lines, ['one', 'begun, finished', 'three']);
  assert.deepEqual(seen.of('feed.gap'), []);
  const [gone] = seen.of('feed.gone');
  assert.ok(Date.parse(String(gone?.data.time)) < before - 3_000_000, 'the clock of the service was set back indeed');

  const looked = (await feedOf(service, 'a.log')).watch?.lastLookAt;
  await until(
    'it is still looked at',
    () => feedOf(service, 'a.log'),
    ({ watch }) => watch?.lastLookAt !== looked,
  );
});
