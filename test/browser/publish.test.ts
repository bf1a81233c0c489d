/** A page of our own origin publishes, and Chromium's EventSource reads what it did. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { post, publishingServer } from '../http/publishing.ts';
import { ask } from '../http/serving.ts';
import { launchBrowser } from './browser.ts';

const TEXTS = [
  '',
  ' a ',
  'a\r\nb\rc\n\n',
  'id: 1\n\ndata: forged',
  '\0nul',
  '\ufeffmark',
  '😀 é \u2028 \ud800',
  ': comment',
  'x'.repeat(300_000),
];

test('what a page publishes is what a page reads, also after the connection was cut', { timeout: 60_000 }, async (context) => {
  const { url, port, server } = await publishingServer(context);
  await post(`${url}/feeds/a?type=first`, 'before');
  const browser = await launchBrowser();
  context.after(() => browser.close());
  const page = await browser.newPage({ locale: 'en-US' });
  await page.goto(`${url}/feeds/a?follow=false`);
  const statuses = await page.evaluate(`(async (texts) => {
    globalThis.read = [];
    const source = new EventSource('/feeds/a?since=start');
    for (const type of ['first', 'note']) source.addEventListener(type, ({ data }) => read.push(data));
    const statuses = [];
    for (const body of texts) statuses.push((await fetch('/feeds/a?type=note', { method: 'POST', body })).status);
    return statuses;
  })(${JSON.stringify(TEXTS)})`);
  assert.deepEqual(
    statuses,
    TEXTS.map(() => 201),
  );
  await page.waitForFunction(`read.length === ${TEXTS.length + 1}`);
  server.closeAllConnections();
  assert.equal((await ask(port, '/feeds/a?type=note', { method: 'POST', send: 'after' })).status, 201);
  await page.waitForFunction(`read.length === ${TEXTS.length + 2}`);
  const expected = TEXTS.map((text) => text.toWellFormed().replace(/\r\n?/g, '\n'));
  assert.deepEqual(await page.evaluate('read'), ['before', ...expected, 'after']);
});
