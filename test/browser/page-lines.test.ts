/** A log that is longer than what the page keeps: all of it is within reach, and nothing jumps. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { scratchFolder } from '../e2e/scratch.ts';
import { type Service, startService } from '../e2e/service.ts';
import { launchBrowser } from './browser.ts';
import { openPage, untilText } from './open-page.ts';

const folder = scratchFolder();
let browser: Browser;
let service: Service;
const ended: (() => Promise<void>)[] = [];

const pathOf = (name: string) => join(folder, name);
const lines = (from: number, until: number, width = 0) =>
  Array.from({ length: until - from }, (_, index) => `line ${from + index} ${'x'.repeat(width)}\n`).join('');

before(async () => {
  writeFileSync(pathOf('old.log.2'), lines(0, 1_000));
  execFileSync('gzip', [pathOf('old.log.2')]);
  writeFileSync(pathOf('old.log.1'), lines(1_000, 2_000));
  writeFileSync(pathOf('old.log'), lines(2_000, 3_000));
  // 30 MB, where 16 are kept.
  writeFileSync(pathOf('large.log'), lines(0, 30_000, 1_000));
  writeFileSync(
    pathOf('wrap.log'),
    Array.from({ length: 6_000 }, (_, line) => `line ${line} ${'wide '.repeat(line % 90)}\n`).join(''),
  );
  writeFileSync(pathOf('burst.log'), '');
  writeFileSync(pathOf('short.log'), lines(0, 10));
  const names = ['old.log', 'large.log', 'wrap.log', 'burst.log', 'short.log'].map(pathOf);
  [browser, service] = await Promise.all([launchBrowser(), startService({ after: (end) => void ended.push(end) }, names)]);
});
after(async () => {
  await browser.close();
  for (const end of ended) await end();
});

/** The numbers of the lines that can be seen, from above. */
function seenLines(page: Page): Promise<number[]> {
  return page.evaluate(() => {
    const log = document.getElementById('log') as HTMLElement;
    const { top, bottom } = log.getBoundingClientRect();
    return [...log.querySelectorAll('.row')]
      .filter((row) => row.getBoundingClientRect().bottom > top && row.getBoundingClientRect().top < bottom)
      .map((row) => Number(/line (\d+)/.exec(row.querySelector('.message')?.textContent ?? '')?.[1]));
  });
}

async function untilSeen(page: Page, line: number): Promise<number[]> {
  const deadline = performance.now() + 15_000;
  for (;;) {
    const seen = await seenLines(page);
    if (seen.includes(line)) return seen;
    if (performance.now() > deadline) assert.fail(`line ${line} was waited for, seen are ${seen[0]} to ${seen.at(-1)}`);
  }
}

function assertConsecutive(seen: readonly number[]): void {
  assert.ok(seen.length > 5, `only ${seen.length} lines can be seen`);
  for (const [index, line] of seen.entries()) assert.equal(line, (seen[0] ?? 0) + index, `seen are ${seen.join(' ')}`);
}

async function untilConsecutive(page: Page): Promise<void> {
  const deadline = performance.now() + 10_000;
  for (let seen = await seenLines(page); ; seen = await seenLines(page)) {
    const isWhole = seen.length > 5 && seen.every((line, index) => line === (seen[0] ?? 0) + index);
    if (isWhole) return;
    if (performance.now() > deadline) assertConsecutive(seen);
  }
}

/** Scrolls in the page itself, frame by frame, up to line `last`; `missed` says what was not drawn on the way, or twice. */
async function scrollThrough(page: Page, by: number, last: number): Promise<{ steps: number; missed: string }> {
  await page.evaluate('globalThis.__name ??= (target) => target');
  return page.evaluate(
    async ({ by, last }) => {
      const log = document.getElementById('log') as HTMLElement;
      const numbers = () =>
        [...log.querySelectorAll('.row .message')].map((row) => Number(/line (\d+)/.exec(row.textContent ?? '')?.[1]));
      const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
      const endAt = performance.now() + 30_000;
      let edge = numbers()[by < 0 ? 0 : numbers().length - 1] ?? -1;
      for (let steps = 1; performance.now() < endAt; steps += 1) {
        log.dispatchEvent(new WheelEvent('wheel', { deltaY: by }));
        log.scrollTop += by;
        await frame();
        const now = numbers();
        const broken = now.findIndex((line, index) => line !== (now[0] ?? 0) + index);
        if (broken >= 0) return { steps, missed: `${now[broken]} follows ${now[broken - 1]}` };
        if (!now.includes(edge)) return { steps, missed: `${edge} is not beside ${now[0]} to ${now.at(-1)}` };
        edge = now[by < 0 ? 0 : now.length - 1] ?? -1;
        if (by < 0 ? edge <= last : edge >= last) return { steps, missed: '' };
      }
      return { steps: 0, missed: `nothing beyond ${edge} came` };
    },
    { by, last },
  );
}

