/**
 * Draws docs/page/*.png anew: the page in the states that docs/page/README.md tells of, with a real service and real files.
 * `npm run screenshots`, or `npm run screenshots -- gap burst` for some of them.
 */
import { appendFileSync, mkdirSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { launchBrowser } from './browser/browser.ts';
import { accessLine, appLines, auditLine, failure, jobLine } from './browser/sample-log.ts';
import { type Service, startService } from './e2e/service.ts';

const OUT = join(import.meta.dirname, '..', 'docs', 'page');
const folder = join(tmpdir(), 'shop');
const app = join(folder, 'web', 'app.log');
const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true };
const ended: (() => unknown)[] = [];

type Shoot = (page: Page, service: Service) => Promise<void>;

interface Picture {
  readonly hash: string;
  readonly options?: BrowserContextOptions;
  readonly act: Shoot;
}

const pictures: Readonly<Record<string, Picture>> = {
  dark: { hash: '#feed=web/app.log&filter=checkout !healthz', act: paused },
  light: { hash: '#feed=web/app.log&filter=checkout !healthz', options: { colorScheme: 'light' }, act: paused },
  merged: { hash: '#feeds=web/app.log,web/access.log,jobs/nightly.log', act: merged },
  phone: { hash: '#feed=web/app.log', options: PHONE, act: paused },
  burst: { hash: '#feed=web/burst.log', act: burst },
  gap: { hash: '#feed=web/app.log', act: gap },
  context: { hash: '#feed=web/burst.log&filter=gateway', act: context },
  empty: { hash: '#feed=jobs/weekly.log', act: empty },
  refused: { hash: '#feed=web/ap.log', act: empty },
};

makeLogs();
const names = process.argv.slice(2).length > 0 ? process.argv.slice(2) : Object.keys(pictures);
const browser = await launchBrowser();
try {
  const args = [`web=${join(folder, 'web')}`, `jobs=${join(folder, 'jobs')}`, '--demo', '--data', join(folder, 'data')];
  const service = await startService({ after: (end) => void ended.push(end) }, args);
  await fetch(`${service.url}/feeds/deploys`, { method: 'POST', body: 'deployed v42' });
  mkdirSync(OUT, { recursive: true });
  for (const name of names) await draw(browser, service, name);
} finally {
  await browser.close();
  for (const end of ended) await end();
  rmSync(folder, { recursive: true, force: true });
}

async function draw(browser: Browser, service: Service, name: string): Promise<void> {
  const picture = pictures[name];
  if (picture === undefined) throw new Error(`there is no picture ${name}; there are ${Object.keys(pictures).join(', ')}`);
  const context = await browser.newContext({
    locale: 'en-US',
    colorScheme: 'dark',
    viewport: { width: 1400, height: 900 },
    reducedMotion: 'reduce',
    ...picture.options,
  });
  const page = await context.newPage();
  await page.goto(`${service.url}/${picture.hash}`);
  await page.waitForSelector('.row, #notice h2');
  await picture.act(page, service);
  await page.screenshot({ path: join(OUT, `${name}.png`) });
  await context.close();
  console.log(`docs/page/${name}.png`);
}

function makeLogs(): void {
  for (const name of ['web', 'jobs']) mkdirSync(join(folder, name), { recursive: true });
  writeFileSync(app, appLines(900));
  writeFileSync(join(folder, 'web', 'burst.log'), appLines(900));
  writeFileSync(join(folder, 'web', 'access.log'), accessLine());
  writeFileSync(join(folder, 'web', 'audit.log'), auditLine());
  writeFileSync(join(folder, 'jobs', 'nightly.log'), jobLine());
  writeFileSync(join(folder, 'jobs', 'weekly.log'), '');
}

/** Lines come as they do on a small shop in the evening. */
async function live(forMs: number): Promise<void> {
  const end = performance.now() + forMs;
  for (let turn = 0; performance.now() < end; turn += 1) {
    appendFileSync(app, appLines(2));
    appendFileSync(join(folder, 'web', 'access.log'), accessLine().repeat(Math.ceil(9 * (1 + Math.sin(turn / 40)))));
    if (turn % 11 === 0) appendFileSync(join(folder, 'web', 'audit.log'), auditLine());
    await delay(50);
  }
}

/** After a rotation and a failure, with an unfinished line, while more comes. */
async function paused(page: Page): Promise<void> {
  await live(8_000);
  renameSync(app, `${app}.1`);
  writeFileSync(app, appLines(6));
  await page.waitForSelector('.note');
  appendFileSync(app, `${appLines(9)}${failure()}${appLines(7)}importing prices  [##########······]  62 % of checkout`);
  await page.waitForSelector('.row.unfinished');
  await page.keyboard.press('p');
  appendFileSync(app, `\n${appLines(40)}`);
  await live(1_500);
}

/** Some lines of the job come some seconds after they were written. */
async function merged(page: Page): Promise<void> {
  await live(4_000);
  const delayed = jobLine();
  for (let turn = 0; turn < 12; turn += 1) {
    appendFileSync(app, appLines(1));
    appendFileSync(join(folder, 'web', 'access.log'), turn % 3 === 0 ? accessLine() : '');
    if (turn === 7) appendFileSync(join(folder, 'jobs', 'nightly.log'), delayed);
    await delay(400);
  }
  appendFileSync(app, failure());
  await page.waitForSelector('.late');
  await page.hover('[data-feed="web/audit.log"]');
  await delay(1_000);
}

/** Some tens of thousands of lines a second, for as long as it takes to draw them. */
async function burst(page: Page): Promise<void> {
  const lines = appLines(2_000);
  for (let turn = 0; turn < 40; turn += 1) {
    appendFileSync(join(folder, 'web', 'burst.log'), lines);
    await page.evaluate(() => new Promise(requestAnimationFrame));
    await delay(30);
  }
}

/** What was written while the service did not look is cut before it looks again. */
async function gap(page: Page, service: Service): Promise<void> {
  await live(2_000);
  process.kill(service.pid, 'SIGSTOP');
  appendFileSync(app, appLines(12_000));
  truncateSync(app);
  appendFileSync(app, appLines(8));
  process.kill(service.pid, 'SIGCONT');
  await page.waitForSelector('.note');
  await live(300);
}

async function context(page: Page): Promise<void> {
  for (const key of ['k', 'k', 'k', 'Enter']) await page.keyboard.press(key);
  await page.waitForSelector('.back');
  await delay(1_000);
}

async function empty(page: Page): Promise<void> {
  await page.waitForSelector('#notice h2');
  await live(3_000);
}
