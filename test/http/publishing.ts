import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import express from 'express';
import { Delivery } from '../../server/delivery/delivery.ts';
import { FilterViews } from '../../server/feed/filter/filter-views.ts';
import { Journals, type JournalsOptions } from '../../server/feed/journal/journals.ts';
import { Registry } from '../../server/feed/registry.ts';
import { answerProblem } from '../../server/http/answer-problem.ts';
import { beforeExpress } from '../../server/http/before-express.ts';
import { feedRoute, reading } from '../../server/http/feeds.ts';
import { gate, guard } from '../../server/http/guard.ts';
import { closeServer, listen, urlOf } from '../../server/http/listen.ts';
import { feedMethods, publishing, publishRoute } from '../../server/http/publish.ts';
import { removalRoute } from '../../server/http/publish-removal.ts';
import { retentionRoute } from '../../server/http/publish-retention.ts';
import { Publisher } from '../../server/source/publish.ts';

export interface PublishingOptions extends JournalsOptions {
  readonly maxFeeds?: number;
  readonly idleMs?: number;
  readonly windowBytes?: number;
  /** Hidden events are told this long after the first of them, ms. */
  readonly hiddenMs?: number;
}

/** What publishes and what reads, on a real server over a real folder, wired as app.ts does it. */
export async function publishingServer(context: TestContext, options: PublishingOptions = {}) {
  const { maxFeeds = 100, idleMs = 60_000, windowBytes = 512 * 1024, hiddenMs = 5_000, ...kept } = options;
  const folder = mkdtempSync(join(tmpdir(), 'livefeed-publish-'));
  const registry = new Registry();
  const delivery = new Delivery({ windowBytes, stallTimeoutMs: 600_000, instance: 'test' });
  registry.onChange(({ type, feed }) => type === 'removed' && delivery.letGo('removed', feed));
  const journals = await Journals.open(join(folder, 'data'), { fsync: 'never', ...kept });
  const publisher = new Publisher({ registry, journals, maxFeeds });
  const stopping = new AbortController();
  const body = { idleMs, signal: stopping.signal };
  const failures: unknown[] = [];
  const log = { error: (fields: object) => void failures.push(fields) };
  const views = new FilterViews({ hiddenMs, onFailure: (view) => delivery.letGo('unavailable', view) });
  const app = express();
  app.set('query parser', 'simple');
  const guarded = { allowHosts: [], cors: [], host: '127.0.0.1' };
  const publish = publishing(publisher, body);
  app.use(guard(guarded));
  app.all('/feeds/*name', feedMethods(publisher));
  const read = reading(registry, views, { delivery, log, gzip: undefined });
  app.get('/feeds/*name', feedRoute(read));
  app.post('/feeds/*name', publishRoute(publish));
  app.put('/feeds/*name', retentionRoute(publisher, body));
  app.delete('/feeds/*name', removalRoute(publisher));
  app.use(answerProblem(log));
  const server = await listen(beforeExpress({ GET: read, POST: publish }, gate(guarded), log, app), {
    host: '127.0.0.1',
    port: 0,
  });
  const url = urlOf(server);
  context.after(async () => {
    const closed = closeServer(server);
    delivery.close();
    stopping.abort();
    server.closeAllConnections();
    await closed;
    await views.close();
    await registry.close();
    await journals.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return { url, port: Number(new URL(url).port), registry, delivery, journals, publisher, server, stopping, failures, folder };
}

export type PublishingServer = Awaited<ReturnType<typeof publishingServer>>;

/** An answer of ours, whose body is JSON. */
export interface JsonAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly json: Readonly<Record<string, unknown>>;
}

export async function post(
  url: string,
  body: string | Buffer,
  headers: Readonly<Record<string, string>> = {},
): Promise<JsonAnswer> {
  return send('POST', url, body, headers);
}

export async function send(
  method: string,
  url: string,
  body: string | Buffer | undefined,
  headers: Readonly<Record<string, string>> = {},
): Promise<JsonAnswer> {
  const answer = await fetch(url, { method, headers, ...(body === undefined ? {} : { body: Buffer.from(body) }) });
  const text = await answer.text();
  return { status: answer.status, headers: answer.headers, json: text === '' ? {} : JSON.parse(text) };
}

export interface Envelope {
  readonly id: string;
  readonly time: string;
  readonly type: string;
  readonly data: string;
}

/** The events that a feed holds, control events left out. */
export async function eventsOf(url: string): Promise<Envelope[]> {
  const answer = await fetch(`${url}?format=ndjson&follow=false`);
  const text = await answer.text();
  if (answer.status !== 200) throw new Error(text);
  const envelopes: Envelope[] = text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
  return envelopes.filter(({ type }) => !type.startsWith('feed.'));
}

export async function dataOf(url: string): Promise<string[]> {
  return (await eventsOf(url)).map(({ data }) => data);
}
