import assert from 'node:assert/strict';
import { test } from 'node:test';
import { launchBrowser } from './browser.ts';

test('a real Chromium starts with nothing but npm packages, and outlives its first page', async (t) => {
  const browser = await launchBrowser();
  t.after(() => browser.close());
  for (let round = 0; round < 2; round += 1) {
    const page = await browser.newPage({ locale: 'en-US' });
    await page.setContent('<p>drawn</p>');
    assert.equal(await page.textContent('p'), 'drawn');
    assert.equal(await page.evaluate(() => navigator.language), 'en-US');
    await page.close();
  }
});
