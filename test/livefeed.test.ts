import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import express from 'express';
import { createLivefeed, type LivefeedOptions } from '../server/livefeed.ts';
import { ask, serve } from './http/serving.ts';

async function library(context: TestContext, options: LivefeedOptions = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'livefeed-library-'));
  const livefeed = await createLivefeed({ data: join(folder, 'data'), fsync: 'never', logLevel: 'silent', ...options });
  context.after(async () => {
    await livefeed.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return { livefeed, folder };
}

test('what a program publishes is read over HTTP, below the path at which it is mounted', async (context) => {
  const { livefeed } = await library(context);
  const { url } = await serve(context, (app) => app.use('/live', livefeed.handler));
  const feed = livefeed.feed('a/b');
  const { id, time, isRepeat } = await feed.publish('text', { type: 'note' });
  await feed.publish({ n: 1, text: '\ud800' });
  const lines = (await (await fetch(`${url}/live/feeds/a/b?format=ndjson&follow=false`)).text()).trimEnd().split('\n');
  assert.deepEqual(JSON.parse(lines[1] ?? ''), { feed: 'a/b', id, time: time.toISOString(), type: 'note', data: 'text' });
  assert.equal(JSON.parse(lines[2] ?? '').data, '{"n":1,"text":"\\ud800"}');
  assert.equal(isRepeat, false);
});

test('what is read is compressed for those who accept it, where that is not turned off', async (context) => {
  for (const [options, encoding] of [
    [{}, 'gzip'],
    [{ compress: false }, undefined],
  ] as const) {
    const { livefeed } = await library(context, options);
    const { port } = await serve(context, (app) => app.use('/live', livefeed.handler));
    await livefeed.feed('a').publish('text');
    const { headers } = await ask(port, '/live/feeds/a?follow=false', { headers: { 'Accept-Encoding': 'gzip' } });
    assert.equal(headers['content-encoding'], encoding);
  }
});

test('keys and conditions are those of HTTP, and refusals have the same codes', async (context) => {
  const { livefeed } = await library(context);
  const feed = livefeed.feed('a');
  const first = await feed.publish('one', { key: 'k' });
  assert.deepEqual(await feed.publish('one', { key: 'k' }), { ...first, isRepeat: true });
  await assert.rejects(feed.publish('two', { key: 'k' }), { code: 'key-reused' });
  const second = await feed.publish('two', { after: first.id });
  await assert.rejects(feed.publish('three', { after: first.id }), { code: 'not-head', members: { feed: 'a', head: second.id } });
  await assert.rejects(feed.publish('x', { type: 'feed.gap' }), { code: 'bad-event' });
  await assert.rejects(feed.publish('x'.repeat(2 ** 20 + 1)), { code: 'event-too-large' });
  await assert.rejects(feed.publish(undefined), TypeError);
  await assert.rejects(livefeed.feed('livefeed/log').publish('x'), { code: 'not-publishable' });
  assert.throws(() => livefeed.feed('a b'), TypeError);
  assert.equal(await feed.remove(), true);
  assert.equal(await feed.remove(), false);
});

test('a wrong option is named, and a data folder is not shared', async (context) => {
  const { folder } = await library(context);
  await assert.rejects(createLivefeed({ maxFeeds: 0 }), /"maxFeeds".*from 1 to 1000000/);
  await assert.rejects(createLivefeed(JSON.parse('{"dir":"x"}')), /there is no option "dir"/);
  const first = await createLivefeed({ data: join(folder, 'other'), logLevel: 'silent' });
  context.after(() => first.close());
  await first.feed('a').publish('x');
  await assert.rejects(createLivefeed({ data: join(folder, 'other') }), /is in use by another livefeed/);
});

test('when it is closed its readers are let go, and what is asked of it later is refused', async (context) => {
  const { livefeed } = await library(context);
  const app = express();
  app.use(livefeed.handler);
  const { url } = await serve(context, (outer) => outer.use(app));
  await livefeed.feed('a').publish('x');
  const reading = await fetch(`${url}/feeds/a?since=start`, { headers: { Accept: 'text/event-stream' } });
  await livefeed.close();
  assert.match(await reading.text(), /event: feed\.closing\nid: \S+\ndata: \{"reason":"shutdown"/);
  await assert.rejects(livefeed.feed('a').publish('y'));
});
