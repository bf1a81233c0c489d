/** Several feeds shown together: one list in the order of time, each row with its feed. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { appendFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { scratchFolder } from '../e2e/scratch.ts';
import { type Service, startService } from '../e2e/service.ts';
import { assertContrast, axe } from './axe.ts';
import { launchBrowser } from './browser.ts';
import { openPage, untilText } from './open-page.ts';

const folder = scratchFolder();
const ended: (() => Promise<void>)[] = [];
const startMs = Date.now() - 3_600_000;
let browser: Browser;
let service: Service;

const file = (name: string) => join(folder, `${name}.log`);
/** The time of the line is so many seconds after the start. */
const at = (second: number, words: string) => `${new Date(startMs + second * 1_000).toISOString()} ${words}\n`;
const write = (name: string, ...lines: string[]) => appendFileSync(file(name), lines.join(''));
const many = (from: number, to: number, step: number, words: string) =>
  Array.from({ length: Math.ceil((to - from) / step) }, (_, index) => at(from + index * step, `${words} ${from + index * step}`));

before(async () => {
  for (const name of ['api', 'db', 'old', 'quiet']) writeFileSync(file(name), '');
  write(
    'api',
    at(1, 'api 1'),
    at(3, 'api 3'),
    at(3.5, 'ERROR api broke'),
    '    at Gateway.charge (/srv/a.js:1:2)\n',
    at(6, 'api 6'),
  );
  write('db', at(2, 'db 2'), at(3.2, 'db 3.2'), at(5, 'db 5'));
  writeFileSync(file('plain'), 'plain one\nplain two\n');
  write('old', ...many(0, 3_000, 1, 'old'));
  write('quiet', ...many(0, 3_000, 500, 'quiet'));
  const names = ['api', 'db', 'plain', 'old', 'quiet'];
  [browser, service] = await Promise.all([
    launchBrowser(),
    startService({ after: (end) => void ended.push(end) }, [...names.map(file)]),
  ]);
});
after(async () => {
  await browser.close();
  for (const end of ended) await end();
});

/** Of each row its feed, whether it is late, and its text. */
function rows(page: Page): Promise<string[]> {
  return page.$$eval('.row:not(.unfinished)', (elements) =>
    elements.map((row) => {
      const message = row.querySelector('.message')?.cloneNode(true) as Element;
      for (const late of message.querySelectorAll('.late')) late.remove();
      return [
        row.querySelector('.source')?.textContent,
        ...(row.querySelector('.late') === null ? [] : ['late']),
        message.textContent,
      ].join('|');
    }),
  );
}

async function untilRows(page: Page, expected: readonly string[]): Promise<void> {
  const deadline = performance.now() + 15_000;
  for (;;) {
    const now = await rows(page);
    if (now.join('\n') === expected.join('\n')) return;
    if (performance.now() > deadline) assert.deepEqual(now, expected);
    await page.evaluate(() => new Promise(requestAnimationFrame));
  }
}

/** The time of the line as somebody types it, in whole seconds. */
function clock(second: number): string {
  const time = new Date(startMs + second * 1_000 - new Date(startMs).getTimezoneOffset() * 60_000);
  return time.toISOString().slice(0, 19).replace('T', ' ');
}

async function goToTime(page: Page, time: string): Promise<void> {
  await page.keyboard.press('t');
  await page.fill('#time-dialog input', time);
  await page.keyboard.press('Enter');
}

function untilTop(page: Page, text: string): Promise<unknown> {
  return page.waitForFunction((text) => {
    const log = document.getElementById('log') as HTMLElement;
    const top = [...log.querySelectorAll('.row')].find(
      (row) => row.getBoundingClientRect().bottom > log.getBoundingClientRect().top + 1,
    );
    return top?.querySelector('.message')?.textContent === text;
  }, text);
}

const TOGETHER = ['api|api 1', 'db|db 2', 'api|api 3', 'db|db 3.2', 'api|ERROR api broke', 'db|db 5', 'api|api 6'];

