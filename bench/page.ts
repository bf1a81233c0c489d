/**
 * What the page does in a real Chromium under load: frames in a burst, scrolling in a million lines, memory, and how long a line takes to
 * the screen.
 *
 *     npm run bench:page -- [--rate 50000] [--seconds 10] [--million 1000000] [--samples 1000] [--shift-rate 100000]
 *                           [--shift 28800000] [--only burst,million,latency,shift]
 *
 * How it is honest:
 * - The real command follows a real file, the page is as it is served, and the browser is a Chromium without a window that draws with the
 *   processor: all of them, and the writer, share the machine. A frame counts as long as it was between two calls of
 *   requestAnimationFrame, whatever held it.
 * - Lines are numbered. At the end "Copy all" of the page itself gives what it holds, and each number is looked at: lost, doubled.
 * - `work` is the processor time of each task of the page's main thread (from a trace): what the page itself does, on a machine of any load.
 * - `othersPercent` and `stolenPercent` are what processes that are not of this bench, and the machine that this one is a guest of, had of one
 *   core meanwhile: a long frame may be theirs.
 * - `idle` are the frames of the same page with nothing to do, on the same machine just before: what it has of noise.
 * - The heap is told after two collections (CDP), objects and array buffers, of the page without its worker.
 * - Latency is from the time in the line, taken just before its write, to the second frame after its row was put into the document.
 * - `shift` (28.8 million lines, a shift of 1,000/s) is run only where `--only` names it: it takes minutes.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser } from 'playwright-core';
import { launchBrowser } from '../test/browser/browser.ts';
import { startService } from '../test/e2e/service.ts';
import { readFlags } from './flags.ts';
import { watchOthers } from './others.ts';
import { BenchedPage, type Frames } from './page-browser.ts';
import { quantile } from './quantiles.ts';

const CASES = ['burst', 'million', 'latency', 'shift'];
const IDLE_MS = 3_000;
const LINES_A_WRITE = 250;
const PLACES = 20;

const { numbers, only } = readFlags(
  { rate: 50_000, seconds: 10, million: 1_000_000, samples: 1_000, 'shift-rate': 100_000, shift: 28_800_000 },
  CASES,
);
const wanted = (name: string) => (only.length === 0 ? name !== 'shift' : only.includes(name));
const folder = mkdtempSync(join(tmpdir(), 'livefeed-'));
const ends: (() => Promise<void>)[] = [];
const results: Record<string, unknown> = {};

try {
  const names = CASES.map((name) => join(folder, `${name}.log`));
  for (const name of names) writeFileSync(name, '');
  const service = await startService({ after: (end) => void ends.push(end) }, names);
  const browser = await launchBrowser();
  ends.push(() => browser.close());
  const open = (name: string) => BenchedPage.open(browser, `${service.url}/#feed=${name}.log`, { memory: '192' });
  if (wanted('burst')) await burst(await open('burst'));
  if (wanted('million')) await million(await open('million'));
  if (wanted('latency')) await latency(await open('latency'));
  if (wanted('shift')) await shift(await open('shift'));
  print(browser);
} finally {
  for (const end of ends.reverse()) await end();
  rmSync(folder, { recursive: true });
}

/** Frames while lines come faster than eyes, and whether all of them have come. */
async function burst(page: BenchedPage): Promise<void> {
  const { rate, seconds } = numbers;
  await page.startFrames();
  await sleep(IDLE_MS);
  const idle = await page.frames();
  await page.startFrames();
  await page.startWork();
  const watched = watchOthers();
  const { lateMs, count } = await write('burst', rate, seconds);
  const others = watched.end();
  const [frames, work] = [await page.frames(), await page.work()];
  const behindMs = await untilLines(page, count);
  results.burst = { rate, seconds, idle, frames, ...others, work, writerLateMs: lateMs, behindMs, ...(await tally(page, count)) };
  await page.close();
}

/** A million lines in memory: scrolling by the wheel and to any place, and what they take. */
async function million(page: BenchedPage): Promise<void> {
  const { million: count, rate } = numbers;
  await write('million', rate, Math.ceil(count / rate));
  await untilLines(page, count);
  const { page: tab } = page;
  const map = await tab.locator('#map').boundingBox();
  if (map === null) throw new Error('the page has no scroll bar');
  await tab.mouse.move(400, 400);
  await page.startFrames();
  await page.startWork();
  let [empty, looks] = [0, 0];
  for (let place = 0; place < PLACES; place += 1) {
    const y = map.y + 10 + ((map.height - 20) * ((place * 7) % PLACES)) / PLACES;
    await tab.mouse.click(map.x + 20, y);
    await sleep(100);
    empty += await page.emptyHeights();
    await tab.mouse.move(400, 400);
    for (let turn = 0; turn < 10; turn += 1) {
      await tab.mouse.wheel(0, turn % 2 === 0 ? -700 : 900);
      await sleep(30);
    }
    await sleep(100);
    empty += await page.emptyHeights();
    looks += 2;
  }
  const [scrolling, work] = [await page.frames(), await page.work()];
  results.million = { lines: await page.lines(), scrolling, work, looks, empty, heapMb: await page.heapMb() };
  await page.close();
}

