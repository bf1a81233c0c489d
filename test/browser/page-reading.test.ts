/** How lines are read in a real Chromium: levels, colours, fields, times, and what the View menu keeps. */
import assert from 'node:assert/strict';
import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { scratchFolder } from '../e2e/scratch.ts';
import { type Service, startService } from '../e2e/service.ts';
import { launchBrowser } from './browser.ts';
import { drawnRows, openPage, untilRows, untilText } from './open-page.ts';

const AT_MS = Date.UTC(2026, 0, 2, 3, 4, 5, 678);
const FILES: Readonly<Record<string, readonly string[]>> = {
  levels: [
    'ERROR a',
    '[warn] b',
    '{"level":50,"msg":"c"}',
    '<12>Nov 23 14:31:02 host d',
    'level=debug msg=e',
    'INFO f',
    'GET /ERROR g',
  ],
  colours: [
    '\u001b[38;5;196mred\u001b[0m \u001b[38;2;0;0;255mblue\u001b[0m \u001b[44;93mground\u001b[0m \u001b[7minverse\u001b[0m end',
  ],
  fields: [
    '{"time":"2026-01-02T03:04:05Z","level":"warn","msg":"slow payment","order":"A-1","user":{"id":7,"name":"Ada L"},"tags":["x"]}',
    '{"level":"info","msg":"other","order":"A-12","user":{"id":77}}',
    'level=info msg="retry scheduled" order=A-1',
    'plain words',
  ],
  traces: [
    'INFO before',
    'ERROR it broke code=5',
    'java.lang.IllegalStateException: no room',
    ...Array.from({ length: 300 }, (_, index) => `\tat com.shop.Pay.charge${index}(Pay.java:114)`),
    'Caused by: java.io.IOException: full',
    '\tat com.shop.Disk.write(Disk.java:1)',
    'INFO after',
  ],
  times: [`{"ts":${AT_MS},"msg":"json"}`, `${new Date(AT_MS).toISOString()} iso`, 'none'],
};
const folder = scratchFolder();
const ended: (() => Promise<void>)[] = [];
let browser: Browser;
let service: Service;

before(async () => {
  const paths = Object.entries(FILES).map(([name, lines]) => {
    const path = join(folder, `${name}.log`);
    writeFileSync(path, lines.map((line) => `${line}\n`).join(''));
    return path;
  });
  [browser, service] = await Promise.all([launchBrowser(), startService({ after: (end) => void ended.push(end) }, paths)]);
});
after(async () => {
  await browser.close();
  for (const end of ended) await end();
});

const addressOf = (name: string) => `${service.url}/#feed=${name}.log`;
const row = (page: Page, text: string) => page.locator('.row', { hasText: text });

function copied(page: Page): Promise<string> {
  return page.evaluate(() => navigator.clipboard.readText());
}

test('a level has its shape, its word and its colour, also where the line has only a number for it', {
  timeout: 60_000,
}, async (t) => {
  const { page } = await openPage(t, browser, addressOf('levels'));
  await untilRows(page, ['ERROR a', '[warn] b', 'ERROR c', 'WARN host d', 'DEBUG e', 'INFO f', 'GET /ERROR g']);
  const looks = await page.$$eval('.row', (rows) =>
    rows.map((each) => {
      const mark = getComputedStyle(each.querySelector('.mark') ?? each);
      const shape = mark.clipPath === 'none' ? (mark.backgroundColor === 'rgba(0, 0, 0, 0)' ? 'dot' : 'square') : 'triangle';
      return `${shape} ${each.querySelector('.level')?.textContent ?? ''}`;
    }),
  );
  assert.deepEqual(looks, ['square ERROR', 'triangle warn', 'square ERROR', 'triangle WARN', 'dot DEBUG', 'dot ', 'dot ']);
  assert.equal(await page.textContent('.chip.error').then((text) => text?.trim()), '2 errors');
});