test('by keys a second and a third feed are shown with the first: in the order of time, each row with its feed', {
  timeout: 60_000,
}, async (t) => {
  const { page, complaints } = await openPage(t, browser, `${service.url}/#feed=api.log`);
  await page.waitForSelector('.row >> text=api 6');
  assert.equal(await page.locator('.source').count(), 0);
  await page.focus('[data-feed="api.log"]');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Space');
  await untilRows(page, TOGETHER);
  assert.equal(new URL(page.url()).hash, '#feeds=api.log,db.log');
  assert.deepEqual(
    await page.$$eval('[aria-current="page"]', (links) => links.map((link) => (link as HTMLElement).dataset.feed)),
    ['api.log', 'db.log'],
  );
  await page.hover('[data-feed="plain.log"]');
  await page.click('[aria-label="Show plain.log with the others"]');
  // Nobody knows when these were written: they are of when they were read first.
  await untilRows(page, [...TOGETHER, 'plain|plain one', 'plain|plain two']);
  write('db', at(7, 'db 7'));
  write('plain', 'plain three\n');
  await page.waitForSelector('.row >> text=plain three');
  await page.click('[aria-label="Show plain.log with the others"]');
  await untilRows(page, [...TOGETHER, 'db|db 7']);
  await page.fill('#filter', 'broke');
  await untilRows(page, ['api|ERROR api broke']);
  await page.fill('#filter', '');
  await page.focus('#log');
  await page.keyboard.press('p');
  write('api', at(8, 'api 8'));
  await untilText(page, '#state', /^Paused · 1 new$/);
  assert.deepEqual(await rows(page), [...TOGETHER, 'db|db 7']);
  await page.keyboard.press('f');
  await untilRows(page, [...TOGETHER, 'db|db 7', 'api|api 8']);
  assert.deepEqual(complaints, []);
});

test('what comes late is marked where it arrives; killed and started again, each feed has each line once', {
  timeout: 90_000,
}, async (t) => {
  for (const name of ['one', 'two', 'three']) writeFileSync(file(name), at(1, `${name} 0`));
  const own = await startService(t, ['one', 'two', 'three'].map(file));
  const { page, complaints } = await openPage(t, browser, `${own.url}/#feeds=one.log,two.log,three.log`);
  const first = ['one|one 0', 'two|two 0', 'three|three 0'];
  await untilRows(page, first);
  write('one', at(20, 'one 20'));
  await untilRows(page, [...first, 'one|one 20']);
  write('two', at(10, 'two 10'), at(21, 'two 21'));
  const seen = [...first, 'one|one 20', 'two|late|two 10', 'two|two 21'];
  await untilRows(page, seen);

  await own.kill('SIGKILL');
  await untilText(page, '#state', /^Reconnecting in \d+ s$/);
  for (let number = 30; number < 60; number += 1) write(['one', 'two', 'three'][number % 3] ?? '', at(number, `n ${number}`));
  await own.start();
  await page.click('#try-now', { timeout: 1_000 }).catch(() => undefined);
  await untilText(page, '#state', /^Back at \d\d:\d\d · missed nothing, 30 caught up$/);
  const caughtUp = Array.from({ length: 30 }, (_, index) => `${['one', 'two', 'three'][index % 3]}|n ${30 + index}`);
  await untilRows(page, [...seen, ...caughtUp]);
  assert.match((await page.textContent('.note')) ?? '', /^service restarted · nothing missed/);
  await untilText(page, '#foot .figures', /0 missed.*36 lines/s);
  write('three', at(61, 'live'));
  await untilRows(page, [...seen, ...caughtUp, 'three|live']);

  renameSync(file('two'), `${file('two')}.1`);
  writeFileSync(file('two'), at(62, 'two again'));
  await page.waitForSelector('.row >> text=two again');
  assert.match((await page.locator('.note').last().textContent()) ?? '', /^two\.log was rotated, a new file begins/);
  assert.deepEqual(complaints, []);
});