async function untilSeenAbout(page: Page, line: number): Promise<number[]> {
  const deadline = performance.now() + 10_000;
  for (;;) {
    const seen = await seenLines(page);
    if (Math.abs((seen[0] ?? Number.NaN) - line) < 300) return seen;
    if (performance.now() > deadline) assert.fail(`about line ${line} was waited for, seen are ${seen[0]} to ${seen.at(-1)}`);
  }
}

async function boxOf(page: Page): Promise<{ x: number; y: number; height: number }> {
  const box = await page.locator('#map').boundingBox();
  assert.ok(box !== null);
  return box;
}

/** As a wheel does; resolves when it has been drawn. */
function scrollBy(page: Page, by: number): Promise<void> {
  return page.evaluate(async (deltaY) => {
    const log = document.getElementById('log') as HTMLElement;
    log.dispatchEvent(new WheelEvent('wheel', { deltaY }));
    log.scrollTop += deltaY;
    for (let frame = 0; frame < 3; frame += 1) await new Promise((resolve) => requestAnimationFrame(resolve));
  }, by);
}

test('scrolling up goes through the whole history, rotated files and archives included, each line once', {
  timeout: 60_000,
}, async (t) => {
  const { page, complaints } = await openPage(t, browser, `${service.url}/#feed=old.log`);
  await untilText(page, '#state', /^Live$/);
  await page.locator('#log').hover();
  await page.mouse.wheel(0, -300);
  assert.equal((await scrollThrough(page, -2_000, 0)).missed, '');
  assert.deepEqual(
    (await page.locator('.note .words').allTextContents()).filter((words) => !words.startsWith('old.log was rotated')),
    [],
  );
  await untilText(page, '#foot .figures', /3,000 lines loaded of/);
  assert.equal((await scrollThrough(page, 2_000, 2_999)).missed, '');
  assert.deepEqual(complaints, []);
});

test('what is beyond the memory is dropped and fetched again, up and down, without a line lost or twice', {
  timeout: 90_000,
}, async (t) => {
  const { page } = await openPage(t, browser, service.url);
  await page.evaluate(() => localStorage.setItem('livefeed.view', '{"memory":"16"}'));
  await page.goto(`${service.url}/#feed=large.log`);
  await page.reload();
  await untilText(page, '#foot .figures', /lines loaded of 30\.\d MB/);
  const box = await boxOf(page);
  for (let place = 1; place < 22; place += 1) {
    const y = (box.height * place) / 22;
    await page.mouse.click(box.x + 20, box.y + y);
    // The thumb, 24 pixels high, is at the pointer with its middle.
    await untilSeenAbout(page, (30_000 * (y - 12)) / (box.height - 24));
  }
  const kept = await untilText(page, '#foot .figures', /lines loaded of/);
  const count = Number(/([\d,]+) lines loaded/.exec(kept)?.[1]?.replace(',', ''));
  // 16 MB are some 16,000 lines, with what has just come.
  assert.ok(count > 8_000 && count < 18_000, kept);
  await page.mouse.click(box.x + 20, box.y + box.height / 2);
  const middle = (await untilSeenAbout(page, 15_000))[0] ?? 0;
  assert.equal((await scrollThrough(page, -2_900, middle - 2_500)).missed, '');
  assert.equal((await scrollThrough(page, 2_900, middle + 2_500)).missed, '');
  appendFileSync(pathOf('large.log'), lines(30_000, 30_010));
  await page.keyboard.press('End');
  assertConsecutive(await untilSeen(page, 30_009));
});

