/** The page in a real Chromium, on the real command that follows real files. */
import assert from 'node:assert/strict';
import { appendFileSync, readFileSync, renameSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { scratchFolder } from '../e2e/scratch.ts';
import { type Service, startService } from '../e2e/service.ts';
import { launchBrowser } from './browser.ts';
import { drawnRows, openPage, untilRows, untilText } from './open-page.ts';

/** A file for each test, so that none waits for another. */
const FILES = ['flow', 'pause', 'filter', 'copy', 'markup', 'rotate', 'keys', 'read', 'phone', 'hold', 'long'].map(
  (name) => `${name}.log`,
);
const folder = scratchFolder();
let browser: Browser;
let service: Service;
const ended: (() => Promise<void>)[] = [];

before(async () => {
  for (const name of FILES) writeFileSync(pathOf(name), '');
  [browser, service] = await Promise.all([
    launchBrowser(),
    startService({ after: (end) => void ended.push(end) }, FILES.map(pathOf)),
  ]);
});
after(async () => {
  await browser.close();
  for (const end of ended) await end();
});

function pathOf(name: string): string {
  return join(folder, name);
}

function write(name: string, ...lines: string[]): void {
  appendFileSync(pathOf(`${name}.log`), lines.map((line) => `${line}\n`).join(''));
}

function numbered(from: number, until: number): string[] {
  return Array.from({ length: until - from }, (_, index) => `line ${from + index}`);
}

const addressOf = (name: string) => `${service.url}/#feed=${name}.log`;

test('a feed that is chosen shows its lines and those that come, and the address keeps it', { timeout: 60_000 }, async (t) => {
  write('flow', ...numbered(0, 3));
  const { page, complaints } = await openPage(t, browser, service.url);
  await page.click('#sidebar a[data-feed="flow.log"]');
  await page.waitForSelector('.row >> text=line 2');
  await untilText(page, '#state', /^Live$/);
  assert.match((await page.textContent('#since')) ?? '', /^nothing missed since \d\d:\d\d:\d\d$/);
  write('flow', ...numbered(3, 2_000));
  await page.waitForSelector('.row >> text=line 1999');
  assert.match(page.url(), /#feed=flow\.log$/);
  await page.reload();
  await page.waitForSelector('.row >> text=line 1999');
  assert.equal(await page.title(), 'flow.log · livefeed');
  assert.deepEqual(complaints, []);
});

test('it opens with the last 1,000 lines, of which only those near the view are elements', { timeout: 60_000 }, async (t) => {
  write('hold', ...numbered(0, 5_000));
  const { page } = await openPage(t, browser, addressOf('hold'));
  await untilText(page, '#foot .figures', /1,000 lines/);
  const rows = await drawnRows(page);
  assert.equal(rows.at(-1), 'line 4999');
  assert.ok(rows.length < 400, `${rows.length} rows are drawn`);
  await page.keyboard.press('Home');
  await page.waitForSelector('.row >> text="line 0"');
  assert.equal((await drawnRows(page))[0], 'line 0');
  await page.keyboard.press('End');
  await page.waitForSelector('.row >> text="line 4999"');
});

test('pause holds what is shown and counts what comes; follow shows it', { timeout: 60_000 }, async (t) => {
  write('pause', ...numbered(0, 10));
  const { page } = await openPage(t, browser, addressOf('pause'));
  await page.waitForSelector('.row >> text=line 9');
  await page.click('#follow');
  await untilText(page, '#state', /^Paused · 0 new$/);
  const held = await drawnRows(page);
  write('pause', ...numbered(10, 1_214));
  await untilText(page, '#state', /^Paused · 1,204 new$/);
  assert.equal(await page.textContent('#jump'), '↓ 1,204 new');
  assert.deepEqual(await drawnRows(page), held);
  await page.click('#jump');
  await page.waitForSelector('.row >> text=line 1213');
  await untilText(page, '#state', /^Live$/);
  assert.equal(await page.textContent('#follow').then((text) => text?.trim()), 'Pause');
});

test('the filter keeps lines with every word, marks them, hides those with !word, and says how many', {
  timeout: 60_000,
}, async (t) => {
  write('filter', 'GET /checkout 200', 'GET /checkout/healthz 200', 'ERROR checkout failed', 'GET /cart 200');
  const { page } = await openPage(t, browser, addressOf('filter'));
  await page.waitForSelector('.row >> text=cart');
  await page.keyboard.press('/');
  await page.keyboard.type('checkout !healthz');
  await untilText(page, '.filter em', /^2 hidden$/);
  await untilRows(page, ['GET /checkout 200', 'ERROR checkout failed']);
  assert.deepEqual(await page.$$eval('mark', (marks) => marks.map((mark) => mark.textContent)), ['checkout', 'checkout']);
  write('filter', 'POST /Checkout 201', 'POST /cart 201');
  await untilText(page, '.filter em', /^3 hidden$/);
  await untilRows(page, ['GET /checkout 200', 'ERROR checkout failed', 'POST /Checkout 201']);
  await page.click('.chip.error');
  await untilText(page, '.filter em', /^5 hidden$/);
  await untilRows(page, ['ERROR checkout failed']);
  await page.keyboard.press('Escape');
  await untilRows(page, [
    'GET /checkout 200',
    'GET /checkout/healthz 200',
    'ERROR checkout failed',
    'GET /cart 200',
    'POST /Checkout 201',
    'POST /cart 201',
  ]);
});

test('a filter that hides every line says so and offers to clear it', { timeout: 60_000 }, async (t) => {
  write('filter', 'something');
  const { page } = await openPage(t, browser, `${addressOf('filter')}&filter=nowhere`);
  await untilText(page, '#notice h2', /^The filter hides all \d+ lines$/);
  await page.click('#notice button');
  await page.waitForSelector('.row >> text=something');
});

test('copy all gives every line as it is in the file, whatever is hidden', { timeout: 60_000 }, async (t) => {
  const hard = [
    '',
    '  spaces  ',
    '\u001b[31mred\u001b[0m',
    '<script>x</script>',
    '🦄 astral',
    `long ${'x'.repeat(200_000)}`,
    'tab\there',
  ];
  write('copy', ...hard, ...numbered(0, 500));
  const { page } = await openPage(t, browser, `${addressOf('copy')}&filter=nowhere`);
  await untilText(page, '#foot .figures', /507 lines/);
  await page.click('#copy-all');
  await untilText(page, '#copy-all', /Copied 507 lines/);
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  assert.equal(copied, readFileSync(pathOf('copy.log'), 'utf8'));
});

test('a very long line is drawn in part, and opened by its button', { timeout: 60_000 }, async (t) => {
  write('long', 'before', `long ${'x'.repeat(9_995)}`, 'after');
  const { page } = await openPage(t, browser, addressOf('long'));
  await page.waitForSelector('.row >> text=after');
  const lengths = async () => (await drawnRows(page)).map((text) => text.length);
  assert.deepEqual(await lengths(), [6, 4_000, 5]);
  await page.click('.row >> text=Show all 10.0 kB');
  assert.deepEqual(await lengths(), [6, 10_000, 5]);
});

test('log text is text: markup does not run, colours become classes, escapes never show', { timeout: 60_000 }, async (t) => {
  write('markup', '<img src=x onerror="document.title=1"><b>bold</b>', '\u001b[1;31mred\u001b[0m and plain', 'end');
  const { page, complaints } = await openPage(t, browser, addressOf('markup'));
  await page.waitForSelector('.row >> text=end');
  assert.deepEqual(await drawnRows(page), ['<img src=x onerror="document.title=1"><b>bold</b>', 'red and plain', 'end']);
  assert.equal(await page.textContent('.row .fg1.bold'), 'red');
  assert.equal(await page.locator('#log img, #log b').count(), 0);
  assert.deepEqual(complaints, []);
});

test('an unfinished line is shown dim and replaced by its message; a rotation and a truncation are told', {
  timeout: 60_000,
}, async (t) => {
  write('rotate', 'first');
  const { page } = await openPage(t, browser, addressOf('rotate'));
  await page.waitForSelector('.row >> text=first');
  appendFileSync(pathOf('rotate.log'), 'importing 62 %');
  await untilText(page, '.row.unfinished .message', /^importing 62 %$/);
  appendFileSync(pathOf('rotate.log'), ', done\n');
  await page.waitForSelector('.row:not(.unfinished) >> text=importing 62 %, done');
  assert.equal(await page.locator('.row.unfinished').count(), 0);
  renameSync(pathOf('rotate.log'), pathOf('rotate.log.1'));
  writeFileSync(pathOf('rotate.log'), 'second\n');
  await page.waitForSelector('.row >> text=second');
  assert.match((await page.textContent('.note')) ?? '', /^rotate\.log was rotated, a new file begins · \d\d:\d\d:\d\d$/);
  truncateSync(pathOf('rotate.log'));
  write('rotate', 'x');
  await page.waitForSelector('.row >> text=x');
  assert.match((await page.locator('.note').last().textContent()) ?? '', /rotate\.log was truncated/);
});

test('following ends where the reader goes up, and comes back at End; nothing moves meanwhile', {
  timeout: 60_000,
}, async (t) => {
  write('read', ...numbered(0, 300));
  const { page } = await openPage(t, browser, addressOf('read'));
  await page.waitForSelector('.row >> text=line 299');
  await page.locator('#log').hover();
  await page.mouse.wheel(0, -1_000);
  await untilText(page, '#state', /^Reading/);
  const place = () => page.locator('.row', { hasText: /^line 250$/ }).boundingBox();
  await page.waitForFunction(() => (document.getElementById('log')?.scrollTop ?? 0) > 0);
  const before = await place();
  write('read', ...numbered(300, 800));
  await untilText(page, '#jump', /^↓ 500 new$/);
  assert.deepEqual(await place(), before);
  await page.keyboard.press('End');
  await page.waitForSelector('.row >> text=line 799');
  await page.keyboard.press('k');
  await untilText(page, '#state', /^Reading/);
  await page.keyboard.press('f');
  await untilText(page, '#state', /^Live$/);
});

test('selected text ends following and stays selected while lines come', { timeout: 60_000 }, async (t) => {
  write('read', 'select me');
  const { page } = await openPage(t, browser, addressOf('read'));
  await page
    .locator('.row', { hasText: 'select me' })
    .last()
    .locator('.message')
    .dblclick({ position: { x: 20, y: 8 } });
  await untilText(page, '#state', /^Reading/);
  write('read', ...numbered(800, 1_000));
  await untilText(page, '#jump', /^↓ 200 new$/);
  assert.match(await page.evaluate(() => String(getSelection())), /^select\s?$/);
});

test('every part is within reach of the keyboard: finder, filter, view, help', { timeout: 60_000 }, async (t) => {
  write('keys', ...numbered(0, 5));
  const { page } = await openPage(t, browser, addressOf('flow'));
  await page.waitForSelector('.row');
  await page.keyboard.press('Control+k');
  await page.keyboard.type('keys');
  await page.keyboard.press('Enter');
  await page.waitForSelector('.row >> text=line 4');
  assert.equal(await page.title(), 'keys.log · livefeed');
  await page.keyboard.press('w');
  assert.equal(await page.evaluate(() => document.documentElement.dataset.wrap), 'true');
  await page.keyboard.press('?');
  await page.waitForSelector('#keys[open]');
  await page.keyboard.press('Escape');
  await page.keyboard.press('/');
  assert.equal(await page.evaluate(() => document.activeElement?.id), 'filter');
});

test('a feed that is not there is refused in words, and shown as soon as it is there', { timeout: 60_000 }, async (t) => {
  const { page } = await openPage(t, browser, `${service.url}/#feed=nowhere.log`);
  await untilText(page, '#notice h2', /^There is no such feed$/);
  assert.deepEqual(await page.locator('#notice button').allTextContents(), ['Look again', 'Find another feed']);
});

test('an empty feed says that it waits, and how to make a line', { timeout: 60_000 }, async (t) => {
  const { page } = await openPage(t, browser, addressOf('phone'), { viewport: { width: 390, height: 844 }, hasTouch: true });
  await untilText(page, '#notice', /Nothing in phone\.log yet.*New lines appear here by themselves/s);
  write('phone', 'the first');
  await page.waitForSelector('.row >> text=the first');
  await page.waitForSelector('#notice', { state: 'hidden' });
});

test('on a phone the name opens the feeds, and the bar at the bottom pauses', { timeout: 60_000 }, async (t) => {
  write('flow', 'on a phone');
  const { page } = await openPage(t, browser, addressOf('phone'), { viewport: { width: 390, height: 844 }, hasTouch: true });
  await page.tap('.choose');
  await page.tap('#finder a[data-feed="flow.log"]');
  await page.waitForSelector('.row >> text=on a phone');
  assert.equal(await page.locator('#finder[open]').count(), 0);
  await page.tap('#bar >> text=Pause');
  await untilText(page, '#state', /^Paused/);
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert.equal(overflow, 0);
});
