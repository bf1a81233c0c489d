import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BlockReader, block, MAX_GROWTH_BYTES, MEGABYTE, writeLine } from './block-reader.ts';
import { withFile } from './live-and-replay.ts';

test('a line of 2 GiB comes whole in pieces; memory stays bounded', async () => {
  await withFile(async ({ path, again }) => {
    await writeLine(path, 2_049);
    await writeLine(path, 1);
    const log = again();
    const reader = new BlockReader();
    const before = process.memoryUsage().rss;
    const { position } = await log.locate({ at: 'oldest' });
    for await (const batch of log.read(position, { signal: new AbortController().signal })) reader.batch(batch);
    assert.deepEqual([reader.lines, reader.bytes], [2, 2_050 * block.length]);
    assert.ok(reader.highestRss - before < MAX_GROWTH_BYTES, `RSS grew by ${(reader.highestRss - before) / MEGABYTE} MiB`);
  });
});