test('Home gets the oldest line and End the newest, and PageUp and PageDown move by what can be seen', {
  timeout: 60_000,
}, async (t) => {
  const { page } = await openPage(t, browser, `${service.url}/#feed=old.log`);
  assertConsecutive(await untilSeen(page, 2_999));
  await page.keyboard.press('Home');
  const first = await untilSeen(page, 0);
  assertConsecutive(first);
  await page.keyboard.press('PageDown');
  const second = await untilSeen(page, (first.at(-1) ?? 0) + 10);
  assert.ok(first.includes(second[0] ?? -1), `${first.at(-1)} and then ${second[0]}`);
  await page.keyboard.press('PageUp');
  await untilSeen(page, 0);
  await page.keyboard.press('End');
  assertConsecutive(await untilSeen(page, 2_999));
  await untilText(page, '#state', /^Live$/);
});

test('the scroll bar is the whole feed by its bytes: dragged anywhere, it is there with one request', {
  timeout: 60_000,
}, async (t) => {
  const { page } = await openPage(t, browser, `${service.url}/#feed=large.log`);
  await untilText(page, '#foot .figures', /loaded of 30\.\d MB/);
  const asked: string[] = [];
  page.on('request', (request) => request.url().includes('since=byte') && asked.push(request.url()));
  const box = await boxOf(page);
  await page.mouse.click(box.x + 20, box.y + box.height / 4);
  await untilText(page, '#state', /^Reading/);
  // A little less than a quarter: the thumb has a height, and is at the pointer with its middle.
  const quarter = await untilSeenAbout(page, 7_320);
  assertConsecutive(quarter);
  assert.equal(asked.length, 1, asked.join('\n'));
  await page.mouse.move(box.x + 20, box.y + box.height / 4);
  await page.mouse.down();
  for (const share of [0.3, 0.45, 0.6]) await page.mouse.move(box.x + 20, box.y + box.height * share, { steps: 5 });
  assert.match((await page.textContent('#place')) ?? '', /^18\.\d MB of 30\.\d MB$/);
  await page.mouse.up();
  assertConsecutive(await untilSeenAbout(page, 18_000));
  await page.waitForSelector('#map[aria-valuenow="60"]');
  assert.equal((await scrollThrough(page, 3_000, 19_000)).missed, '');
});

test('a feed that fits on the screen stays where it is at a pause', { timeout: 60_000 }, async (t) => {
  const { page } = await openPage(t, browser, `${service.url}/#feed=short.log`);
  const place = () => page.locator('.row', { hasText: 'line 3' }).boundingBox();
  await page.waitForSelector('.row >> text=line 9');
  await untilText(page, '#foot .figures', /loaded of/);
  const before = await place();
  await page.keyboard.press('p');
  await untilText(page, '#state', /^Paused/);
  await scrollBy(page, 0);
  assert.deepEqual(await place(), before);
});

test('older lines that cannot be had for a while are waited for, in words, and come when the service is back', {
  timeout: 60_000,
}, async (t) => {
  const own = await startService(t, [pathOf('old.log')]);
  const { page } = await openPage(t, browser, `${own.url}/#feed=old.log`);
  await untilText(page, '#foot .figures', /loaded of/);
  await own.kill('SIGKILL');
  for (let turn = 0; turn < 8; turn += 1) await scrollBy(page, -3_000);
  await untilText(page, '#log .edge', /^These lines could not be read just now, trying again$/);
  assertConsecutive(await seenLines(page));
  await own.start();
  await page.waitForFunction(() => !document.querySelector('#log .edge')?.textContent?.startsWith('These'));
  assert.equal((await scrollThrough(page, -2_000, 0)).missed, '');
});

test('while somebody reads wrapped lines, nothing moves: not when older lines come, nor newer ones', {
  timeout: 60_000,
}, async (t) => {
  const { page } = await openPage(t, browser, `${service.url}/#feed=wrap.log`);
  await untilText(page, '#state', /^Live$/);
  await page.keyboard.press('w');
  await page.locator('#log').hover();
  const placeOf = (line: number) =>
    page.evaluate((wanted) => {
      const rows = [...document.querySelectorAll('.row')];
      return rows.find((row) => row.querySelector('.message')?.textContent?.startsWith(`${wanted} `))?.getBoundingClientRect()
        .top;
    }, `line ${line}`);
  for (let round = 0; round < 8; round += 1) {
    await scrollBy(page, -2_400);
    await page.waitForFunction(() => document.querySelector('.edge:not([hidden])') === null);
    const middle = (await seenLines(page))[3] ?? 0;
    const before = await placeOf(middle);
    appendFileSync(pathOf('wrap.log'), lines(6_000 + round * 50, 6_050 + round * 50));
    await untilText(page, '#jump', new RegExp(`^↓ ${50 * (round + 1)} new$`));
    assert.equal(await placeOf(middle), before, `line ${middle} in round ${round}`);
    assertConsecutive(await seenLines(page));
  }
});

