import { appendFileSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { chokidarWatch, nodeWatch } from '../../../server/source/watch/start-watch.ts';
import { eventually } from '../eventually.ts';

for (const [name, startWatch] of [
  ['fs.watch', nodeWatch],
  ['chokidar', chokidarWatch],
] as const)
  test(`${name} names every entry of a folder that is made, written to or renamed, however soon after the last`, async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'livefeed-'));
    const path = join(folder, 'a.log');
    writeFileSync(path, 'one\n');
    const touched: (string | null)[] = [];
    const watcher = startWatch(folder, (entry) => void touched.push(entry));
    t.after(async () => {
      await watcher.close();
      rmSync(folder, { recursive: true });
    });
    const isTold = (entry: string) => eventually(`${entry} is told`, () => touched.includes(entry));
    // chokidar begins some time after it was asked to: what it is asked for first is written until it is told.
    await eventually('it watches', () => {
      appendFileSync(path, 'more\n');
      return touched.includes('a.log');
    });
    touched.length = 0;
    for (let count = 0; count < 20; count += 1) {
      appendFileSync(path, 'again\n');
      await isTold('a.log');
      touched.length = 0;
    }
    renameSync(path, `${path}.1`);
    await isTold('a.log.1');
    writeFileSync(join(folder, 'b.log'), 'new\n');
    await isTold('b.log');
  });
