import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';

export interface OpenedPage {
  readonly page: Page;
  /** Errors of the page's own scripts, and what its content security policy refused. Neither is ever right. */
  readonly complaints: string[];
}

/** Opens the page in a profile of its own, and holds it to the end of the test. */
export async function openPage(
  t: TestContext,
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<OpenedPage> {
  const context = await browser.newContext({
    locale: 'en-US',
    viewport: { width: 1400, height: 900 },
    colorScheme: 'dark',
    permissions: ['clipboard-read', 'clipboard-write'],
    ...options,
  });
  t.after(() => context.close());
  const page = await context.newPage();
  const complaints: string[] = [];
  complaintsOf(page, complaints);
  await page.goto(url);
  return { page, complaints };
}

/** Collects what is never right. */
export function complaintsOf(page: Page, complaints: string[]): void {
  page.on('pageerror', (error) => complaints.push(String(error.stack)));
  page.on('console', (message) => {
    if (message.text().includes('Content Security Policy')) complaints.push(message.text());
  });
}

/** The texts of the rows that are drawn, in order. */
export function drawnRows(page: Page): Promise<string[]> {
  return page.$$eval('.row:not(.unfinished) .message', (elements) => elements.map((element) => element.textContent ?? ''));
}

/** Waits until the element's text matches, and returns the text. */
export async function untilText(page: Page, selector: string, pattern: RegExp, timeout = 15_000): Promise<string> {
  const wanted = { selector, source: pattern.source, flags: pattern.flags };
  const holds = ({ selector, source, flags }: typeof wanted) =>
    new RegExp(source, flags).test(document.querySelector(selector)?.textContent ?? '');
  try {
    await page.waitForFunction(holds, wanted, { timeout });
  } catch (cause) {
    const text = await page.textContent(selector).catch(() => 'nothing');
    throw new assert.AssertionError({ message: `waited for ${pattern} in ${selector}, which has: ${text} (${cause})` });
  }
  return (await page.textContent(selector)) ?? '';
}

/** Waits until these rows are drawn and no others: what is counted may be told a frame before it is drawn. */
export async function untilRows(page: Page, rows: readonly string[], timeoutMs = 15_000): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const drawn = await drawnRows(page);
    if (drawn.join('\n') === rows.join('\n')) return;
    if (performance.now() > deadline) assert.deepEqual(drawn, rows);
  }
}
