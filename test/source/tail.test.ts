import assert from 'node:assert/strict';
import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ArchiveCache } from '../../server/feed/file/archive-cache.ts';
import { FileLog } from '../../server/feed/file/file-log.ts';
import { Tail } from '../../server/source/tail.ts';
import { Folders } from '../../server/source/watch/folders.ts';
import { temporaryFolder } from './discovering.ts';
import { eventually } from './eventually.ts';

test('what is written while it is found out where a file lies that has just been met is not left to the sweep of all files', async (context) => {
  const path = join(await temporaryFolder(context), 'a.log');
  writeFileSync(path, 'old\n');
  const nothing = () => undefined;
  const folders = new Folders({
    pollBecause: undefined,
    onTouched: nothing,
    onEntry: nothing,
    onTick: nothing,
    onBegun: nothing,
    onLimit: nothing,
    onTrouble: nothing,
  });
  const archives = new ArchiveCache(1 << 20);
  const log = new FileLog({ path, partialTimeoutMs: 1_000, archives });
  let looks = 0;
  const tail = new Tail({
    folders,
    onTrouble: (_path, error) => assert.fail(String(error)),
    onWatch: nothing,
    onChanged: () => {
      looks += 1;
      // The first look is done, and it is asked next whether the path leads through links.
      if (looks === 1) process.nextTick(() => [appendFileSync(path, 'a line\n'), tail.wake(path)]);
    },
    now: () => performance.now(),
  });
  context.after(async () => {
    tail.close();
    folders.close();
    await log.close();
    await archives.close();
  });
  await tail.add(log);
  await eventually('the line is seen', () => log.stats.bytes === 'old\na line\n'.length, 5_000);
});
