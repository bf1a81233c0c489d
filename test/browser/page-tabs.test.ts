/** All tabs of the page read by one connection, each exactly its own feed; where that cannot be, each has its own. */
import assert from 'node:assert/strict';
import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, type TestContext, test } from 'node:test';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { scratchFolder } from '../e2e/scratch.ts';
import { type Service, startService } from '../e2e/service.ts';
import { launchBrowser } from './browser.ts';
import { complaintsOf, untilRows, untilText } from './open-page.ts';

const TABS = 20;
const folder = scratchFolder();
const numbers = Array.from({ length: TABS }, (_, number) => number);
const pathOf = (number: number) => join(folder, `feed${number}.log`);
/** What each feed holds; what is written is kept here too. */
const written = numbers.map((): string[] => []);
let browser: Browser;
let service: Service;
const ended: (() => Promise<void>)[] = [];

before(async () => {
  for (const number of numbers) write(number, 'first');
  [browser, service] = await Promise.all([
    launchBrowser(),
    startService({ after: (end) => void ended.push(end) }, numbers.map(pathOf)),
  ]);
});
after(async () => {
  await browser.close();
  for (const end of ended) await end();
});

function write(number: number, words: string): void {
  const lines = [`${words} of ${number}`, `${words} again of ${number}`];
  written[number]?.push(...lines);
  const text = lines.map((line) => `${line}\n`).join('');
  if (written[number]?.length === lines.length) writeFileSync(pathOf(number), text);
  else appendFileSync(pathOf(number), text);
}

interface Tabs {
  readonly context: BrowserContext;
  readonly complaints: string[];
  open(number: number): Promise<Page>;
}

/** A browser with a profile of its own, whose tabs open the page each with another feed. */
async function tabs(t: TestContext, script?: string): Promise<Tabs> {
  const context = await browser.newContext({ locale: 'en-US', viewport: { width: 800, height: 200 } });
  t.after(() => context.close());
  if (script !== undefined) await context.addInitScript({ content: script });
  const complaints: string[] = [];
  const open = async (number: number) => {
    const page = await context.newPage();
    complaintsOf(page, complaints);
    await page.goto(`${service.url}/#feed=feed${number}.log`);
    return page;
  };
  return { context, complaints, open };
}

const untilAll = (page: Page, number: number) => untilRows(page, written[number] ?? [], 30_000);

interface Connection {
  readonly id: string;
  readonly feeds: readonly string[];
}

/** Waits until the service has these connections and no others, each told by its feeds. */
async function untilConnections(...wanted: readonly (readonly string[])[]): Promise<readonly Connection[]> {
  const deadline = performance.now() + 15_000;
  const told = (all: readonly (readonly string[])[]) => all.map((feeds) => [...feeds].sort().join(' ')).sort();
  for (;;) {
    const response = await fetch(`${service.url}/connections`);
    const { connections } = (await response.json()) as { connections: Connection[] };
    const feeds = connections.map((connection) => connection.feeds);
    if (told(feeds).join('\n') === told(wanted).join('\n')) return connections;
    if (performance.now() > deadline) assert.deepEqual(told(feeds), told(wanted));
  }
}

const shared = (...some: readonly number[]) => ['livefeed/feeds', ...some.map((number) => `feed${number}.log`)];

test('twenty tabs with twenty feeds are one connection: each has its lines once, also after the service was killed', {
  timeout: 200_000,
}, async (t) => {
  const { open, complaints } = await tabs(t);
  const pages = await Promise.all(numbers.map(open));
  const allHaveAll = () => Promise.all(pages.map((page, number) => untilAll(page, number)));
  await allHaveAll();
  await untilConnections(shared(...numbers));
  for (const number of numbers) write(number, 'second');
  await allHaveAll();

  await service.kill('SIGKILL');
  await Promise.all(pages.map((page) => untilText(page, '#state', /^Reconnecting in \d+ s$/)));
  for (const number of numbers) write(number, 'third');
  await service.start();
  await Promise.all(pages.map((page) => untilText(page, '#state', /^Back at \d\d:\d\d · missed nothing, 2 caught up$/, 30_000)));
  for (const number of numbers) write(number, 'fourth');
  await allHaveAll();
  await untilConnections(shared(...numbers));
  assert.deepEqual(complaints, []);
});

test('tabs come, change their feed and go: the connection stays the same, reads what they read, and ends with the last', {
  timeout: 60_000,
}, async (t) => {
  const { open, complaints } = await tabs(t);
  const first = await open(0);
  await untilAll(first, 0);
  const [{ id } = { id: '' }] = await untilConnections(shared(0));
  write(0, 'before it came');
  const [second, third] = await Promise.all([open(0), open(1)]);
  await Promise.all([untilAll(second, 0), untilAll(third, 1)]);
  write(0, 'for both');
  await Promise.all([untilAll(first, 0), untilAll(second, 0)]);
  await untilConnections(shared(0, 1));

  await second.evaluate(() => {
    location.hash = '#feed=feed2.log';
  });
  await untilAll(second, 2);
  write(2, 'where it went');
  await untilAll(second, 2);
  await untilConnections(shared(0, 1, 2));
  await third.close();
  assert.deepEqual(
    (await untilConnections(shared(0, 2))).map((connection) => connection.id),
    [id],
  );
  await first.close();
  await untilConnections(shared(2));
  write(2, 'for the last');
  await untilAll(second, 2);
  await second.close();
  await untilConnections();
  assert.deepEqual(complaints, []);
});

test('when the process of a tab dies, perhaps with the worker that all share, the others go on by one connection without it', {
  timeout: 60_000,
}, async (t) => {
  const { open } = await tabs(t);
  const dies = await open(4);
  await untilAll(dies, 4);
  const stays = await open(3);
  await untilAll(stays, 3);
  await untilConnections(shared(3, 4));
  void dies.goto('chrome://crash').catch(() => undefined);
  await untilConnections(shared(3));
  write(3, 'for who is left');
  await untilAll(stays, 3);
});

/** The worker that all tabs share has no script. */
const sharedElsewhere = `
  const Shared = SharedWorker;
  window.SharedWorker = class extends Shared {
    constructor(_script, options) {
      super('/assets/nothing.js', options);
    }
  };`;

test('without a worker that all tabs share, or with one that cannot be had, each tab has connections of its own', {
  timeout: 60_000,
}, async (t) => {
  const scripts = ['delete window.SharedWorker', sharedElsewhere];
  const all = await Promise.all(scripts.map((script) => tabs(t, script)));
  const pages = await Promise.all(all.map(({ open }, index) => open(5 + index)));
  const allHaveAll = () => Promise.all(pages.map((page, index) => untilAll(page, 5 + index)));
  await allHaveAll();
  const lists = all.map(() => ['livefeed/feeds']);
  await untilConnections(...lists, ['feed5.log'], ['feed6.log']);
  for (const number of [5, 6]) write(number, 'more');
  await allHaveAll();
  for (const { complaints } of all) assert.deepEqual(complaints, []);
});
