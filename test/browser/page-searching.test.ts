/** Finds and errors beyond what the page has loaded: the service looks for them, and the page goes there. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { scratchFolder } from '../e2e/scratch.ts';
import { type Service, startService } from '../e2e/service.ts';
import { launchBrowser } from './browser.ts';
import { openPage, untilText } from './open-page.ts';

const folder = scratchFolder();
const LINES = 60_000;
const CHECKOUTS = new Set([100, 30_000, 59_990]);
const ERRORS = new Set([20_000, 40_000]);
const ended: (() => Promise<void>)[] = [];
let browser: Browser;
let service: Service;

before(async () => {
  const word = (number: number) => (CHECKOUTS.has(number) ? 'checkout ' : ERRORS.has(number) ? 'ERROR ' : '');
  const lines = Array.from({ length: LINES }, (_, number) => `${word(number)}line ${number}\n`);
  writeFileSync(join(folder, 'app.log'), lines.join(''));
  [browser, service] = await Promise.all([
    launchBrowser(),
    startService({ after: (end) => void ended.push(end) }, [join(folder, 'app.log')]),
  ]);
});
after(async () => {
  await browser.close();
  for (const end of ended) await end();
});

async function openFeed(...[t, hash]: [Parameters<typeof openPage>[0], string]): Promise<Page> {
  const { page, complaints } = await openPage(t, browser, `${service.url}/#feed=app.log${hash}`);
  t.after(() => assert.deepEqual(complaints, []));
  return page;
}

async function pressUntil(page: Page, key: string, line: string): Promise<void> {
  await page.keyboard.press(key);
  await untilText(page, '.row[aria-current] .message', new RegExp(`^${line}$`));
}

test('E and e go to errors that are not loaded, and say where there are no more', { timeout: 60_000 }, async (t) => {
  const page = await openFeed(t, '');
  await page.waitForSelector('.row >> text=line 59999');
  await pressUntil(page, 'E', 'ERROR line 40000');
  await page.waitForSelector('.row >> text=line 39999');
  await pressUntil(page, 'E', 'ERROR line 20000');
  await page.keyboard.press('E');
  await untilText(page, '#toast', /^No error further up$/);
  await pressUntil(page, 'e', 'ERROR line 40000');
  await page.keyboard.press('e');
  await untilText(page, '#toast', /^No error further down$/);
  await page.goBack();
  await page.waitForSelector('.row >> text=ERROR line 20000');
});

test('N and n go to finds that are not loaded, in their context too', { timeout: 60_000 }, async (t) => {
  const page = await openFeed(t, '&filter=checkout+!healthz'.replace('+', '%20'));
  await page.waitForSelector('.row >> text=line 59990');
  await pressUntil(page, 'k', 'checkout line 59990');
  await page.keyboard.press('Enter');
  await page.waitForSelector('.row >> text=line 59989');
  await pressUntil(page, 'N', 'checkout line 30000');
  await page.waitForSelector('.row >> text=line 29999');
  await pressUntil(page, 'N', 'checkout line 100');
  await page.keyboard.press('N');
  await untilText(page, '#toast', /^No find further up$/);
  await pressUntil(page, 'n', 'checkout line 30000');
});

test('a search that takes long says how far it is, and Esc stops it', { timeout: 60_000 }, async (t) => {
  const page = await openFeed(t, '');
  await page.waitForSelector('.row >> text=line 59999');
  process.kill(service.pid, 'SIGSTOP');
  try {
    await page.keyboard.press('E');
    await untilText(page, '#toast', /^Looking for the next error further up.* · Esc stops$/);
    await page.keyboard.press('Escape');
    await untilText(page, '#toast', /^The search was stopped$/);
  } finally {
    process.kill(service.pid, 'SIGCONT');
  }
  await pressUntil(page, 'E', 'ERROR line 40000');
});
