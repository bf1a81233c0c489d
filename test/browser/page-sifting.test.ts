/** A filter that hides nearly everything: the service sifts what the page would have to read, and the counts stay exact. */
import assert from 'node:assert/strict';
import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, type TestContext, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { scratchFolder } from '../e2e/scratch.ts';
import { type Service, startService } from '../e2e/service.ts';
import { launchBrowser } from './browser.ts';
import { drawnRows, openPage, untilRows, untilText } from './open-page.ts';

const folder = scratchFolder();
const LINES = 200_000;
const EVERY = 2_000;
const ended: (() => Promise<void>)[] = [];
let browser: Browser;
let service: Service;

before(async () => {
  const word = (number: number) =>
    number % EVERY === 0 ? 'ERROR checkout failed' : number % EVERY === 1 ? 'healthz checkout' : 'GET /';
  const lines = Array.from({ length: LINES }, (_, number) => `${word(number)} line ${number}\n`);
  writeFileSync(join(folder, 'app.log'), lines.join(''));
  writeFileSync(
    join(folder, 'coloured.log'),
    lines
      .slice(0, 5_000)
      .map((line) => `\u001b[2m-\u001b[0m ${line}`)
      .join(''),
  );
  [browser, service] = await Promise.all([
    launchBrowser(),
    startService(
      { after: (end) => void ended.push(end) },
      ['app.log', 'coloured.log'].map((name) => join(folder, name)),
    ),
  ]);
});
after(async () => {
  await browser.close();
  for (const end of ended) await end();
});

interface Opened {
  readonly page: Page;
  /** Bytes that the service has given it of the feed. */
  bytes(): number;
}

async function openFeed(t: TestContext, hash: string): Promise<Opened> {
  const { page, complaints } = await openPage(t, browser, 'about:blank');
  t.after(() => assert.deepEqual(complaints, []));
  let bytes = 0;
  page.on('requestfinished', async (request) => {
    if (request.url().includes('/feeds/app.log?')) bytes += (await request.sizes().catch(() => undefined))?.responseBodySize ?? 0;
  });
  await page.goto(`${service.url}/#feed=${hash}`);
  return { page, bytes: () => bytes };
}

/** The finds from line `from` to line `until`. */
function finds(from: number, until: number): string[] {
  const numbers = Array.from({ length: (until - from) / EVERY + 1 }, (_, index) => from + index * EVERY);
  return numbers.map((number) => `ERROR checkout failed line ${number}`);
}

test('a filtered view of a long feed fills itself, counts all that was looked at, and hides what it hides', {
  timeout: 60_000,
}, async (t) => {
  const { page, bytes } = await openFeed(t, 'app.log&filter=checkout%20!healthz');
  await untilRows(page, finds(0, 198_000), 40_000);
  await untilText(page, '.filter em', /^199,900 hidden$/);
  assert.ok(bytes() < 1_000_000, `${bytes()} bytes came of a feed of 4 MB`);
  appendFileSync(join(folder, 'app.log'), 'GET / line 200000\nERROR checkout failed line 200001\n');
  await page.waitForSelector('.row >> text=line 200001');
  await untilText(page, '.filter em', /^199,901 hidden$/);
  await untilText(page, '#foot .figures', /199,901 hidden by filter/);
});

test('Enter shows a sifted line among those around it, at the same height, and goes back', { timeout: 60_000 }, async (t) => {
  const { page } = await openFeed(t, 'app.log&levels=error');
  await page.waitForSelector('.row >> text=/line 2000$/');
  const top = () => page.$eval('.row[aria-current]', (row) => row.getBoundingClientRect().top);
  for (let line = 0; line < 12; line += 1) await page.keyboard.press('k');
  const current = await untilText(page, '.row[aria-current] .message', /line \d+$/);
  const number = Number(/\d+$/.exec(current)?.[0]);
  const before = await top();
  await page.keyboard.press('Enter');
  await page.waitForSelector(`.row >> text=/line ${number - 1}$/`);
  await page.waitForSelector(`.row >> text=/line ${number + 1}$/`);
  await untilText(page, '.row[aria-current] .message', new RegExp(`line ${number}$`));
  assert.ok(Math.abs((await top()) - before) <= 1, `it stood at ${before} and stands at ${await top()}`);
  await page.keyboard.press('Enter');
  await page.waitForSelector(`.row >> text=/line ${number - 1}$/`, { state: 'detached' });
  await page.waitForSelector(`.row >> text=/line ${number - EVERY}$/`);
  await page.waitForSelector(`.row >> text=/line ${number + EVERY}$/`);
  await untilText(page, '.row[aria-current] .message', new RegExp(`line ${number}$`));
});

test('another filter has its own lines, and a marked and linked sifted line is found again', { timeout: 60_000 }, async (t) => {
  const { page } = await openFeed(t, 'app.log&filter=checkout%20!healthz');
  // What is filled moves the rows.
  await untilText(page, '.filter em', /^199,90\d hidden$/);
  await page.keyboard.press('g');
  // All rows are drawn before: the jump is over when the first has come to the top, and lets go of a line that was chosen before.
  await page.waitForFunction(() => (document.getElementById('log')?.scrollTop ?? 1e9) < 100);
  await page.click('.row >> text=/line 4000$/');
  await page.waitForSelector('.row[aria-current] >> text=/line 4000$/');
  await page.keyboard.press('s');
  await page.click('#share-menu >> text=Copy a link to the line');
  await untilText(page, '#toast', /^Copied a link to 1 line$/);
  const link = await page.evaluate(() => navigator.clipboard.readText());
  await page.fill('#filter', 'healthz');
  await page.waitForSelector('.row >> text=/healthz checkout line 4001$/');
  assert.ok((await drawnRows(page)).every((row) => row.startsWith('healthz')));
  await page.goto('about:blank');
  await page.goto(link);
  await page.waitForSelector('.row[data-linked] >> text=/line 4000$/');
});

test('a coloured feed is read as it is, since the service does not see through colours', { timeout: 60_000 }, async (t) => {
  const { page } = await openFeed(t, 'coloured.log&filter=failed');
  const asked: string[] = [];
  page.on('request', (request) => void asked.push(request.url()));
  await page.waitForSelector('.row >> text=/line 4000$/');
  await page.keyboard.press('PageUp');
  await page.waitForSelector('.row >> text=/line 0$/');
  assert.deepEqual(
    asked.filter((url) => url.includes('match=')),
    [],
  );
});
