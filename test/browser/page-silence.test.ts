/** A socket that is open and dead: the browser's own EventSource would wait on it for ever. */
import assert from 'node:assert/strict';
import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { scratchFolder } from '../e2e/scratch.ts';
import { startService } from '../e2e/service.ts';
import { launchBrowser } from './browser.ts';
import { drawnRows, openPage, untilText } from './open-page.ts';

test('a service that hangs is noticed by its missing beat, and left for a new connection', { timeout: 120_000 }, async (t) => {
  const file = join(scratchFolder(), 'app.log');
  writeFileSync(file, 'before\n');
  const browser = await launchBrowser();
  t.after(() => browser.close());
  const service = await startService(t, [file]);
  const { page } = await openPage(t, browser, `${service.url}/#feed=app.log`);
  await page.waitForSelector('.row >> text=before');
  await untilText(page, '#state', /^Live$/);

  process.kill(service.pid, 'SIGSTOP');
  await untilText(page, '#state', /^The connection is dead, reconnecting in \d+ s$/, 30_000);
  appendFileSync(file, 'meanwhile\n');
  process.kill(service.pid, 'SIGCONT');
  await untilText(page, '#state', /^Back at \d\d:\d\d · missed nothing, 1 caught up$/, 45_000);
  assert.deepEqual(await drawnRows(page), ['before', 'meanwhile']);
});
