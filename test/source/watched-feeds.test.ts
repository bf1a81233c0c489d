import assert from 'node:assert/strict';
import { mkdirSync, renameSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { FeedListing } from '../../server/feed/feed-listing.ts';
import { MemoryLog } from '../../server/feed/memory-log.ts';
import { discovering, temporaryFolder } from './discovering.ts';
import { eventually } from './eventually.ts';

const HOUR_MS = 3_600_000;

test('a found feed whose file has been gone for an hour goes; one that is named or read stays, and a new file makes it anew', async (context) => {
  const folder = await temporaryFolder(context);
  const named = join(await temporaryFolder(context), 'named.log');
  const files = ['found.log', 'read.log'].map((name) => join(folder, name));
  for (const path of [...files, named]) writeFileSync(path, 'one\n');
  let nowMs = 0;
  const { start, registry, names } = discovering(context, { now: () => nowMs, tidyMs: 20 });
  await start(folder, named);
  const read = registry.get('read.log');
  assert.ok(read);
  read.readers += 1;
  for (const path of [...files, named]) unlinkSync(path);
  const isMissed = (name: string) => registry.get(name)?.watch?.why === 'is not there';
  await eventually('all are missed', () => ['found.log', 'read.log', 'named.log'].every(isMissed));
  nowMs = HOUR_MS - 1;
  await new Promise((resolve) => setTimeout(resolve, 100));
  assert.deepEqual(names(), ['found.log', 'named.log', 'read.log']);
  nowMs = HOUR_MS;
  await eventually('it goes', () => !names().includes('found.log'));
  assert.deepEqual(names(), ['named.log', 'read.log']);
  read.readers -= 1;
  await eventually('the other goes when nobody reads it', () => !names().includes('read.log'));
  for (const path of [...files, named]) writeFileSync(path, 'two\n');
  await eventually('they are feeds again', () => names().join() === 'found.log,named.log,read.log');
  await eventually('the named one has its file', () => registry.get('named.log')?.watch?.why === undefined);
});

test('a named file that is made again after an hour is the same feed, and its reader goes on', async (context) => {
  const file = join(await temporaryFolder(context), 'a.log');
  writeFileSync(file, 'one\n');
  let nowMs = 0;
  const { start, registry } = discovering(context, { now: () => nowMs, tidyMs: 20 });
  await start(file);
  const feed = registry.get('a.log');
  assert.ok(feed);
  const told: string[] = [];
  await feed.log.follow({
    batch: (batch) => {
      told.push(batch.kind === 'notice' ? batch.type : batch.bytes.toString('utf8', batch.starts[0], batch.ends[0]));
    },
    partial: () => undefined,
  });
  unlinkSync(file);
  await eventually('it is missed', () => told.includes('feed.gone'));
  nowMs = 2 * HOUR_MS;
  await new Promise((resolve) => setTimeout(resolve, 100));
  assert.equal(registry.get('a.log'), feed);
  writeFileSync(file, 'two\n');
  await eventually('its line comes', () => told.includes('two'));
  assert.deepEqual(told, ['feed.gone', 'feed.back', 'feed.rotated', 'two']);
});

test('the folders of what a link points to are watched as long as it points there', async (context) => {
  const folder = await temporaryFolder(context);
  for (const name of ['links', 'first', 'second', 'third']) mkdirSync(join(folder, name));
  for (const name of ['first', 'second']) writeFileSync(join(folder, name, 'a.log'), `${name}\n`);
  const link = join(folder, 'links', 'a.log');
  symlinkSync(join(folder, 'first', 'a.log'), link);
  const { start, discovery, registry } = discovering(context);
  await start(link);
  assert.equal((await discovery.watchFigures()).folders, 2);
  // From one link to the next: the middle one's folder is watched too.
  symlinkSync(join(folder, 'second', 'a.log'), join(folder, 'third', 'a.log'));
  symlinkSync(join(folder, 'third', 'a.log'), `${link}~`);
  renameSync(`${link}~`, link);
  let folders = 0;
  await eventually('the new folders are watched, the old is not', () => {
    void discovery.watchFigures().then((figures) => (folders = figures.folders));
    return folders === 3;
  });
  writeFileSync(join(folder, 'second', 'a.log'), 'longer than before\n');
  await eventually('and a write there is seen', () => registry.get('a.log')?.log.stats.bytes === 19);
});

test('the list of feeds says how, when and how far each is watched, and tells no change while nothing happens', async (context) => {
  const folder = await temporaryFolder(context);
  const file = join(folder, 'a.log');
  writeFileSync(file, 'one\n');
  const { start, registry } = discovering(context);
  await start(folder);
  const own = new MemoryLog();
  const listing = new FeedListing(registry, own);
  context.after(() => listing.close());
  const figures = () => listing.all()[0]?.watch;
  const first = figures();
  assert.deepEqual({ ...first, lastLookAt: '' }, { by: 'inotify', lastLookAt: '', lagBytes: null, generation: 1 });
  assert.ok(Math.abs(Date.parse(first?.lastLookAt ?? '') - Date.now()) < 30_000);

  const following = await registry.get('a.log')?.log.follow({ batch: () => undefined, partial: () => undefined });
  await eventually('who follows is not behind', () => figures()?.lagBytes === 0);
  renameSync(file, `${file}.1`);
  writeFileSync(file, 'two\n');
  await eventually('the second file is the second generation', () => figures()?.generation === 2);
  await eventually('it is read', () => figures()?.lagBytes === 0);
  let nowMs = 0;
  const look = () => {
    nowMs += 1_000;
    return listing.look(nowMs);
  };
  await eventually('the list has settled', () => look() === null && nowMs > 10_000);
  const before = figures()?.lastLookAt;
  await eventually('it is looked at every second', () => figures()?.lastLookAt !== before);
  assert.equal(look(), null);
  following?.stop();
});
