import assert from 'node:assert/strict';
import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { scratchFolder } from '../e2e/scratch.ts';
import { startService } from '../e2e/service.ts';
import { ask } from '../http/serving.ts';
import { launchBrowser } from './browser.ts';
import { openPage } from './open-page.ts';

const DEADLINE = { timeout: 20_000 };

test("Chromium's EventSource reads a compressed feed: each line at once, and exactly the rest when it comes back", {
  timeout: 120_000,
}, async (t) => {
  const file = join(scratchFolder(), 'app.log');
  const lines = Array.from({ length: 3_000 }, (_, number) => `${number} GET /items/${number * 7919} 200`);
  writeFileSync(file, lines.map((line) => `${line}\n`).join(''));
  const browser = await launchBrowser();
  t.after(() => browser.close());
  const service = await startService(t, [file]);
  const { page } = await openPage(t, browser, `${service.url}/feeds`);
  const encodings: string[] = [];
  page.on('response', (response) => {
    if (response.url().includes('/feeds/app.log')) encodings.push(response.headers()['content-encoding'] ?? 'none');
  });
  await page.evaluate(() => {
    const state = { lines: [] as string[], opened: 0, gaps: 0 };
    Object.assign(window, { state });
    const source = new EventSource('/feeds/app.log?since=start');
    source.onmessage = ({ data }) => void state.lines.push(data);
    source.addEventListener('feed.open', () => {
      state.opened += 1;
    });
    source.addEventListener('feed.gap', () => {
      state.gaps += 1;
    });
  });
  const has = (count: number) =>
    page.waitForFunction((wanted) => (window as unknown as Shown).state.lines.length >= wanted, count, DEADLINE);
  const write = () => {
    lines.push(`${lines.length} written`);
    appendFileSync(file, `${lines.at(-1)}\n`);
  };
  await has(lines.length);
  for (let line = 0; line < 5; line += 1) {
    write();
    await has(lines.length);
  }
  const { connections } = JSON.parse((await ask(service.port, '/connections')).body.toString());
  await ask(service.port, `/connections/${connections[0].id}`, { method: 'DELETE' });
  for (let line = 0; line < 300; line += 1) write();
  await has(lines.length);
  const state = await page.evaluate(() => (window as unknown as Shown).state);
  assert.deepEqual(state, { lines, opened: 2, gaps: 0 });
  assert.deepEqual(encodings, ['gzip', 'gzip']);
});

interface Shown {
  readonly state: { readonly lines: string[]; readonly opened: number; readonly gaps: number };
}
