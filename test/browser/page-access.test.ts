/** The page for those who do not see it, or do not use a mouse: checked by axe in both themes and on a phone. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { scratchFolder } from '../e2e/scratch.ts';
import { type Service, startService } from '../e2e/service.ts';
import { assertContrast, axe } from './axe.ts';
import { launchBrowser } from './browser.ts';
import { contrastOf } from './contrast.ts';
import { openPage } from './open-page.ts';

const folder = scratchFolder();
const ended: (() => Promise<void>)[] = [];
const ESC = '\u001b';
const SIXTEEN = Array.from({ length: 16 }, (_, index) => (index < 8 ? 30 + index : 82 + index));
const LINES: readonly string[] = [
  'INFO a',
  'WARN b',
  'ERROR c key=1',
  '    at d',
  'DEBUG e',
  `${ESC}[31mf${ESC}[0m`,
  '{"level":50,"time":1763908262118,"msg":"json","user":{"id":5},"tags":["x"]}',
  'level=warn msg="logfmt line" ip=10.2.0.14',
  ...['INFO', 'WARN', 'ERROR'].map(
    (level) =>
      `${level} ${SIXTEEN.map((code) => `${ESC}[${code}mtext${ESC}[${code + 10}mground${ESC}[7minverse${ESC}[0m`).join(' ')}`,
  ),
  `INFO ${ESC}[2mfaint ${ESC}[38;5;208morange${ESC}[0m \u202eturned`,
  `long ${'x'.repeat(9_000)}`,
];
let browser: Browser;
let service: Service;

before(async () => {
  const file = join(folder, 'app.log');
  writeFileSync(file, LINES.join('\n').concat('\n'));
  browser = await launchBrowser();
  service = await startService({ after: (end) => void ended.push(end) }, [file]);
});
after(async () => {
  await browser.close();
  for (const end of ended) await end();
});

async function assertSound(page: Page): Promise<void> {
  const { violations, unsure } = await axe(page, undefined);
  assert.deepEqual(violations, []);
  assertContrast(unsure, 'where axe leaves it open');
}

const VIEWS: [what: string, options: BrowserContextOptions][] = [
  ['dark', { colorScheme: 'dark' }],
  ['light', { colorScheme: 'light' }],
  ['phone', { viewport: { width: 390, height: 844 }, hasTouch: true }],
];

for (const [what, options] of VIEWS) {
  test(`axe finds nothing to complain about (${what})`, { timeout: 60_000 }, async (t) => {
    const { page } = await openPage(t, browser, `${service.url}/#feed=app.log&filter=!nothing`, {
      reducedMotion: 'reduce',
      ...options,
    });
    await page.waitForSelector('.row >> text=DEBUG');
    await assertSound(page);
    // Where not all rows fit, the page follows the end: a row further up is read first, or it would be scrolled away again.
    await page.keyboard.press('g');
    await page.waitForFunction(() => {
      const [first, log] = [document.querySelector('.row .message'), document.getElementById('log')];
      return first !== null && log !== null && first.getBoundingClientRect().top >= log.getBoundingClientRect().top;
    });
    await page.locator('.row .message', { hasText: 'json' }).click();
    await page.waitForSelector('.row.open .fields');
    await assertSound(page);
    await page.click(what === 'phone' ? '#bar >> text=More' : 'text=View');
    await assertSound(page);
    await page.keyboard.press('Escape');
    await page.keyboard.press('Control+k');
    await assertSound(page);
  });
}

test('where axe leaves a contrast open, it is computed from all that the text lies in', async (t) => {
  const page = await browser.newPage();
  t.after(() => page.close());
  await page.setContent(`<style>body { background: #fff } div { background: #0008; opacity: 0.5 }</style>
    <p id="grey" style="color: #767676">on white</p>
    <div><p id="faint" style="color: #000">on what shows through</p></div>
    <div><p id="own" style="color: #fff; background: #000">half of it</p></div>
    <p id="image" style="background: linear-gradient(red, blue)">on an image</p>`);
  await page.evaluate(`globalThis.__name ??= (target) => target; globalThis.contrastOf = ${contrastOf}`);
  const contrasts = await page.$$eval('p', (elements) => {
    const { contrastOf: of } = window as unknown as { contrastOf: typeof contrastOf };
    return elements.map((element) => [element.id, of(element)?.toFixed(2)]);
  });
  assert.deepEqual(Object.fromEntries(contrasts), { grey: '4.54', faint: '2.07', own: '3.98', image: undefined });
});
