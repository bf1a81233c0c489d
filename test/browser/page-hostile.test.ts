/** Lines that were written to break the page: they neither run, nor leave their row, nor hold it up. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { scratchFolder } from '../e2e/scratch.ts';
import { type Service, startService } from '../e2e/service.ts';
import { launchBrowser } from './browser.ts';
import { openPage, untilText } from './open-page.ts';

const ESC = '\u001b';
const HOSTILE: readonly string[] = [
  '<script>window.ran = 1</script><img src=x onerror="window.ran = 1"><svg onload="window.ran = 1"><style>*{display:none}</style>',
  '{"msg":"<img src=x onerror=window.ran=1>","k<b>":"javascript:window.ran=1","__proto__":{"ran":1}}',
  'user \u202egnp.exe\u2066\u2067\u200f end-of-bidi',
  `zalgo ${`Z${'\u0300\u0301\u0302'.repeat(300)}`.repeat(50)}`,
  `tabs${'\t'.repeat(1_000_000)}end`,
  `bomb ${Array.from({ length: 40_000 }, (_, index) => `${ESC}[3${index % 8};4${index % 7};1;7mx`).join('')}`,
  `${ESC}]0;${'title'.repeat(10_000)}${ESC}[2J${ESC}[1000;1000Hcursor`,
  `{"a":${'['.repeat(100_000)}`,
  `nul ${'\u0000'.repeat(5_000)}`,
];
const MEGABYTE = 'x'.repeat(1_000_000);
const folder = scratchFolder();
const ended: (() => Promise<void>)[] = [];
let browser: Browser;
let service: Service;

before(async () => {
  const path = join(folder, 'hostile.log');
  writeFileSync(path, [...HOSTILE, MEGABYTE, 'the last line'].map((line) => `${line}\n`).join(''));
  [browser, service] = await Promise.all([launchBrowser(), startService({ after: (end) => void ended.push(end) }, [path])]);
});
after(async () => {
  await browser.close();
  for (const end of ended) await end();
});

/** Rows that are not of one height, and what goes beyond the window or its row. */
function misfits(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const wide = document.documentElement.scrollWidth > innerWidth ? ['the page is wider than its window'] : [];
    const log = document.getElementById('log');
    if (log !== null && log.scrollWidth > log.clientWidth) wide.push('the log is wider than its frame');
    const rows = [...document.querySelectorAll('.row')].filter((row) => row.getBoundingClientRect().height !== 20);
    return [...wide, ...rows.map((row) => `${row.textContent?.slice(0, 40)} is ${row.getBoundingClientRect().height} high`)];
  });
}

test('hostile lines neither run nor break the layout, and each is a row of one height', { timeout: 60_000 }, async (t) => {
  const { page, complaints } = await openPage(t, browser, `${service.url}/#feed=hostile.log`);
  await page.waitForSelector('.row >> text=the last line');
  assert.deepEqual(await misfits(page), []);
  assert.equal(await page.evaluate(() => 'ran' in window || 'ran' in {}), false);
  assert.equal(await page.locator('#log :is(script, img, svg, style, a)').count(), 0);
  const elements = await page.locator('#log *').count();
  assert.ok(elements < 3_000, `${elements} elements`);
  const text = (await page.locator('#log').textContent()) ?? '';
  assert.doesNotMatch(text, /(?![\t\n])\p{Cc}|[\u200f\u202e\u2066\u2067]/u);
  assert.match(text, /user RLOgnp\.exeLRIRLIRLM end-of-bidi/);
  assert.deepEqual(complaints, []);
});

test('what marks a letter is clipped to its row', { timeout: 60_000 }, async (t) => {
  const { page } = await openPage(t, browser, `${service.url}/#feed=hostile.log`);
  const zalgo = page.locator('.row', { hasText: 'zalgo' });
  await zalgo.waitFor();
  assert.match(await zalgo.evaluate((row) => getComputedStyle(row).contain), /content|paint/);
  assert.ok(((await zalgo.textContent())?.match(/\p{M}{9}/u)?.length ?? 0) === 0);
});

test('a megabyte without a space is cut on the screen, and shown whole in bounded pieces', {
  timeout: 60_000,
}, async (t) => {
  const { page } = await openPage(t, browser, `${service.url}/#feed=hostile.log`);
  const long = page.locator('.row', { has: page.locator('.opener', { hasText: 'Show all 262 kB' }) }).first();
  await long.waitFor();
  assert.equal((await long.locator('.message').textContent())?.length, 4_000);
  const seq = await long.getAttribute('data-seq');
  await long.locator('.opener').click();
  await untilText(page, `.row[data-seq="${seq}"] .opener`, /^Close$/);
  await page.waitForFunction(
    (of) => document.querySelector(`.row[data-seq="${of}"] .message`)?.textContent?.length === 262_144,
    seq,
  );
  const pieces = await page.$$eval(`.row[data-seq="${seq}"] .piece`, (all) => all.map((piece) => piece.textContent?.length ?? 0));
  assert.ok(pieces.length > 10 && Math.max(...pieces) <= 16_000, pieces.join());
  assert.ok((await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)) <= 0);
});

test('hostile lines break nothing where lines wrap on a phone', { timeout: 60_000 }, async (t) => {
  const { page } = await openPage(t, browser, `${service.url}/#feed=hostile.log`, {
    viewport: { width: 390, height: 844 },
    hasTouch: true,
  });
  await page.waitForSelector('.row >> text=the last line');
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), 0);
  assert.equal(await page.$eval('#log', (log) => log.scrollWidth - log.clientWidth), 0);
});
