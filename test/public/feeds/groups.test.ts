import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type FeedEntry, parseEntry } from '../../../public/src/feeds/feed-entry.ts';
import { findNames } from '../../../public/src/feeds/find.ts';
import { firstChoice, groupFeeds, nameInGroup } from '../../../public/src/feeds/groups.ts';

const entry = (name: string, source: string): FeedEntry => parseEntry({ name, source }) as FeedEntry;
const feeds = [
  entry('livefeed/log', 'service'),
  entry('demo/messages', 'generator'),
  entry('deploys', 'publish'),
  entry('web/error.log', 'file'),
  entry('web/access.log', 'file'),
  entry('syslog', 'file'),
  entry('top', 'command'),
];

test('files stand by their folder, then what is published, commands, and what this machine tells', () => {
  const groups = groupFeeds(feeds);
  assert.deepEqual(
    groups.map((group) => [group.title, ...group.feeds.map((feed) => nameInGroup(group, feed))]),
    [
      ['files', 'syslog'],
      ['web', 'access.log', 'error.log'],
      ['published', 'deploys'],
      ['commands', 'top'],
      ['this machine', 'demo/messages', 'livefeed/log'],
    ],
  );
});

test('the first choice is somebody’s file, else something somebody runs, else the demo', () => {
  assert.equal(firstChoice(feeds), 'syslog');
  assert.equal(firstChoice(feeds.filter(({ source }) => source !== 'file')), 'deploys');
  assert.equal(firstChoice([entry('demo/system', 'generator'), entry('demo/messages', 'generator')]), 'demo/messages');
  assert.equal(firstChoice([]), undefined);
});

test('an entry without figures is an entry, anything else is none', () => {
  assert.equal(parseEntry({ name: 'a' })?.rate, null);
  for (const value of [null, undefined, 'a', {}, { name: '' }, { name: 3 }]) assert.equal(parseEntry(value), undefined);
});

test('a few letters find a feed: whole words first, then letters in order', () => {
  const names = ['web/access.log', 'web/error.log', 'accounting.log', 'a/c/c.log'];
  assert.deepEqual(findNames(names, 'acc'), ['web/access.log', 'accounting.log', 'a/c/c.log']);
  assert.deepEqual(findNames(names, 'werr'), ['web/error.log']);
  assert.deepEqual(findNames(names, 'zzz'), []);
  assert.deepEqual(findNames(names, ' '), names);
});