test('colours of terminals are the theme’s own, by class names only, and other sequences are gone', {
  timeout: 60_000,
}, async (t) => {
  const { page, complaints } = await openPage(t, browser, addressOf('colours'));
  await untilRows(page, ['red blue ground inverse end']);
  const seen = await page.$$eval('.message span', (spans) =>
    spans.map((span) => [span.textContent, span.className, span.getAttribute('style')]),
  );
  assert.deepEqual(seen, [
    ['red', 'fg1', null],
    ['blue', 'fg4', null],
    ['ground', 'bg4', null],
    ['inverse', 'inverse', null],
  ]);
  assert.deepEqual(complaints, []);
});

test('JSON and logfmt are compact, open as a tree, and its buttons copy and filter by exactly that value', {
  timeout: 60_000,
}, async (t) => {
  const { page, complaints } = await openPage(t, browser, addressOf('fields'));
  const all = [
    'WARN  slow payment order=A-1 user.id=7 user.name="Ada L" tags=["x"]',
    'other order=A-12 user.id=77',
    'retry scheduled order=A-1',
    'plain words',
  ];
  await untilRows(page, all);
  await row(page, 'slow payment').locator('.message').click();
  await page.waitForSelector('.row.open .fields');
  await untilText(page, '#state', /^Reading/);
  await page.click('button[aria-label="Copy path .user.id"]');
  assert.equal(await copied(page), '.user.id');
  await page.click('button[aria-label="Copy value of .tags"]');
  assert.equal(await copied(page), '["x"]');
  await page.click('.details >> text=Copy line');
  assert.equal(await copied(page), FILES.fields?.[0]);
  await page.click('button[aria-label="Only lines with order==A-1"]');
  assert.equal(await page.inputValue('#filter'), 'order==A-1');
  await untilRows(page, [all[0] ?? '', all[2] ?? '']);
  await page.click('button[aria-label="Hide lines with id==7"]');
  assert.equal(await page.inputValue('#filter'), 'order==A-1 !id==7');
  await untilRows(page, [all[2] ?? '']);
  await page.keyboard.press('Escape');
  await untilRows(page, all);
  assert.deepEqual(complaints, []);
});

test('a row is opened and closed by keys: Tab goes to what is seen, Enter opens, and the focus stays', {
  timeout: 60_000,
}, async (t) => {
  const { page } = await openPage(t, browser, addressOf('fields'));
  await row(page, 'plain words').waitFor();
  await page.locator('#log').focus();
  const focused = () => page.evaluate(() => document.activeElement?.closest('.row')?.querySelector('.message')?.textContent);
  await page.keyboard.press('Tab');
  assert.match((await focused()) ?? '', /slow payment/);
  await untilText(page, '#state', /^Reading/);
  await page.keyboard.press('Tab');
  assert.match((await focused()) ?? '', /other/);
  await page.keyboard.press('Enter');
  assert.equal(await row(page, 'other').getAttribute('class'), 'row open');
  assert.equal(await page.evaluate(() => document.activeElement?.textContent), 'Close');
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement?.textContent), 'Only');
  await page.keyboard.press('Shift+Tab');
  await page.keyboard.press('Enter');
  assert.equal(await page.locator('.row.open').count(), 0);
  await page.keyboard.press('Shift+Tab');
  await page.keyboard.press('Shift+Tab');
  assert.equal(await page.evaluate(() => document.activeElement?.id), 'log');
});

