import assert from 'node:assert/strict';
import { appendFile, rename, rm, writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { follow, lookUntil, tailing } from './tailing.ts';

const HOUR_MS = 3_600_000;

test('a file that is deleted and made again an hour later goes on in the same stream, told as gone and back', async (context) => {
  const { path, again } = await tailing(context, '');
  let skippedMs = 0;
  const log = again({ now: () => performance.now() + skippedMs });
  const told = await follow(log);
  await appendFile(path, 'before\n');
  await lookUntil(log, () => told.items.includes('before'));
  await rm(path);
  await log.look();
  skippedMs += HOUR_MS;
  await lookUntil(log, () => told.items.includes('feed.gone'));
  await writeFile(path, 'after an hour\n');
  await lookUntil(log, () => told.items.includes('after an hour'));
  assert.deepEqual(told.items, ['before', 'feed.gone', 'feed.back', 'feed.rotated', 'after an hour']);
});

test('late lines to an old file are told for ten minutes behind a rotation, and not any more then', async (context) => {
  const { path, again } = await tailing(context, '');
  let skippedMs = 0;
  const log = again({ now: () => performance.now() + skippedMs });
  const told = await follow(log);
  await appendFile(path, 'old\n');
  await lookUntil(log, () => told.items.includes('old'));
  await rename(path, `${path}.1`);
  await writeFile(path, 'new\n');
  await lookUntil(log, () => told.items.includes('new'));
  skippedMs += 9.5 * 60_000;
  await appendFile(`${path}.1`, 'late\n');
  await lookUntil(log, () => told.items.includes('feed.gap'));
  assert.deepEqual(
    told.notices.filter(({ type }) => type === 'feed.gap').map(({ data }) => [data.reason, data.bytes]),
    [['late', 5]],
  );
  skippedMs += 60_000;
  await appendFile(`${path}.1`, 'too late\n');
  await log.look();
  await appendFile(path, 'newest\n');
  await lookUntil(log, () => told.items.includes('newest'));
  assert.deepEqual(told.items, ['old', 'feed.rotated', 'new', 'feed.gap', 'newest']);
});
