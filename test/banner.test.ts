import assert from 'node:assert/strict';
import { test } from 'node:test';
import { banner } from '../server/banner.ts';

const URL_HERE = 'http://127.0.0.1:4000';
const feeds = Array.from({ length: 12 }, (_, index) => ({ name: `f${index}`, source: 'file', detail: `/logs/f${index}` }));
const plain = { env: {}, terminal: false };

test('at most ten feeds are named, and the rest counted', () => {
  const text = banner({ url: URL_HERE, feeds, skipped: [] }, plain);
  assert.match(text, /^12 feeds\n {2}f0 {2}\/logs\/f0\n/m);
  assert.match(text, / {2}f9 {2}\/logs\/f9\n {2}and 2 more\n/);
  assert.doesNotMatch(text, /skipped/);
});

test('skipped files are told with the reason', () => {
  const text = banner({ url: URL_HERE, feeds: [], skipped: [{ path: '/logs/x.gz', reason: 'is compressed' }] }, plain);
  assert.match(text, /^No feeds yet$/m);
  assert.match(text, /^1 file skipped\n {2}\/logs\/x\.gz {2}is compressed$/m);
});

test('the ssh line comes only in an SSH session', () => {
  assert.doesNotMatch(banner({ url: URL_HERE, feeds, skipped: [] }, plain), /ssh/);
  const session = { env: { SSH_CONNECTION: '192.0.2.7 50000 192.0.2.1 22' }, terminal: false };
  assert.match(banner({ url: URL_HERE, feeds, skipped: [] }, session), /ssh -L 4000:127\.0\.0\.1:4000 \S*192\.0\.2\.1\n/);
  assert.match(banner({ url: 'http://[::1]:4000', feeds, skipped: [] }, session), /ssh -L 4000:\[::1\]:4000 /);
  assert.doesNotMatch(banner({ url: URL_HERE, feeds, skipped: [] }, { env: { SSH_CONNECTION: 'x' }, terminal: false }), /ssh/);
});

test('colours are for terminals whose user wants them', () => {
  const started = { url: URL_HERE, feeds, skipped: [] };
  assert.ok(banner(started, { env: {}, terminal: true }).includes('\u001B[36mhttp'));
  assert.ok(!banner(started, { env: { NO_COLOR: '1' }, terminal: true }).includes('\u001B'));
  assert.ok(banner(started, { env: { NO_COLOR: '' }, terminal: true }).includes('\u001B'));
});

test('the name of a file cannot command the terminal', () => {
  const evil = '/logs/\u001B]0;owned\u0007\u202Egnp.log\n';
  const text = banner(
    { url: URL_HERE, feeds: [{ name: 'x', source: 'file', detail: evil }], skipped: [{ path: evil, reason: evil }] },
    plain,
  );
  for (const control of ['\u001B', '\u0007', '\u202E']) assert.ok(!text.includes(control));
  assert.match(text, /\/logs\/\uFFFD\]0;owned\uFFFD\uFFFDgnp\.log\uFFFD/);
});