test('lines are read in a worker; where there can be none, the page reads them itself', { timeout: 60_000 }, async (t) => {
  const { page } = await openPage(t, browser, `${service.url}/#feed=old.log`);
  await untilSeen(page, 2_999);
  assert.equal(page.workers().length, 1);
  await page.route('**/assets/worker.js', (route) => route.abort());
  await page.reload();
  await untilSeen(page, 2_999);
  await page.keyboard.press('Home');
  assertConsecutive(await untilSeen(page, 0));
  assert.equal(page.workers().length, 0);
});

test('of a burst faster than eyes some lines are drawn and every error, the others are counted, and at a pause each is there', {
  timeout: 60_000,
}, async (t) => {
  const { page } = await openPage(t, browser, `${service.url}/#feed=burst.log`);
  await untilText(page, '#state', /^Live$/);
  const watched = await page.evaluateHandle(() => {
    const seen = { errors: new Set<string>(), outOfOrder: [] as string[], screensMs: [] as number[] };
    const log = document.getElementById('log') as HTMLElement;
    let rowsBefore = new Set<number>();
    new MutationObserver(() => {
      const rows = [...log.querySelectorAll('.row:not(.unfinished)')].map((row) => {
        const [words = '', line] = /line (\d+)/.exec(row.textContent ?? '') ?? [];
        if (row.matches('.error')) seen.errors.add(words);
        return Number(line);
      });
      for (const [index, line] of rows.entries()) {
        const before = rows[index - 1] ?? -1;
        if (line <= before) seen.outOfOrder.push(`${before} ${line}`);
      }
      const kept = rows.filter((line) => rowsBefore.has(line)).length;
      if (kept < rowsBefore.size / 2) seen.screensMs.push(performance.now());
      rowsBefore = new Set(rows);
    }).observe(log, { childList: true });
    return seen;
  });
  let written = 0;
  const write = () => {
    const text = Array.from({ length: 200 }, (_, index) => {
      const line = written + index;
      return `${line % 1_000 === 777 ? 'ERROR ' : ''}line ${line}\n`;
    });
    appendFileSync(pathOf('burst.log'), text.join(''));
    written += 200;
  };
  const writing = setInterval(write, 25);
  t.after(() => clearInterval(writing));
  await untilText(page, '#log', /Faster than eyes: 1 line in [\d,]+ is drawn, and every error/);
  await untilText(page, '#foot .figures', /[\d,]{5,} not drawn/);
  const { drawn, outOfOrder, screensMs } = await page.evaluate(
    ({ errors, ...seen }) => ({ ...seen, drawn: [...errors] }),
    watched,
  );
  assert.deepEqual(outOfOrder, []);
  const screensApartMs = screensMs.slice(1).map((ms, index) => ms - (screensMs[index] ?? 0));
  // The usual one of them, and half of the time: behind a screen that was long in the making the next one is nearer.
  const usualMs = screensApartMs.sort((a, b) => a - b)[Math.floor(screensApartMs.length / 2)] ?? Number.POSITIVE_INFINITY;
  assert.ok(usualMs > 50, `no screens of other rows one frame after another: ${screensApartMs}`);
  const last = Math.max(...drawn.map((line) => Number(line.slice(5))));
  const all = Array.from({ length: Math.floor(last / 1_000) + 1 }, (_, index) => `line ${index * 1_000 + 777}`);
  // Errors that were left out before the burst was one come later than others, above these.
  assert.deepEqual(
    drawn.sort((a, b) => Number(a.slice(5)) - Number(b.slice(5))),
    all,
  );
  await page.keyboard.press('p');
  await untilConsecutive(page);
  assert.doesNotMatch((await page.textContent('#log')) ?? '', /Faster than eyes/);
  await page.keyboard.press('f');
  await untilText(page, '#log', /Faster than eyes/);
  clearInterval(writing);
  await untilText(page, '#foot .figures', new RegExp(`${written.toLocaleString('en-US')} lines`));
  await untilSeen(page, written - 1);
  await untilConsecutive(page);
  await untilSeen(page, written - 1);
  await page.waitForFunction(() => !document.getElementById('log')?.textContent?.includes('Faster than eyes'));
});