test('stack traces show what they are of, with the count of their frames; a click shows those, and copying and counting take all', {
  timeout: 60_000,
}, async (t) => {
  const { page, complaints } = await openPage(t, browser, addressOf('traces'));
  const lines = FILES.traces ?? [];
  const told = lines.filter((line) => !line.startsWith('\t'));
  await untilRows(page, told);
  assert.deepEqual(await page.$$eval('.opener:not(.quiet)', (all) => all.map((one) => one.textContent)), [
    '+ 300 lines',
    '+ 1 line',
  ]);
  await untilText(page, '#foot', /0 hidden by filter/);
  await untilText(page, '#foot', new RegExp(`${lines.length} lines`));
  await row(page, 'IllegalState').locator('.message').click();
  assert.equal(await page.locator('.frame').count(), 200);
  await page.click('.frames >> text=Show 100 of 100 more');
  assert.deepEqual(await page.$$eval('.frame', (all) => all.map((one) => one.textContent)), lines.slice(3, 303));
  await page.click('.details >> text=Copy 301 lines');
  assert.equal(await copied(page), lines.slice(2, 303).join('\n'));
  await page.click('#copy-all');
  await untilText(page, '#copy-all', /Copied/);
  assert.equal(await copied(page), `${lines.join('\n')}\n`);
  await row(page, 'IllegalState').locator('.opener').click();
  appendFileSync(join(folder, 'traces.log'), 'ERROR again\n');
  await row(page, 'ERROR again').waitFor({ state: 'attached' });
  appendFileSync(join(folder, 'traces.log'), '    at late (x.js:1:2)\n');
  await row(page, 'ERROR again').locator('.opener', { hasText: '+ 1 line' }).waitFor({ state: 'attached' });
  await page.fill('#filter', 'Disk.write');
  await untilRows(page, ['\tat com.shop.Disk.write(Disk.java:1)']);
  await page.fill('#filter', '');
  await page.click('text=View');
  await page.locator('#view-menu label', { hasText: 'Fold stack traces' }).click();
  await row(page, 'charge7(').waitFor({ state: 'attached' });
  assert.deepEqual(complaints, []);
});

test('times are shown as a clock, UTC or not, as so long ago, as written or not at all', { timeout: 60_000 }, async (t) => {
  const { page } = await openPage(t, browser, addressOf('times'), { timezoneId: 'Asia/Tokyo' });
  const times = () => page.$$eval('.time', (elements) => elements.slice(0, 2).map((element) => element.textContent));
  const choose = (word: string) =>
    page
      .locator('#view-menu label', { hasText: new RegExp(`^\\s*${word}\\s*$`) })
      .first()
      .click();
  await untilRows(page, ['json', 'iso', 'none']);
  assert.deepEqual(await times(), ['12:04:05.678', '12:04:05.678']);
  await page.click('text=View');
  await choose('UTC');
  assert.deepEqual(await times(), ['03:04:05.678', '03:04:05.678']);
  await choose('Ago');
  assert.match((await times()).join(), /^\d+ d ago,\d+ d ago$/);
  await choose('Off');
  assert.deepEqual(await times(), ['', '']);
  await untilRows(page, ['json', 'iso', 'none']);
  await choose('Written');
  await untilRows(page, [`json ts=${AT_MS}`, '2026-01-02T03:04:05.678Z iso', 'none']);
});

test('what the View menu sets is seen at once, and a reload keeps it', { timeout: 60_000 }, async (t) => {
  const { page } = await openPage(t, browser, addressOf('times'));
  await untilRows(page, ['json', 'iso', 'none']);
  await page.click('text=View');
  for (const word of ['Number the lines', 'Wrap long lines', 'Large', 'Dense', 'Light', 'As written'])
    await page.locator('#view-menu label', { hasText: word }).click();
  const look = () =>
    page.evaluate(() => {
      const log = getComputedStyle(document.getElementById('log') ?? document.body);
      const numbers = [...document.querySelectorAll('.number')].map((number) => number.textContent).join();
      return [
        log.fontSize,
        log.lineHeight,
        numbers,
        document.documentElement.dataset.wrap,
        getComputedStyle(document.body).color,
      ];
    });
  const chosen = ['15px', '20px', '1,2,3', 'true', 'rgb(26, 32, 39)'];
  assert.deepEqual(await look(), chosen);
  assert.equal((await drawnRows(page))[0], FILES.times?.[0]);
  await page.reload();
  await row(page, 'none').waitFor();
  assert.deepEqual(await look(), chosen);
});
