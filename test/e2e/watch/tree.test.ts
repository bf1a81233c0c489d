import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { FeedEntry } from '../../../server/feed/feed-entry.ts';
import { eachBounded } from '../../../server/source/each-bounded.ts';
import { eventually } from '../../source/eventually.ts';
import { readWithEventSource } from '../event-source-readers.ts';
import { scratchFolder } from '../scratch.ts';
import { type Service, startService } from '../service.ts';
import { feedsOf, healthOf, linesOf, until } from './watched.ts';

const FILES = 5_000;
const FOLDERS = 100;
/** livefeed/log and livefeed/feeds. */
const OWN_FEEDS = 2;

test('5,000 files that are made in a tree in a second all become feeds with all their bytes; every tenth is read from its first line', async (t) => {
  const root = scratchFolder();
  const service = await startService(t, [root]);
  for (let index = 0; index < FILES; index += 1) {
    const folder = join(root, `${index % 10}`, `folder${index % FOLDERS}`);
    if (index < FOLDERS) mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, `file${index}x.log`), `first of ${index}\n`);
  }
  const count = async () => (await healthOf(service)).feeds;
  await until('all are feeds', count, (feeds) => feeds === FILES + OWN_FEEDS, 40_000);
  const numberOf = ({ detail }: FeedEntry) => Number(/file(\d+)x\.log$/.exec(detail ?? '')?.[1]);
  const fileFeeds = async () => (await feedsOf(service)).filter(({ source }) => source === 'file');
  await until(
    'all have their bytes',
    async () => (await fileFeeds()).filter((feed) => feed.bytes !== `first of ${numberOf(feed)}\n`.length),
    (wrong) => wrong.length === 0,
  );
  const feeds = await fileFeeds();
  assert.equal(new Set(feeds.map(numberOf)).size, FILES);
  await eachBounded(
    feeds.filter((feed) => numberOf(feed) % 10 === 0),
    16,
    async (feed) => assert.deepEqual(await linesOf(service, feed.name), [`first of ${numberOf(feed)}`]),
  );
});

test('of 1,000 feeds that nobody reads no file is open; of one that is read, one', {
  skip: process.platform === 'linux' ? false : 'NOT TESTED: there is no /proc that shows what is open',
}, async (t) => {
  const folder = scratchFolder();
  for (let index = 0; index < 1_000; index += 1) writeFileSync(join(folder, `file${index}x.log`), 'one\n');
  const service = await startService(t, [folder]);
  assert.equal((await feedsOf(service)).filter(({ source }) => source === 'file').length, 1_000);
  assert.deepEqual(openBelow(service, folder), []);
  const seen = readWithEventSource(t, `${service.url}/feeds/file7x.log?since=start`);
  await eventually('the line comes', () => seen.lines.length === 1);
  assert.deepEqual(openBelow(service, folder), [join(folder, 'file7x.log')]);
});

function openBelow({ pid }: Service, folder: string): string[] {
  const targets = readdirSync(`/proc/${pid}/fd`).map((fd) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${fd}`);
    } catch {
      return '';
    }
  });
  return targets.filter((target) => target.startsWith(folder));
}
