/** The page through kills, sleeps and cuts: while it follows, and while it is scrolled up. `npm run soak` has 20 of them for each. */
import assert from 'node:assert/strict';
import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { Browser, Page } from 'playwright-core';
import { launchBrowser } from '../browser/browser.ts';
import { openPage, untilText } from '../browser/open-page.ts';
import { CutProxy } from './cut-proxy.ts';
import { endWatch, watchRest } from './rest-watch.ts';
import { scratchFolder } from './scratch.ts';
import { type Seeded, seeded } from './seed.ts';
import { type Service, startService } from './service.ts';

interface Scene {
  readonly page: Page;
  readonly complaints: readonly string[];
  readonly service: Service;
  /** The page sees the service through it. */
  readonly proxy: CutProxy;
  readonly random: Seeded;
  /** Writes so many numbered lines more; returns how many there are then. */
  write(count: number): number;
}

type Fault = 'kill' | 'sleep' | 'cut';

const FAULTS = Number(process.env.LIVEFEED_FAULTS ?? '3');
const FIRST_LINES = 3_000;
const MOST_LINES = 40;
const MOST_FAULT_MS = 400;
/** Longer than the page waits for a sign of life; there are such only among many. */
const LONG_SLEEP_MS = 14_000;
const FAULTS_TO_A_LONG_ONE = 10;
/** For hangs. */
const DEADLINE_MS = 40_000;

let browser: Browser;
before(async () => {
  browser = await launchBrowser();
});
after(() => browser.close());

test('through kills, sleeps and cuts a page that follows stays at the end and has every line once', {
  timeout: 600_000,
}, async (t) => {
  const scene = await open(t);
  const { page, random } = scene;
  for (const [index, fault] of faults(random).entries()) {
    await watchRest(page, 'end');
    await strike(scene, fault, index);
    await seesLast(page, scene.write(random.whole(1, MOST_LINES)));
    await assertRested(scene, `${fault} ${index}`);
  }
  await assertWhole(scene);
});

test('through kills, sleeps and cuts a page that is scrolled up stands still, counts what comes, and then has every line once', {
  timeout: 600_000,
}, async (t) => {
  const scene = await open(t);
  const { page, random } = scene;
  const left = scene.write(1);
  await seesLast(page, left);
  await page.locator('#log').hover();
  await page.mouse.wheel(0, -1_000);
  await untilText(page, '#state', /^Reading/);
  for (const [index, fault] of faults(random).entries()) {
    if (random.next() < 0.2) await goToOldest(page);
    await move(page, random);
    await watchRest(page, 'first line');
    await strike(scene, fault, index, async () => {
      await assertRested(scene, `in ${fault} ${index}`);
      await move(page, random);
      await watchRest(page, 'first line');
    });
    const unseen = scene.write(random.whole(1, MOST_LINES)) - left;
    await untilText(page, '#jump', new RegExp(`^↓ ${unseen.toLocaleString('en-US')} new$`), DEADLINE_MS);
    await assertRested(scene, `${fault} ${index}`);
  }
  await page.keyboard.press('End');
  await seesLast(page, scene.write(1));
  await assertWhole(scene);
});

async function open(t: TestContext): Promise<Scene> {
  const file = join(scratchFolder(), 'app.log');
  let lines = 0;
  const write = (count: number) => {
    appendFileSync(file, Array.from({ length: count }, (_, index) => `line ${lines + index}\n`).join(''));
    lines += count;
    return lines;
  };
  writeFileSync(file, '');
  write(FIRST_LINES);
  const service = await startService(t, [file]);
  const proxy = await CutProxy.start(t, service.port);
  const opened = await openPage(t, browser, `http://127.0.0.1:${proxy.port}/#feed=app.log`);
  await seesLast(opened.page, lines);
  // By this tsx keeps the names of inner functions, also of those that a page is given.
  await opened.page.evaluate('globalThis.__name = (made) => made');
  return { ...opened, service, proxy, random: seeded(t), write };
}

/** As many of each kind, in any order. */
function faults(random: Seeded): Fault[] {
  const kinds = ['kill', 'sleep', 'cut'] as const;
  const all = Array.from({ length: FAULTS }, (_, index) => kinds[index % kinds.length] as Fault);
  return all
    .map((fault) => ({ fault, at: random.next() }))
    .sort((a, b) => a.at - b.at)
    .map(({ fault }) => fault);
}

/** Lines are written before, in and right after the fault. */
async function strike(
  scene: Scene,
  fault: Fault,
  index: number,
  amid: () => Promise<void> = async () => undefined,
): Promise<void> {
  const { service, proxy, random, write } = scene;
  const isLong = fault === 'sleep' && index >= FAULTS_TO_A_LONG_ONE && index % FAULTS_TO_A_LONG_ONE < 3;
  const lastMs = isLong ? LONG_SLEEP_MS : random.whole(0, MOST_FAULT_MS);
  write(random.whole(0, MOST_LINES));
  if (fault === 'kill') await service.kill('SIGKILL');
  else if (fault === 'sleep') process.kill(service.pid, 'SIGSTOP');
  else proxy.cut();
  write(random.whole(0, MOST_LINES));
  await amid();
  await delay(lastMs);
  if (fault === 'kill') await service.start();
  else if (fault === 'sleep') process.kill(service.pid, 'SIGCONT');
  else proxy.mend();
}

/** Up or down, also where what is wanted there cannot be had now. */
async function move(page: Page, random: Seeded): Promise<void> {
  const px = random.one([-300, -4_000, -12_000, 700]) + random.whole(-50, 50);
  await page.$eval('#log', (log, px) => log.scrollBy(0, px), px);
  // The rows that it takes are made in some frames.
  await page.evaluate(async () => {
    const log = document.getElementById('log') as HTMLElement;
    const frame = () => new Promise((drawn) => requestAnimationFrame(drawn));
    for (let still = 0, at = Number.NaN; still < 12; ) {
      await frame();
      const top = log.scrollHeight - log.scrollTop;
      still = top === at ? still + 1 : 0;
      at = top;
    }
  });
}

async function goToOldest(page: Page): Promise<void> {
  await page.keyboard.press('g');
  await page.locator('.row', { hasText: /line 0$/ }).waitFor({ timeout: DEADLINE_MS });
}

async function seesLast(page: Page, lines: number): Promise<void> {
  await page.locator('.row', { hasText: new RegExp(`line ${lines - 1}$`) }).waitFor({ timeout: DEADLINE_MS });
}

async function assertRested({ page }: Scene, when: string): Promise<void> {
  const { frames, wrong } = await endWatch(page);
  assert.deepEqual(wrong, [], `${when}, of ${frames} frames`);
}

/** All that came while the page was open is there once and in order, and so is what it read before that. */
async function assertWhole({ page, complaints, write }: Scene): Promise<void> {
  await page.click('#copy-all');
  await untilText(page, '#copy-all', /Copied/);
  const copied = (await page.evaluate(() => navigator.clipboard.readText())).split('\n').slice(0, -1);
  const opened = FIRST_LINES - 1_000;
  const numbers = copied.map((line) => Number(line.slice('line '.length)));
  assert.deepEqual(
    numbers.filter((number) => number >= opened),
    Array.from({ length: write(0) - opened }, (_, index) => opened + index),
  );
  const read = numbers.filter((number) => number < opened);
  assert.ok(read.every((number, index) => index === 0 || number > (read[index - 1] ?? 0)));
  assert.equal(await page.locator('.note.gap').count(), 0);
  await untilText(page, '#foot .figures', /\b0 missed/);
  assert.deepEqual(complaints, []);
}
