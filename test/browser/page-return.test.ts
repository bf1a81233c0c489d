/** What the page does when the service is killed, and when it is back. */
import assert from 'node:assert/strict';
import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { scratchFolder } from '../e2e/scratch.ts';
import { Service, startService } from '../e2e/service.ts';
import { launchBrowser } from './browser.ts';
import { drawnRows, openPage, untilText } from './open-page.ts';

const folder = scratchFolder();
let browser: Browser;

before(async () => {
  browser = await launchBrowser();
});
after(() => browser.close());

/** Gives each drawn row a mark that only the very same node can have later. */
function markRows(page: Page): Promise<number> {
  return page.$$eval('.row', (rows) => {
    Object.assign(window, { markedRows: rows });
    return rows.length;
  });
}

function markedRowsStillDrawn(page: Page): Promise<number> {
  return page.evaluate(() => {
    const { markedRows } = window as unknown as { markedRows: Element[] };
    return markedRows.filter((row) => row.isConnected).length;
  });
}

test('a killed service is told with a true countdown; back, the page has every line and the same rows', {
  timeout: 120_000,
}, async (t) => {
  const file = join(folder, 'app.log');
  writeFileSync(file, Array.from({ length: 20 }, (_, number) => `line ${number}\n`).join(''));
  const service = await startService(t, [file]);
  const { page, complaints } = await openPage(t, browser, `${service.url}/#feed=app.log`);
  await page.waitForSelector('.row >> text=line 19');
  const marked = await markRows(page);
  assert.equal(marked, 20);

  await service.kill('SIGKILL');
  const words = await untilText(page, '#state', /^Reconnecting in \d+ s$/);
  await page.waitForSelector('#try-now');
  assert.match((await page.textContent('#since')) ?? '', /^shown as of \d\d:\d\d:\d\d$/);
  const seconds = Number(/\d+/.exec(words)?.[0]);
  assert.ok(seconds >= 0 && seconds <= 15, words);
  await assertCountsDown(page);

  appendFileSync(file, Array.from({ length: 30 }, (_, number) => `line ${20 + number}\n`).join(''));
  await service.start();
  await page.click('#try-now', { timeout: 1_000 }).catch(() => undefined);
  await untilText(page, '#state', /^Back at \d\d:\d\d · missed nothing, 30 caught up$/);
  assert.deepEqual(
    await drawnRows(page),
    Array.from({ length: 50 }, (_, number) => `line ${number}`),
  );
  assert.equal(await markedRowsStillDrawn(page), marked);
  assert.match((await page.textContent('.note')) ?? '', /^service restarted · nothing missed · \d\d:\d\d:\d\d$/);
  assert.match((await page.textContent('#since')) ?? '', /^nothing missed since/);
  assert.deepEqual(complaints, []);
});

/** The wait is longer after each failure, so one of several seconds comes: its figure must fall by one a second. */
async function assertCountsDown(page: Page): Promise<void> {
  const words = await untilText(page, '#state', /in [4-9] s/, 30_000);
  const startMs = performance.now();
  const seconds = Number(/\d+/.exec(words)?.[0]);
  await untilText(page, '#state', new RegExp(`in ${seconds - 2} s`));
  const tookMs = performance.now() - startMs;
  assert.ok(tookMs > 900 && tookMs < 3_500, `two seconds of the countdown took ${tookMs} ms`);
}

test('lines in memory that a restart has taken are told as a gap, and no longer as nothing missed', {
  timeout: 120_000,
}, async (t) => {
  const service = await startService(t, []);
  const { page } = await openPage(t, browser, service.url);
  await page.waitForSelector('.row >> text=Message');
  assert.equal(await page.title(), 'demo/messages · livefeed');
  await service.kill('SIGKILL');
  await untilText(page, '#state', /^Reconnecting/);
  await service.start();
  await page.waitForSelector('.note.gap', { timeout: 30_000 });
  assert.match(
    (await page.textContent('.note.gap')) ?? '',
    /may be missing.*the service was restarted, and messages is kept in memory only/,
  );
  await untilText(page, '#foot .figures', /1 gap of unknown size/);
});

test('a feed that goes with the service and does not come back is looked for again and again', {
  timeout: 120_000,
}, async (t) => {
  const file = join(folder, 'gone.log');
  const other = join(folder, 'other.log');
  writeFileSync(file, 'here\n');
  writeFileSync(other, '');
  const service = await startService(t, [file]);
  const { page } = await openPage(t, browser, `${service.url}/#feed=gone.log`);
  await page.waitForSelector('.row >> text=here');
  await service.kill('SIGKILL');
  const without = new Service(t, [other], {}, service.port);
  await without.start();
  await untilText(page, '#state', /^The feed is not there, looking again in \d+ s$/);
  assert.deepEqual(await drawnRows(page), ['here']);
  await without.kill('SIGKILL');
});
