import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isRotatedSibling } from '../../../server/feed/file/rotated-name.ts';

const live = new Set(['access.log', 'app.log', 'app.json', 'syslog', 'messages']);

test('a number or date behind the name marks an older part', () => {
  for (const name of [
    'access.log.1',
    'access.log.12',
    'access.log-20261122',
    'access.log-2026112213',
    'access.log.2026-11-22',
    'access.log_2026_11_22',
    'access.log.2026-11-22.1',
    'access.log-20261122-1795305600',
    'access.log.2026-11-22T10-30-00.123',
    'syslog.1',
    'syslog-20261122',
    'messages-20261122',
  ])
    assert.equal(isRotatedSibling(name, live), true, name);
});

test('a number or date before the extension marks an older part', () => {
  for (const name of [
    'access-2026-11-22.log',
    'access_20261122.log',
    'app.1.log',
    'app-1.log',
    'app.2026-11-22.3.json',
    'app-2026-11-22T10-30-00.000.log',
    'app-2026-11-22T10:30:00Z.log',
  ])
    assert.equal(isRotatedSibling(name, live), true, name);
});

test('a compressed file is never a feed, with or without its live file', () => {
  for (const name of ['access.log.2.gz', 'access.log.gz', 'other.log.3.xz', 'other-20261122.zst', 'x.bz2', 'x.zip'])
    assert.equal(isRotatedSibling(name, live), true, name);
});

test('without the live file beside it, a numbered file is a feed of its own', () => {
  for (const name of ['other.log.1', 'other-2026-11-22.log', 'error.1.log', 'syslog2.1', '2026-11-22.log', '1', 'access.1'])
    assert.equal(isRotatedSibling(name, live), false, name);
});

test('other names that begin alike are feeds of their own', () => {
  for (const name of [
    'access.log',
    'access-ssl.log',
    'access.log.old.txt',
    'app2.log',
    'app-v2.log',
    'syslog.conf',
    'app.log.1a',
    '',
  ])
    assert.equal(isRotatedSibling(name, live), false, name);
});

test('a hostile name is judged at once', () => {
  const name = `a${'-1.1'.repeat(1_000)}x`;
  const before = performance.now();
  assert.equal(isRotatedSibling(name, live), false);
  assert.ok(performance.now() - before < 1_000);
});
