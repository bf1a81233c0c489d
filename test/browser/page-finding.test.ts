/** What selected text offers, texts in colour, ticks on the map, and going to a time. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { scratchFolder } from '../e2e/scratch.ts';
import { type Service, startService } from '../e2e/service.ts';
import { launchBrowser } from './browser.ts';
import { openPage, untilRows, untilText } from './open-page.ts';

const folder = scratchFolder();
const START = Date.parse('2026-11-20T10:00:00Z');
const ended: (() => Promise<void>)[] = [];
let browser: Browser;
let service: Service;

before(async () => {
  const timed = Array.from(
    { length: 3_000 },
    (_, second) => `${new Date(START + second * 1_000).toISOString()} line ${second}\n`,
  );
  writeFileSync(join(folder, 'timed.log'), timed.join(''));
  writeFileSync(join(folder, 'shop.log'), 'GET checkout 200\nPOST cart 201\nGET checkout pay\n');
  [browser, service] = await Promise.all([
    launchBrowser(),
    startService(
      { after: (end) => void ended.push(end) },
      ['timed.log', 'shop.log'].map((name) => join(folder, name)),
    ),
  ]);
});
after(async () => {
  await browser.close();
  for (const end of ended) await end();
});

async function select(page: Page, word: string): Promise<void> {
  await page.evaluate((word) => {
    const texts = document.createTreeWalker(document.getElementById('log') ?? document.body, NodeFilter.SHOW_TEXT);
    for (let node = texts.nextNode(); node !== null; node = texts.nextNode()) {
      const at = node.textContent?.indexOf(word) ?? -1;
      if (at >= 0) return getSelection()?.setBaseAndExtent(node, at, node, at + word.length);
    }
    throw new Error(`${word} is not drawn`);
  }, word);
  await page.waitForSelector('#selection-menu', { state: 'visible' });
}

test('selected text offers Only, Hide and Highlight; what is highlighted is kept', { timeout: 60_000 }, async (t) => {
  const { page, complaints } = await openPage(t, browser, `${service.url}/#feed=shop.log`);
  await page.waitForSelector('.row >> text=pay');
  await select(page, 'checkout');
  await page.click('#selection-menu >> text=Only');
  await untilRows(page, ['GET checkout 200', 'GET checkout pay']);
  await select(page, 'pay');
  await page.click('#selection-menu >> text=Hide');
  await untilRows(page, ['GET checkout 200']);
  assert.equal(await page.inputValue('#filter'), 'checkout !pay');
  await page.keyboard.press('Escape');
  await select(page, 'GET');
  await page.click('#selection-menu >> text=Highlight');
  await page.waitForSelector('#selection-menu', { state: 'hidden' });
  const painted = () => page.waitForFunction(() => CSS.highlights.get('rule-1')?.size === 2);
  await painted();
  await page.reload();
  await page.waitForSelector('.row >> text=pay');
  await painted();
  await page.click('text=View');
  await page.click('.rule >> text=GET');
  await page.waitForFunction(() => CSS.highlights.get('rule-1')?.size === 0);
  assert.deepEqual(complaints, []);
});

test('t goes to a time, also one that is not loaded, and Back comes back', { timeout: 60_000 }, async (t) => {
  const { page } = await openPage(t, browser, `${service.url}/#feed=timed.log`);
  await page.waitForSelector('.row >> text=line 2999');
  await page.keyboard.press('t');
  await page.keyboard.type('half past ten');
  await page.keyboard.press('Enter');
  await untilText(page, '#time-dialog', /That is no time/);
  const time = new Date(START + 700_000);
  const local = new Date(time.getTime() - time.getTimezoneOffset() * 60_000).toISOString().slice(0, 19).replace('T', ' ');
  await page.fill('#time-dialog input', local);
  await page.keyboard.press('Enter');
  await untilText(page, '.row[aria-current] .message', /^line 700$/);
  await untilText(page, '#state', /^Reading/);
  await page.goBack();
  await page.waitForSelector('.row >> text=line 2999');
  await untilText(page, '#state', /^Live$/);
});

test('the map shows where the filter finds lines and where lines are marked', { timeout: 60_000 }, async (t) => {
  const { page } = await openPage(t, browser, `${service.url}/#feed=shop.log`);
  await page.waitForSelector('.row >> text=pay');
  const ticks = (token: string) =>
    page.waitForFunction((token) => {
      const map = document.getElementById('map') as HTMLCanvasElement;
      const colour = getComputedStyle(map).getPropertyValue(token).match(/\d+/g)?.slice(0, 3).map(Number);
      const data = map.getContext('2d')?.getImageData(0, 0, map.width, map.height).data ?? [];
      for (let at = 0; at < data.length; at += 4) if (colour?.every((part, index) => data[at + index] === part)) return true;
      return false;
    }, token);
  await page.fill('#filter', 'cart');
  await ticks('--hit-tick');
  await page.keyboard.press('Escape');
  await page.click('.row >> text=cart');
  await page.keyboard.press('m');
  await ticks('--mark-tick');
});
