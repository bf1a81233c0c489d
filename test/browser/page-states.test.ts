/** Each state of the page: what it says, its next step, and that nothing is wrong with it for axe or for the layout, at any size. */
import assert from 'node:assert/strict';
import { appendFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, type TestContext, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { scratchFolder } from '../e2e/scratch.ts';
import { type Service, startService } from '../e2e/service.ts';
import { assertContrast, axe, openContrasts } from './axe.ts';
import { launchBrowser } from './browser.ts';
import { openPage, untilText } from './open-page.ts';
import { appLines, failure } from './sample-log.ts';

const SIZES = [
  { width: 1400, height: 900 },
  { width: 390, height: 844 },
  { width: 320, height: 640 },
] as const;
const folder = scratchFolder();
const ended: (() => Promise<void>)[] = [];
let browser: Browser;
let service: Service;

before(async () => {
  for (const name of ['shop', 'other', 'empty']) writeFileSync(pathOf(name), name === 'empty' ? '' : appLines(600));
  [browser, service] = await Promise.all([
    launchBrowser(),
    startService({ after: (end) => void ended.push(end) }, [
      ...['shop', 'other', 'empty'].map(pathOf),
      '--data',
      join(folder, 'data'),
    ]),
  ]);
});
after(async () => {
  await browser.close();
  for (const end of ended) await end();
});

function pathOf(name: string): string {
  return join(folder, `${name}.log`);
}

async function open(t: TestContext, hash: string): Promise<Page> {
  const { page, complaints } = await openPage(t, browser, `${service.url}/${hash}`, { reducedMotion: 'reduce' });
  t.after(() => assert.deepEqual(complaints, []));
  return page;
}

/** Each size with each theme and all rows that are drawn: with AXE_ALL=1. Else each size, each theme, and the largest in both. */
const isForAll = process.env.AXE_ALL !== undefined;

function themesAt(size: (typeof SIZES)[number]): ('dark' | 'light')[] {
  if (isForAll || size === SIZES[0]) return ['dark', 'light'];
  return size === SIZES[1] ? ['dark'] : ['light'];
}

/** At every size axe finds nothing, nothing sticks out, and what is cut off says so. In a second theme only colours can be wrong. */
async function assertSound(t: TestContext, page: Page, sizes: readonly (typeof SIZES)[number][] = SIZES): Promise<void> {
  for (const size of sizes) {
    await page.setViewportSize(size);
    assert.deepEqual(await stickingOut(page), [], `at ${size.width}`);
    for (const [index, colorScheme] of themesAt(size).entries()) {
      await page.emulateMedia({ colorScheme });
      const where = `${colorScheme} at ${size.width}`;
      const { violations, unsure } = await axe(page, rowsAt(size), index === 0 ? undefined : 'color-contrast');
      assert.deepEqual(violations, [], where);
      assertContrast(unsure, where);
      for (const words of openContrasts(unsure)) t.diagnostic(`${where}: ${words}`);
    }
  }
  await page.setViewportSize(SIZES[0]);
}

function rowsAt(size: (typeof SIZES)[number]): number | undefined {
  if (isForAll) return undefined;
  return size === SIZES[0] ? 45 : 8;
}

/** What is wider than the window, and text that is cut off without an ellipsis or without a way to read it. */
function stickingOut(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const found = document.documentElement.scrollWidth > innerWidth ? ['the document'] : [];
    for (const element of document.querySelectorAll<HTMLElement>('body *')) {
      const isCut = element.clientWidth > 0 && element.scrollWidth > element.clientWidth + 1;
      const hasText = [...element.childNodes].some(({ nodeType, textContent }) => nodeType === 3 && textContent?.trim());
      if (!isCut || !hasText || element.matches('.off-screen, .log *')) continue;
      const style = getComputedStyle(element);
      if (style.textOverflow !== 'ellipsis' || element.closest('[title]') === null) found.push(element.outerHTML.slice(0, 200));
    }
    return found;
  });
}

/** Rows that can be seen whole. */
function rowsInView(page: Page): Promise<number> {
  return page.$$eval('.row, .note', (rows) => {
    const view = document.getElementById('log')?.getBoundingClientRect();
    return rows.filter((row) => {
      const { top, bottom } = row.getBoundingClientRect();
      return view !== undefined && top >= view.top - 1 && bottom <= view.bottom + 1;
    }).length;
  });
}

test('following: 39 rows at 1400 × 900, 34 at 390 × 844 where lines do not wrap', { timeout: 60_000 }, async (t) => {
  const page = await open(t, '#feed=shop.log&filter=checkout !healthz');
  await page.waitForSelector('.row >> nth=50');
  renameSync(pathOf('shop'), join(folder, 'shop.log.1'));
  writeFileSync(pathOf('shop'), `${appLines(9)}${failure()}${appLines(3)}`);
  await page.waitForSelector('.note');
  await assertSound(t, page);
  assert.ok((await rowsInView(page)) >= 39, `${await rowsInView(page)} rows can be seen`);
  await page.setViewportSize(SIZES[1]);
  await page.waitForFunction(() => (document.getElementById('log')?.clientHeight ?? 900) < 800);
  assert.ok((await rowsInView(page)) >= 34, `${await rowsInView(page)} rows can be seen on a phone`);
});

