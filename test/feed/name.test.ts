import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseFeedName, toFeedName } from '../../server/feed/name.ts';

test('a feed name is segments of safe characters joined by slashes', () => {
  for (const good of ['a', 'web/access.log', 'A-Z_0.9', 'x'.repeat(200)]) assert.equal(parseFeedName(good), good);
  for (const bad of ['', '/', 'a/', '/a', 'a//b', '.', '..', 'a/../b', 'a b', 'é', 'a\nb', 'x'.repeat(201)])
    assert.equal(parseFeedName(bad), undefined, JSON.stringify(bad));
});

test('any path becomes a feed name', () => {
  for (const path of ['/var/log/a b.log', '../../etc/passwd', '', '///', 'ü/é\n', `${'x'.repeat(300)}/y`, '.', 'a/./b'])
    assert.equal(parseFeedName(toFeedName(path)), toFeedName(path), JSON.stringify(path));
});
