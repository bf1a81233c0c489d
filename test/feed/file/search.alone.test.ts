import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { lookUntil, Told, tailing } from './tailing.ts';

test('who follows gets what comes while somebody else waits for an archive to be inflated', async (context) => {
  const { path, log, append } = await tailing(context, 'old\n');
  const line = `${'x'.repeat(99)}\n`;
  await writeFile(`${path}.1.gz`, gzipSync(Buffer.alloc(160 * 1024 * 1024, line), { level: 1 }));
  const told = new Told();
  const following = await log.follow({ batch: (batch) => told.batch(batch), partial: () => {} });
  let isFound = false;
  const search = log.locate({ at: 'last', count: 1_000 }).then((located) => {
    isFound = true;
    return located;
  });
  await append('new\n');
  await lookUntil(log, () => told.items.length > 0);
  assert.deepEqual([told.items, isFound], [['new'], false]);
  assert.equal((await search).by, 'last');
  following.stop();
});