test('paused: says so and how much is new, and one button goes on', { timeout: 60_000 }, async (t) => {
  const page = await open(t, '#feed=other.log');
  await page.waitForSelector('.row >> nth=50');
  await page.click('#follow');
  appendFileSync(pathOf('other'), `${failure()}${appLines(20)}`);
  await untilText(page, '#state', /^Paused · [1-9]\d* new$/);
  await assertSound(t, page);
});

test('the finder, the menu and the keys, over the rows', { timeout: 60_000 }, async (t) => {
  const page = await open(t, '#feed=other.log');
  await page.waitForSelector('.row >> nth=50');
  for (const key of ['Control+k', '?', 't']) {
    await page.keyboard.press(key);
    await page.waitForSelector('dialog[open]');
    await assertSound(t, page, isForAll ? SIZES : SIZES.slice(1, 2));
    await page.keyboard.press('Escape');
    await page.waitForFunction(() => document.querySelector('dialog[open]') === null);
  }
  for (const menu of ['View', 'Share']) {
    await page.setViewportSize(SIZES[0]);
    await page.click(`#header >> text=${menu}`);
    await assertSound(t, page, isForAll ? SIZES.slice(0, 2) : SIZES.slice(0, 1));
    await page.keyboard.press('Escape');
  }
});

test('context: a line among those that the filter hides, with the way back, a mark and a highlight', {
  timeout: 60_000,
}, async (t) => {
  const page = await open(t, '#feed=other.log&filter=gateway');
  await page.waitForSelector('.row >> nth=5');
  for (const key of ['k', 'k', 'm', 'Enter']) await page.keyboard.press(key);
  await page.waitForSelector('.back');
  await page.waitForSelector('.row >> nth=50');
  await page.evaluate(() =>
    getSelection()?.selectAllChildren(document.querySelector('.row[aria-current] .level') ?? document.body),
  );
  await page.waitForSelector('#selection-menu', { state: 'visible' });
  await assertSound(t, page);
});

test('refused: says why, names what is near, looks again or elsewhere', { timeout: 60_000 }, async (t) => {
  const page = await open(t, '#feed=othr.log');
  await untilText(page, '#notice h2', /^There is no such feed$/);
  assert.equal(await page.locator('#notice a >> text=other.log').count(), 1);
  await assertSound(t, page);
  await page.click('#notice >> text=Find another feed');
  await page.waitForSelector('#finder[open]');
});

test('empty: says how to make a line', { timeout: 60_000 }, async (t) => {
  const page = await open(t, '#feed=empty.log');
  await untilText(page, '#notice', /Nothing in empty\.log yet.*echo hello >>/s);
  await assertSound(t, page);
});

test('all hidden: says by what, and one button shows the lines', { timeout: 60_000 }, async (t) => {
  const page = await open(t, '#feed=other.log&filter=nowhere');
  await untilText(page, '#notice h2', /^The filter hides all [\d,]+ lines$/);
  await assertSound(t, page);
});

test('deleted: the lines stay, and the page says that the feed is gone', { timeout: 60_000 }, async (t) => {
  await fetch(`${service.url}/feeds/deploys?format=lines`, { method: 'POST', body: appLines(500) });
  const page = await open(t, '#feed=deploys');
  await page.waitForSelector('.row >> nth=50');
  assert.equal((await fetch(`${service.url}/feeds/deploys`, { method: 'DELETE' })).status, 204);
  await untilText(page, '#banner', /deploys is no longer there\..*Find another feed/s);
  await assertSound(t, page);
});

test('another version: the page that was opened before says so, and reloads', { timeout: 60_000 }, async (t) => {
  const page = await open(t, '#feed=other.log');
  await page.waitForSelector('.row >> nth=50');
  await page.route('**/', async (route) => {
    const response = await route.fetch();
    const body = (await response.text()).replace(/name="livefeed" content="[^ ]*/, 'name="livefeed" content="99.0.0');
    await route.fulfill({ response, body });
  });
  await service.kill('SIGKILL');
  await untilText(page, '#banner', /The service does not answer\. What is shown stays/);
  await assertSound(t, page);
  await service.start();
  await page.click('#banner >> text=Try now').catch(() => undefined);
  await untilText(page, '#banner', /The service is newer than this page/, 30_000);
  await assertSound(t, page);
  await page.click('#banner >> text=Reload the page');
  await page.waitForSelector('#banner', { state: 'hidden' });
});

test('opening: a service that does not answer is told after a while', { timeout: 60_000 }, async (t) => {
  const page = await open(t, '#feed=other.log');
  await page.waitForSelector('.row >> nth=50');
  process.kill(service.pid, 'SIGSTOP');
  try {
    await page.click('#sidebar [data-feed="shop.log"]');
    await untilText(page, '#notice', /^\s*Opening shop\.log\s*$/);
    await untilText(page, '#notice h2', /^Still opening shop\.log$/);
    await assertSound(t, page);
  } finally {
    process.kill(service.pid, 'SIGCONT');
  }
});

test('no feeds: says how to get one', { timeout: 60_000 }, async (t) => {
  const alone = await startService(t, [scratchFolder()]);
  const { page } = await openPage(t, browser, alone.url);
  await untilText(page, '#notice', /There are no feeds yet.*curl -d hello/s);
  await assertSound(t, page);
});
