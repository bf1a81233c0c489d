/** The page for those who do not see it, or do not use a mouse: checked by axe in both themes and on a phone. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { scratchFolder } from '../e2e/scratch.ts';
import { type Service, startService } from '../e2e/service.ts';
import { launchBrowser } from './browser.ts';
import { openPage } from './open-page.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
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

interface Violation {
  readonly id: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
}

async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  const found = await page.evaluate(async () => {
    const { axe } = window as unknown as { axe: { run(): Promise<{ violations: Violation[] }> } };
    return (await axe.run()).violations;
  });
  return found.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html}: ${failureSummary}`));
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
    assert.deepEqual(await violations(page), []);
    // Where not all rows fit, the page follows the end: a row further up is read first, or it would be scrolled away again.
    await page.keyboard.press('g');
    await page.waitForFunction(() => {
      const [first, log] = [document.querySelector('.row .message'), document.getElementById('log')];
      return first !== null && log !== null && first.getBoundingClientRect().top >= log.getBoundingClientRect().top;
    });
    await page.locator('.row .message', { hasText: 'json' }).click();
    await page.waitForSelector('.row.open .fields');
    assert.deepEqual(await violations(page), []);
    await page.click(what === 'phone' ? '#bar >> text=More' : 'text=View');
    assert.deepEqual(await violations(page), []);
    await page.keyboard.press('Escape');
    await page.keyboard.press('Control+k');
    assert.deepEqual(await violations(page), []);
  });
}
