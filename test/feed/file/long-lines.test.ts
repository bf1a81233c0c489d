import assert from 'node:assert/strict';
import { appendFile } from 'node:fs/promises';
import { test } from 'node:test';
import type { Position } from '../../../server/feed/position.ts';
import { BlockReader, block, MAX_GROWTH_BYTES, MEGABYTE, writeLine } from './block-reader.ts';
import { followThrough, readThrough, Seen, withFile } from './live-and-replay.ts';

const MAX_BYTES = 256 * 1024;

test('many lines of 5 MiB, written while somebody follows, come whole in pieces; memory stays bounded', async () => {
  await withFile(async ({ path, again }) => {
    const log = again();
    const reader = new BlockReader();
    const { stop } = await log.follow({
      batch: (batch) => reader.batch(batch),
      partial: () => {},
    });
    const before = process.memoryUsage().rss;
    for (let line = 0; line < 40; line += 1) {
      await writeLine(path, 5);
      await log.look();
    }
    assert.deepEqual([reader.lines, reader.bytes], [40, 40 * 5 * block.length]);
    assert.ok(reader.highestRss - before < MAX_GROWTH_BYTES, `RSS grew by ${(reader.highestRss - before) / MEGABYTE} MiB`);
    stop();
  });
});

for (const [title, length, end] of [
  ['256 KiB and LF', MAX_BYTES, '\n'],
  ['256 KiB and CRLF', MAX_BYTES, '\r\n'],
  ['256 KiB with a CR at its end, and CRLF', MAX_BYTES - 1, '\r\r\n'],
  ['a byte more than 256 KiB and LF', MAX_BYTES + 1, '\n'],
  ['256 KiB and a CR that ends no line', MAX_BYTES, '\rx\n'],
] as const)
  test(`a line of ${title} is cut at the same place however it is written`, async () => {
    await withFile(async ({ path, again }) => {
      const bytes = Buffer.from(`${'x'.repeat(length)}${end}next\n`);
      const places = Array.from({ length: 24 }, (_, index) => MAX_BYTES - 6 + index).filter((place) => place < bytes.length);
      const parts = [...places, bytes.length].map((place, index) => bytes.subarray(places[index - 1] ?? 0, place));
      const live = await followThrough(
        again(),
        parts.map((part) => () => appendFile(path, part)),
      );
      const replay = await readThrough(again());
      assert.deepEqual(
        live.events.map(({ data, cut, cursor }) => [data.length, cut, cursor]),
        replay.events.map(({ data, cut, cursor }) => [data.length, cut, cursor]),
      );
      const isCut = length > MAX_BYTES || end === '\rx\n';
      assert.equal(replay.events.length, isCut ? 3 : 2);
      assert.ok(replay.events.every(({ data }) => data.length <= MAX_BYTES));
    });
  });

test('who reads up to the middle of a long line and goes on there gets each piece once', async () => {
  await withFile(async ({ path, again }) => {
    await appendFile(path, `first\n${'ü'.repeat(600_000)}\nlast\n`);
    const log = again();
    const whole = await readThrough(log);
    const places: Position[] = [];
    const { position: start } = await log.locate({ at: 'oldest' });
    for (const { cursor } of whole.events) places.push((await log.locate({ at: 'cursor', cursor })).position);
    for (const until of places) {
      const seen = new Seen();
      const { signal } = new AbortController();
      for await (const batch of log.read(start, { until, signal })) seen.add(batch);
      const count = seen.events.length;
      assert.deepEqual(places[count - 1], until, 'it ends where it was told to');
      for await (const batch of log.read(until, { signal })) seen.add(batch);
      assert.ok(seen.events.every((event, index) => event.cursor === whole.events[index]?.cursor));
      assert.equal(seen.events.length, whole.events.length);
    }
  });
});

test('the head of a line that has grown beyond 256 KiB is between two of its characters, and what comes is read from there', async () => {
  for (const encoding of ['utf8', 'utf16le'] as const)
    await withFile(async ({ path, again }) => {
      await appendFile(path, Buffer.from(encoding === 'utf8' ? '' : '\uFEFF', encoding));
      await appendFile(path, Buffer.from('€'.repeat(300_000), encoding));
      const half = Buffer.from('😀', encoding);
      await appendFile(path, half.subarray(0, encoding === 'utf8' ? 3 : 1));
      const seen = await followThrough(again(), [
        () => appendFile(path, half.subarray(encoding === 'utf8' ? 3 : 1)),
        () => appendFile(path, Buffer.from(' end\n', encoding)),
      ]);
      assert.deepEqual(seen.lines, ['😀 end'], encoding);
    });
});
