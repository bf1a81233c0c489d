/**
 * The page at work, as the README shows it. `UPDATE_SCREENSHOT=1 node --import tsx test/run.ts dashboard` draws docs/dashboard.png
 * anew; without that the tree is left as it is.
 */
import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { scratchFolder } from '../e2e/scratch.ts';
import { startService } from '../e2e/service.ts';
import { launchBrowser } from './browser.ts';
import { openPage, untilText } from './open-page.ts';
import { accessLine, appLines, auditLine, failure, jobLine } from './sample-log.ts';

const PICTURE = join(import.meta.dirname, '..', '..', 'docs', 'dashboard.png');
const isForPicture = process.env.UPDATE_SCREENSHOT !== undefined;
/** For the picture the figures of a minute are wanted; otherwise some lines are enough. */
const LIFE_MS = isForPicture ? 50_000 : 1_000;

test('at 1400 × 900 there are 39 rows, nothing overlaps and nothing is cut off', { timeout: 120_000 }, async (t) => {
  const folder = makeLogs(t);
  const browser = await launchBrowser();
  t.after(() => browser.close());
  const args = [`web=${join(folder, 'web')}`, `jobs=${join(folder, 'jobs')}`, '--demo'];
  const service = await startService(t, args);
  const { page, complaints } = await openPage(t, browser, `${service.url}/#feed=web/app.log`);
  await page.waitForSelector('.row');
  await live(t, folder);
  renameSync(join(folder, 'web', 'app.log'), join(folder, 'web', 'app.log.1'));
  writeFileSync(join(folder, 'web', 'app.log'), appLines(6));
  await page.waitForSelector('.note');
  appendFileSync(join(folder, 'web', 'app.log'), `${appLines(9)}${failure()}${appLines(7)}`);
  await page.fill('#filter', 'checkout !healthz');
  appendFileSync(join(folder, 'web', 'app.log'), 'importing prices  [##########······]  62 % of checkout');
  await page.waitForSelector('.row.unfinished');
  assert.ok((await rowsInView(page)) >= 39, `${await rowsInView(page)} rows can be seen`);
  await page.click('#follow');
  appendFileSync(join(folder, 'web', 'app.log'), `\n${appLines(40)}`);
  await untilText(page, '#state', /^Paused · [1-9]\d* new$/);
  await page.locator('#log').focus();
  await page.mouse.move(700, 600);
  assert.deepEqual(await overflowing(page), []);
  if (isForPicture) await page.screenshot({ path: PICTURE });
  assert.deepEqual(complaints, []);
});

/** The picture shows the path, so for it there is one that reads well. */
function makeLogs(t: TestContext): string {
  const folder = isForPicture ? join(tmpdir(), 'shop') : scratchFolder();
  if (isForPicture) t.after(() => rmSync(folder, { recursive: true }));
  for (const name of ['web', 'jobs']) mkdirSync(join(folder, name), { recursive: true });
  writeFileSync(join(folder, 'web', 'app.log'), appLines(900));
  writeFileSync(join(folder, 'web', 'access.log'), accessLine());
  writeFileSync(join(folder, 'web', 'audit.log'), auditLine());
  writeFileSync(join(folder, 'jobs', 'nightly.log'), jobLine());
  return folder;
}

/** Lines come as they do on a small shop in the evening. */
async function live(t: TestContext, folder: string): Promise<void> {
  const end = performance.now() + LIFE_MS;
  for (let turn = 0; performance.now() < end && !t.signal.aborted; turn += 1) {
    appendFileSync(join(folder, 'web', 'app.log'), appLines(2));
    const lull = 1 + Math.sin(turn / 40);
    appendFileSync(join(folder, 'web', 'access.log'), accessLine().repeat(Math.ceil(9 * lull)));
    if (turn % 11 === 0) appendFileSync(join(folder, 'web', 'audit.log'), auditLine());
    if (turn % 97 === 0) appendFileSync(join(folder, 'jobs', 'nightly.log'), jobLine());
    await delay(50);
  }
}

function rowsInView(page: Page): Promise<number> {
  return page.$$eval('.row, .note', (rows) => {
    const view = document.getElementById('log')?.getBoundingClientRect();
    return rows.filter((row) => {
      const { top, bottom } = row.getBoundingClientRect();
      return view !== undefined && top >= view.top - 1 && bottom <= view.bottom + 1;
    }).length;
  });
}

/** Controls and labels whose text does not fit into them. */
function overflowing(page: Page): Promise<string[]> {
  return page.$$eval('#sidebar *, #header *, #foot, #foot *', (elements) =>
    elements
      .filter((element) => element.scrollWidth > element.clientWidth + 1 && element.clientWidth > 0)
      .filter((element) => !element.matches('input, small, h1'))
      .map((element) => `${element.tagName} ${element.className} ${element.textContent?.trim()}`),
  );
}
