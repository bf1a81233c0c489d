/** The list of feeds: what it tells of each, and how one finds, keeps and opens them. */
import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { scratchFolder } from '../e2e/scratch.ts';
import { type Service, startService } from '../e2e/service.ts';
import { launchBrowser } from './browser.ts';
import { openPage, untilText } from './open-page.ts';

const web = join(scratchFolder(), 'web');
const ended: (() => Promise<void>)[] = [];
let browser: Browser;
let service: Service;

before(async () => {
  mkdirSync(web);
  for (const name of ['access', 'audit', 'error', 'slow']) write(name, `first line of ${name}`);
  [browser, service] = await Promise.all([
    launchBrowser(),
    startService({ after: (end) => void ended.push(end) }, [`web=${web}`, '--demo']),
  ]);
});
after(async () => {
  await browser.close();
  for (const end of ended) await end();
});

function write(name: string, ...lines: string[]): void {
  appendFileSync(join(web, `${name}.log`), lines.map((line) => `${line}\n`).join(''));
}

const row = (name: string) => `#sidebar .feed-row:has([data-feed="${name}"])`;

test('a feed that somebody reads tells its rate and errors, one that nobody reads how much has come', {
  timeout: 60_000,
}, async (t) => {
  const { page, complaints } = await openPage(t, browser, `${service.url}/#feed=web/error.log`);
  await page.waitForSelector('.row >> text=first line of error');
  write('error', 'ERROR one', 'ERROR two', ...Array.from({ length: 40 }, () => 'INFO fine'));
  write('access', 'x'.repeat(1_200_000));
  await untilText(page, `${row('web/error.log')} .errors[aria-label="2 errors"]`, /^2$/);
  await untilText(page, `${row('web/error.log')} .activity`, /^[\d.]+\/s$/);
  await untilText(page, `${row('web/access.log')} .activity`, /^\+1\.2 MB$/);
  await page.click('[data-feed="web/access.log"]');
  await untilText(page, `${row('web/access.log')} .activity`, /^(0\/s|[\d.]+\/s)$/);
  assert.deepEqual(complaints, []);
});

test('who comes back to a feed sees what is new since it was last open', { timeout: 60_000 }, async (t) => {
  const { page } = await openPage(t, browser, `${service.url}/#feed=web/slow.log`);
  await page.waitForSelector('.row >> text=first line of slow');
  await page.click('[data-feed="web/error.log"]');
  await page.waitForSelector('.row >> text=first line of error');
  write('slow', 'while away', 'and more');
  await untilText(page, `${row('web/slow.log')} .activity`, /^\+20 B$/);
  await page.click('[data-feed="web/slow.log"]');
  await page.waitForSelector('.row >> text=while away');
  assert.match((await page.textContent('.note')) ?? '', /^new since \d\d:\d\d$/);
  assert.match((await page.textContent('.note + .row .message')) ?? '', /while away/);
  await page.reload();
  await page.waitForSelector('.row >> text=and more');
  assert.equal(await page.locator('.note').count(), 0);
});

test('the list is worked by keys: arrows, folding, a favourite, and the next visit has it as it was', {
  timeout: 60_000,
}, async (t) => {
  const { page } = await openPage(t, browser, `${service.url}/#feed=web/access.log`);
  await page.waitForSelector('[data-feed="web/access.log"][aria-current]');
  const focused = () =>
    page.evaluate(() => document.activeElement?.getAttribute('data-feed') ?? document.activeElement?.textContent?.trim());
  await page.focus('[data-feed="web/access.log"]');
  await page.keyboard.press('ArrowDown');
  assert.equal(await focused(), 'web/audit.log');
  await page.keyboard.press('*');
  await page.waitForSelector('[aria-label="favourites"] [data-feed="web/audit.log"]');
  await page.focus('[data-feed="web/access.log"]');
  await page.keyboard.press('ArrowLeft');
  assert.match((await focused()) ?? '', /^web\s*3 files$/);
  await page.keyboard.press('ArrowLeft');
  await page.waitForSelector('[data-feed="web/access.log"]', { state: 'detached' });
  await page.goto(service.url);
  await page.waitForSelector('[aria-label="favourites"] [data-feed="web/audit.log"][aria-current]');
  assert.equal(await page.locator('#sidebar [data-feed="web/error.log"]').count(), 0);
  await page.keyboard.press('Control+k');
  await page.keyboard.type('werr');
  await page.keyboard.press('Enter');
  await page.waitForSelector('.row >> text=first line of error');
});

test('of a folder with hundreds of files the list draws the first, and the finder finds all', { timeout: 60_000 }, async (t) => {
  for (let number = 0; number < 250; number += 1) writeFileSync(join(web, `part-${String(number).padStart(3, '0')}.log`), '');
  const { page } = await openPage(t, browser, service.url, { viewport: { width: 390, height: 844 }, hasTouch: true });
  await page.tap('.choose');
  await untilText(page, '#finder .more-feeds', /^\s*54 more: find by name\s*$/);
  assert.equal(await page.locator('#finder [aria-label="web"] a.feed').count(), 200);
  await page.fill('#finder input', 'part-249');
  await page.tap('#finder .star >> nth=0');
  await page.waitForSelector('#finder .star[aria-pressed="true"]');
  await page.tap('#finder a.feed >> nth=0');
  await untilText(page, '#notice h2', /^Nothing in web\/part-249\.log yet$/);
});
