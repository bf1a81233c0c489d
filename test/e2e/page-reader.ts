import type { Browser, Page } from 'playwright-core';
import { launchBrowser } from '../browser/browser.ts';
import type { Scope } from './child.ts';

/** The page in a Chromium of its own, as one more reader: what it has read is what its "Copy all" button gives. */
export class PageReader {
  readonly page: Page;
  #loads = 0;

  private constructor(page: Page) {
    this.page = page;
    page.on('load', () => {
      this.#loads += 1;
    });
  }

  /** Opens the page at `feed`, which it shows from its last 1,000 lines on. */
  static async open(scope: Scope, serviceUrl: string, feed: string): Promise<PageReader> {
    const browser: Browser = await launchBrowser();
    scope.after(() => browser.close());
    const context = await browser.newContext({ locale: 'en-US', permissions: ['clipboard-read', 'clipboard-write'] });
    const reader = new PageReader(await context.newPage());
    await reader.page.goto(`${serviceUrl}/#feed=${feed}`);
    return reader;
  }

  /** How often the document has been loaded: once, unless something has reloaded it. */
  get loads(): number {
    return this.#loads;
  }

  /** Waits until a row with this text is drawn. */
  async sees(text: string): Promise<void> {
    await this.page.locator('.row', { hasText: text }).first().waitFor({ timeout: 60_000 });
  }

  /** All lines that the page holds, each ended by a line feed. */
  async copyAll(): Promise<string> {
    await this.page.click('#copy-all');
    await this.page.locator('#copy-all', { hasText: 'Copied' }).waitFor();
    return this.page.evaluate(() => navigator.clipboard.readText());
  }

  /** Keeps hold of the rows that are drawn now; returns how many. */
  markRows(): Promise<number> {
    return this.page.$$eval('.row', (rows) => {
      Object.assign(window, { markedRows: rows.map((row) => ({ row, text: row.textContent })) });
      return rows.length;
    });
  }

  /** Of the marked rows, those that are the same nodes in the same document with the same text. */
  sameRows(): Promise<number> {
    return this.page.evaluate(() => {
      const { markedRows } = window as unknown as { markedRows: { row: Element; text: string }[] };
      return markedRows.filter(({ row, text }) => row.isConnected && row.textContent === text).length;
    });
  }
}