test('scrolled up, a busy and a quiet feed are in order to the oldest line of both', { timeout: 60_000 }, async (t) => {
  const { page } = await openPage(t, browser, `${service.url}/#feeds=old.log,quiet.log`);
  await page.waitForSelector('.row >> text=old 2999');
  // What of the quiet feed is older waits for what is as old of the busy one.
  await untilText(page, '#foot .figures', /\b1,002 lines loaded/);
  await page.focus('#log');
  const deadline = performance.now() + 20_000;
  while ((await page.textContent('.edge')) !== 'The oldest line') {
    assert.ok(performance.now() < deadline, 'the oldest line has not been reached');
    await page.keyboard.press('Home');
    await page.evaluate(() => new Promise(requestAnimationFrame));
  }
  await untilText(page, '#foot .figures', /\b3,006 lines loaded/);
  await page.click('#copy-all');
  const copied = (await page.evaluate(() => navigator.clipboard.readText())).trimEnd().split('\n');
  const expected = Array.from({ length: 3_000 }, (_, second) => [
    `old ${second}`,
    ...(second % 500 === 0 ? [`quiet ${second}`] : []),
  ]);
  assert.deepEqual(
    copied.map((line) => line.slice(25)),
    expected.flat(),
  );
});

test('a time is gone to among feeds shown together; the address leads back there, and marks hold', {
  timeout: 60_000,
}, async (t) => {
  const { page, complaints } = await openPage(t, browser, `${service.url}/#feeds=old.log,quiet.log`);
  await page.waitForSelector('.row >> text=old 2999');
  await page.focus('#log');
  const release = new AbortController();
  const released = once(release.signal, 'abort');
  await page.route(/before=/, (route) => released.then(() => route.continue()));
  await goToTime(page, clock(600));
  await untilText(page, '#toast', /^Looking for \d\d:\d\d:\d\d further up · 1,\d\d\d lines looked at · Esc stops$/);
  await page.keyboard.press('Escape');
  await untilText(page, '#toast', /^The search was stopped$/);
  release.abort();
  await goToTime(page, clock(700));
  const current = page.locator('.row[aria-current="true"] .message');
  await untilText(page, '.row[aria-current="true"] .message', /^old 700$/);
  await page.keyboard.press('m');
  await untilText(page, '#toast', /^Marked/);
  for (let line = 0; line < 3; line += 1) await page.keyboard.press('j');
  await untilText(page, '.row[aria-current="true"] .message', /^old 703$/);
  await page.click('#header >> text=Share');
  await page.click('text=Copy a link to the time of the line');
  const link = await page.evaluate(() => navigator.clipboard.readText());
  assert.equal(new URL(link).hash, `#feeds=old.log,quiet.log&time=${new Date(startMs + 703_000).toISOString()}`);
  await page.keyboard.press('f');
  await page.waitForSelector('.row >> text=old 2999');
  await page.keyboard.press('[');
  await untilText(page, '.row[aria-current="true"] .message', /^old 700$/);
  await page.waitForSelector('.row[data-marked]');

  await page.goto('about:blank');
  await page.goto(link);
  await untilTop(page, 'old 703');
  await page.waitForFunction((hash) => location.hash === hash, new URL(link).hash);
  await goToTime(page, clock(5_000));
  await untilText(page, '#toast', /^Nothing has come since then$/);
  assert.equal(await current.count(), 0);
  assert.deepEqual(complaints, []);
});

test('it reads well on a phone and in both themes, and says that 33 feeds are too many', { timeout: 90_000 }, async (t) => {
  const hash = '#feeds=api.log,db.log,quiet.log';
  for (const [colorScheme, width] of [
    ['dark', 1400],
    ['light', 320],
  ] as const) {
    const { page, complaints } = await openPage(t, browser, `${service.url}/${hash}`, {
      colorScheme,
      viewport: { width, height: 844 },
    });
    await page.waitForSelector('.row >> text=quiet 2500');
    write('api', at(4, `late ${width}`));
    await page.waitForSelector('.late');
    const { violations, unsure } = await axe(page, 50);
    assert.deepEqual(violations, []);
    assertContrast(unsure, `${width}`);
    assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= width);
    assert.deepEqual(complaints, []);
    await page.context().close();
  }
  const names = Array.from({ length: 33 }, (_, number) => `f${number}`);
  const { page } = await openPage(t, browser, `${service.url}/#feeds=${names.join()}`);
  await untilText(page, '#notice', /33 feeds are too many.*At most 32 feeds can be shown together/s);
});
