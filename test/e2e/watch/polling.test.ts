import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { eventually } from '../../source/eventually.ts';
import { readWithEventSource } from '../event-source-readers.ts';
import { scratchFolder } from '../scratch.ts';
import { startService } from '../service.ts';
import { feedOf, feedsOf, healthOf, until } from './watched.ts';

test('with --poll nothing is watched, and appends, rotations and new files are found all the same', async (t) => {
  const folder = scratchFolder();
  const file = join(folder, 'a.log');
  writeFileSync(file, 'one\n');
  const service = await startService(t, ['--poll', folder]);
  const { watch } = await healthOf(service);
  assert.deepEqual(watch, { mode: 'polling', folders: 1, watches: 0, limit: watch.limit, polled: 1, why: 'asked for (--poll)' });
  const { by, why } = (await feedOf(service, 'a.log')).watch ?? {};
  assert.deepEqual([by, why], ['polling', 'asked for (--poll)']);

  const seen = readWithEventSource(t, `${service.url}/feeds/a.log?since=start`);
  await eventually('the first line comes', () => seen.lines.length === 1);
  appendFileSync(file, 'two\n');
  await eventually('the second comes', () => seen.lines.length === 2);
  renameSync(file, `${file}.1`);
  appendFileSync(`${file}.1`, 'three\n');
  writeFileSync(file, 'four\n');
  await eventually('those around a rotation come', () => seen.lines.length === 4);
  assert.deepEqual(seen.lines, ['one', 'two', 'three', 'four']);
  assert.deepEqual(seen.of('feed.gap'), []);

  mkdirSync(join(folder, 'below'));
  writeFileSync(join(folder, 'below', 'new.log'), 'one\n');
  await until(
    'a file in a new folder is found',
    () => feedsOf(service),
    (feeds) => feeds.some(({ name }) => name === 'new.log'),
  );
});