/** From the time in an appended line to the second frame after its row exists. */
async function latency(page: BenchedPage): Promise<void> {
  for (let sample = 0; sample < numbers.samples; sample += 1) {
    appendFileSync(join(folder, 'latency.log'), `INFO sample ${sample} sent=${Date.now()}\n`);
    await sleep(20 + ((sample * 17) % 30));
  }
  await untilLines(page, numbers.samples);
  const all = Float64Array.from(await page.latencies()).sort();
  results.latency = { samples: all.length, p50: quantile(all, 0.5), p99: quantile(all, 0.99), max: all.at(-1) };
  await page.close();
}

/** A shift of a service that logs 1,000 lines a second, faster: what does memory do? */
async function shift(page: BenchedPage): Promise<void> {
  const { shift: count, 'shift-rate': rate } = numbers;
  const first = Math.floor(count / 3.6 / rate) * rate;
  await writeAndSee(page, first / rate, rate);
  const before = await page.heapMb();
  const startMs = performance.now();
  await writeAndSee(page, Math.round((count - first) / rate), rate);
  const tookSeconds = (performance.now() - startMs) / 1_000;
  const after = await page.heapMb();
  const growth = after.objects + after.buffers - before.objects - before.buffers;
  const perSecond = Math.round((count - first) / tookSeconds);
  results.shift = {
    lines: count,
    perSecond,
    before,
    after,
    mbAMillion: growth / ((count - first) / 1e6),
    kept: await page.lines(),
  };
  await page.close();
}

/** Resolves when the last line is on the screen. What the page cannot take yet waits in the file. */
async function writeAndSee(page: BenchedPage, seconds: number, rate: number): Promise<void> {
  const { count } = await write('shift', rate, seconds);
  const startMs = performance.now();
  while ((await page.lastNumber()) !== count - 1) {
    if (performance.now() - startMs > 600_000) throw new Error(`line ${count - 1} has not come in ten minutes`);
    await sleep(250);
  }
}

async function write(name: string, rate: number, seconds: number): Promise<{ count: number; lateMs: number }> {
  const args = [join(import.meta.dirname, 'burst-writer.mjs'), join(folder, `${name}.log`), rate, seconds, LINES_A_WRITE];
  const writer = spawn(process.execPath, args.map(String), { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  writer.stdout.on('data', (bytes) => (output += bytes));
  await once(writer, 'close');
  return JSON.parse(output);
}

/** Waits until the page counts so many lines; answers how long that took. */
async function untilLines(page: BenchedPage, count: number): Promise<number> {
  const startMs = performance.now();
  while ((await page.lines()) < count && performance.now() - startMs < 120_000) await sleep(50);
  return Math.round(performance.now() - startMs);
}

async function tally(page: BenchedPage, count: number): Promise<{ lines: number; lost: number; doubled: number }> {
  const seen = new Uint8Array(count);
  const lines = await page.copyAll();
  let doubled = 0;
  for (const line of lines) {
    const number = Number.parseInt(line, 10);
    if (seen[number] === 1) doubled += 1;
    seen[number] = 1;
  }
  return { lines: lines.length, lost: seen.reduce((lost, is) => lost + 1 - is, 0), doubled };
}

function print(browser: Browser): void {
  const machine = `${cpus()[0]?.model ?? 'unknown processor'}, ${cpus().length} cores, Chromium ${browser.version()}`;
  console.log(`the page under load; ${machine}\n`);
  for (const [name, result] of Object.entries(results)) {
    console.log(name);
    for (const [key, value] of Object.entries(result as object)) console.log(`  ${key.padEnd(14)} ${shown(value)}`);
  }
  console.log(`\n${JSON.stringify({ bench: 'page', numbers, machine, results })}`);
}

function shown(value: unknown): string {
  if (typeof value === 'number') return Number.isInteger(value) ? String(value) : value.toFixed(1);
  if (typeof value !== 'object' || value === null) return String(value);
  return Object.entries(value as Frames)
    .map(([key, figure]) => `${key} ${shown(figure)}`)
    .join(', ');
}
