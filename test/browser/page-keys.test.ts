/** From line to line by keys: the current line, errors, finds, marks, and a line among those that the filter hides. */
import assert from 'node:assert/strict';
import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { scratchFolder } from '../e2e/scratch.ts';
import { type Service, startService } from '../e2e/service.ts';
import { launchBrowser } from './browser.ts';
import { openPage, untilText } from './open-page.ts';

const file = join(scratchFolder(), 'app.log');
const ended: (() => Promise<void>)[] = [];
let browser: Browser;
let service: Service;

before(async () => {
  writeFileSync(file, lines(0, 900));
  [browser, service] = await Promise.all([launchBrowser(), startService({ after: (end) => void ended.push(end) }, [file])]);
});
after(async () => {
  await browser.close();
  for (const end of ended) await end();
});

/** Every hundredth is an error, every hundred and first has the word that is found. */
function lines(from: number, until: number): string {
  const word = (number: number) => (number % 100 === 0 ? 'ERROR' : number % 101 === 0 ? 'INFO checkout' : 'INFO');
  return Array.from({ length: until - from }, (_, index) => `${word(from + index)} line ${from + index}\n`).join('');
}

async function untilCurrent(page: Page, text: string): Promise<void> {
  await untilText(page, '.row[aria-current] .message', new RegExp(`${text}$`));
  // It is told before it is drawn where it is wanted, in the next frame.
  await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
}

/** How far below the edge of the log the current line stands. */
function currentTop(page: Page): Promise<number> {
  return page.$eval('.row[aria-current]', (row) => {
    return row.getBoundingClientRect().top - (document.getElementById('log')?.getBoundingClientRect().top ?? 0);
  });
}

async function press(page: Page, ...keys: string[]): Promise<void> {
  for (const key of keys) await page.keyboard.press(key);
}

test('k and j go from line to line, e and E from error to error, and what comes moves nothing', {
  timeout: 60_000,
}, async (t) => {
  const { page, complaints } = await openPage(t, browser, `${service.url}/#feed=app.log`);
  await page.waitForSelector('.row >> text=line 899');
  await press(page, 'k', 'k', 'j');
  await untilCurrent(page, 'line 898');
  await untilText(page, '#state', /^Reading/);
  await press(page, 'E');
  await untilCurrent(page, 'line 800');
  const top = await currentTop(page);
  assert.ok(top > 100 && top < 700, `it stands ${top} px below the edge`);
  await press(page, 'E', 'E', 'e');
  await untilCurrent(page, 'line 700');
  await untilText(page, '#news', /^ERROR line 700$/);
  const before = await currentTop(page);
  appendFileSync(file, lines(900, 950));
  await untilText(page, '#jump', /^↓ 50 new$/);
  assert.equal(await currentTop(page), before);
  assert.deepEqual(complaints, []);
});

test('Enter shows a found line among those that the filter hides, at the same height, and n goes on', {
  timeout: 60_000,
}, async (t) => {
  const { page } = await openPage(t, browser, `${service.url}/#feed=app.log&filter=checkout`);
  await page.waitForSelector('.row >> text=line 909');
  await press(page, 'k', 'k');
  await untilCurrent(page, 'line 707');
  const top = await currentTop(page);
  await press(page, 'Enter');
  await page.waitForSelector('.row >> text=line 706');
  await untilCurrent(page, 'line 707');
  assert.equal(await currentTop(page), top);
  assert.match((await page.textContent('.back')) ?? '', /Back to “checkout”/);
  await press(page, 'n');
  await untilCurrent(page, 'line 808');
  await press(page, 'N', 'N');
  await untilCurrent(page, 'line 606');
  await press(page, 'Enter');
  await page.waitForSelector('.row >> text=line 605', { state: 'detached' });
  await untilCurrent(page, 'line 606');
  assert.equal(await page.inputValue('#filter'), 'checkout');
});

test('m marks lines, [ and ] go between them, also where they had been left far behind', { timeout: 60_000 }, async (t) => {
  appendFileSync(file, lines(950, 1_500));
  const { page } = await openPage(t, browser, `${service.url}/#feed=app.log`);
  await page.waitForSelector('.row >> text=line 1499');
  await press(page, 'k', 'm');
  await page.waitForSelector('.row[data-marked] >> text=line 1498');
  await press(page, 'g');
  await page.waitForSelector('.message >> text=/ line 0$/');
  await press(page, 'j', 'm');
  await page.waitForSelector('.row[data-marked] >> text=line 1');
  await press(page, ']');
  await untilCurrent(page, 'line 1498');
  await press(page, '[');
  await untilCurrent(page, 'line 1');
  await press(page, 'm', ']');
  await untilCurrent(page, 'line 1498');
  await press(page, '[');
  await untilText(page, '#toast', /^No mark further up/);
});

test('every key of the sheet is one that does something, and new lines are told summed up', { timeout: 60_000 }, async (t) => {
  const { page } = await openPage(t, browser, `${service.url}/#feed=app.log`);
  await page.waitForSelector('.row >> text=line 1499');
  assert.equal(await page.getAttribute('#log', 'role'), 'log');
  await press(page, '?');
  const shown = await page.$$eval('#keys kbd', (keys) => keys.map(({ textContent }) => textContent ?? ''));
  for (const key of ['j', 'k', 'g', 'G', 'f', 'Space', '/', 'n', 'N', 'e', 'E', 'm', '[', ']', 'Enter', 's']) {
    assert.ok(shown.includes(key), `${key} is not on the sheet`);
  }
  await press(page, 'Escape');
  // What comes in the first moments is what was there before.
  await page.waitForFunction(() => performance.now() > 3_000);
  appendFileSync(file, lines(1_500, 1_601));
  await untilText(page, '#news', /^\d+ new lines?, [12] errors?$/);
});
