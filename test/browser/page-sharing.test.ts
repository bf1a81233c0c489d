/** The address is the state; lines are linked to, copied and saved. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { appendFileSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import type { Browser, Page } from 'playwright-core';
import { scratchFolder } from '../e2e/scratch.ts';
import { type Service, startService } from '../e2e/service.ts';
import { launchBrowser } from './browser.ts';
import { openPage, untilRows, untilText } from './open-page.ts';

const run = promisify(execFile);
const folder = scratchFolder();
const ended: (() => Promise<void>)[] = [];
let browser: Browser;
let service: Service;

before(async () => {
  for (const name of ['long', 'other', 'copied']) writeFileSync(pathOf(name), '');
  appendFileSync(pathOf('long'), numbered(0, 4_000));
  appendFileSync(pathOf('other'), 'other\n');
  [browser, service] = await Promise.all([
    launchBrowser(),
    startService({ after: (end) => void ended.push(end) }, ['long', 'other', 'copied'].map(pathOf)),
  ]);
});
after(async () => {
  await browser.close();
  for (const end of ended) await end();
});

function pathOf(name: string): string {
  return join(folder, `${name}.log`);
}

function numbered(from: number, until: number): string {
  return Array.from({ length: until - from }, (_, index) => `line ${from + index}\n`).join('');
}

async function share(page: Page, words: RegExp): Promise<string> {
  await page.evaluate(() => navigator.clipboard.writeText(''));
  await page.click('#header >> text=Share');
  await page.locator('#share-menu button', { hasText: words }).click();
  return page.evaluate(async () => {
    for (;;) {
      const copied = await navigator.clipboard.readText();
      if (copied !== '') return copied;
      await new Promise(requestAnimationFrame);
    }
  });
}

async function untilInView(page: Page, text: string): Promise<void> {
  await page.waitForFunction((text) => {
    const view = document.getElementById('log')?.getBoundingClientRect();
    return [...document.querySelectorAll('.row')].some((row) => {
      const { top, bottom } = row.getBoundingClientRect();
      return (
        row.querySelector('.message')?.textContent === text && view !== undefined && top >= view.top - 1 && bottom <= view.bottom
      );
    });
  }, text);
}

test('a link to a line shows it in another browser, also after the file was rotated', { timeout: 60_000 }, async (t) => {
  const { page } = await openPage(t, browser, `${service.url}/#feed=long.log`);
  await page.waitForSelector('.row >> text=line 3999');
  await page.click('.row >> text=line 3980');
  const link = await share(page, /Copy a link to the line/);
  assert.match(link, /#feed=long\.log&line=[\w.~-]+:\d+$/);
  renameSync(pathOf('long'), `${pathOf('long')}.1`);
  writeFileSync(pathOf('long'), numbered(4_000, 5_500));
  await page.waitForSelector('.row >> text=line 5499');
  const { page: other } = await openPage(t, browser, link);
  await other.waitForSelector('.row[aria-current][data-linked] >> text=line 3980');
  await untilInView(other, 'line 3980');
  assert.match((await other.textContent('#state')) ?? '', /^Reading/);
});

test('selected lines are linked to as a range, and given as text, as JSON and by curl', { timeout: 60_000 }, async (t) => {
  appendFileSync(pathOf('copied'), 'one\ntwo <b>\n\tthree 🦄\nfour\n');
  const { page, complaints } = await openPage(t, browser, `${service.url}/#feed=copied.log`);
  await page.waitForSelector('.row >> text=four');
  await page.evaluate(() => {
    const [, two, three] = document.querySelectorAll('.row .message');
    if (two !== undefined && three !== undefined) getSelection()?.setBaseAndExtent(two, 0, three, 1);
  });
  await untilText(page, '#state', /^Reading/);
  assert.equal(await share(page, /as text/), 'two <b>\n\tthree 🦄\n');
  const json = (await share(page, /as JSON/))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.deepEqual(
    json.map(({ feed, data }) => [feed, data]),
    [
      ['copied.log', 'two <b>'],
      ['copied.log', '\tthree 🦄'],
    ],
  );
  const command = await share(page, /the curl that shows the 2 lines/);
  assert.equal((await run('sh', ['-c', command])).stdout, 'two <b>\n\tthree 🦄\n');
  const { page: other } = await openPage(t, browser, await share(page, /link to the 2 lines/));
  await other.waitForSelector('.row[data-linked] >> text=three');
  assert.deepEqual(await other.$$eval('.row[data-linked] .message', (rows) => rows.map(({ textContent }) => textContent)), [
    'two <b>',
    '\tthree 🦄',
  ]);
  assert.deepEqual(complaints, []);
});

test('what is shown is downloaded as it is, and its curl gives the same', { timeout: 60_000 }, async (t) => {
  appendFileSync(pathOf('copied'), "ERROR it's 5% off\nERROR other\nINFO it's fine\n");
  const { page } = await openPage(t, browser, `${service.url}/#feed=copied.log&filter=it's&levels=error`);
  await untilRows(page, ["ERROR it's 5% off"]);
  await page.keyboard.press('s');
  const [file] = await Promise.all([page.waitForEvent('download'), page.click('#share-menu >> text=Download the 1 line shown')]);
  assert.match(file.suggestedFilename(), /^copied-\d{4}-\d\d-\d\d-\d{6}\.log$/);
  assert.equal(readFileSync(await file.path(), 'utf8'), "ERROR it's 5% off\n");
  const command = (await share(page, /the curl that shows the same/)).trim();
  assert.equal((await run('sh', ['-c', `${command} -d follow=false`])).stdout, "ERROR it's 5% off\n");
});

test('the address keeps the place that is read, and Back and Forward go between places', { timeout: 60_000 }, async (t) => {
  const { page } = await openPage(t, browser, `${service.url}/#feed=long.log`);
  await page.waitForSelector('.row >> text=line 5499');
  for (let pages = 0; pages < 4; pages += 1) await page.keyboard.press('PageUp');
  await untilText(page, '#state', /^Reading/);
  await page.waitForFunction(() => location.hash.includes('&at='));
  const top = await page.evaluate(() => {
    const view = document.getElementById('log')?.getBoundingClientRect();
    const rows = [...document.querySelectorAll('.row')];
    return (
      rows.find((row) => row.getBoundingClientRect().bottom > (view?.top ?? 0) + 4)?.querySelector('.message')?.textContent ?? ''
    );
  });
  await page.click('#sidebar [data-feed="other.log"]');
  await page.waitForSelector('.row >> text=other');
  await page.goBack();
  await page.waitForSelector(`.row >> text="${top}"`);
  await untilText(page, '#state', /^Reading/);
  await untilInView(page, top);
  await page.reload();
  await page.waitForSelector(`.row >> text="${top}"`);
  await untilInView(page, top);
  await page.goForward();
  await page.waitForSelector('.row >> text=other');
  await untilText(page, '#state', /^Live$/);
});

test('a line that is gone is told, with what is there instead', { timeout: 60_000 }, async (t) => {
  const { page } = await openPage(t, browser, `${service.url}/#feed=copied.log`);
  await page.click('.row >> text=two');
  const link = await share(page, /Copy a link to the line/);
  writeFileSync(pathOf('copied'), 'something else\n');
  await page.waitForSelector('.row >> text=something else');
  const { page: other } = await openPage(t, browser, link);
  await untilText(other, '#banner', /The line that was asked for is gone: copied\.log does not keep it any more/);
  await other.click('#banner >> text=Follow the newest');
  await other.waitForSelector('#banner', { state: 'hidden' });
});
