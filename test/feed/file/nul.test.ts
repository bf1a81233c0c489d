import assert from 'node:assert/strict';
import { appendFile, open, rename, truncate, utimes, writeFile } from 'node:fs/promises';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { test } from 'node:test';
import fc from 'fast-check';
import { linesOf } from '../../e2e/oracle.mjs';
import {
  assertSameEvents,
  assertSameFromAnywhere,
  followThrough,
  lookToTheEnd,
  readThrough,
  Seen,
  withFile,
} from './live-and-replay.ts';
import { lookUntil, Told, tailing } from './tailing.ts';

/** Writes where a writer that does not append goes on, whatever has become of the file's length. */
async function writeAt(path: string, offset: number, text: string | Buffer): Promise<void> {
  const file = await open(path, 'r+');
  const bytes = Buffer.from(text as string);
  await file.write(bytes, 0, bytes.length, offset);
  await file.close();
}

/** Of a file that was changed then it is known that it has not been changed since it was looked at. */
const LONG_AGO = new Date('2026-01-01T00:00:00Z');

const nuls = (count: number) => '\0'.repeat(count);

test('NULs at the start of a line and long runs within it are dropped and told, fewer within it are data', async () => {
  await withFile(async ({ path, again }) => {
    await writeFile(path, `a\n${nuls(3)}b\n${nuls(40)}c\nd${nuls(15)}e\nf${nuls(16)}g${nuls(200)}\nh\n`);
    const seen = await readThrough(again());
    assert.deepEqual(seen.lines, ['a', 'b', 'c', `d${nuls(15)}e`, 'fg', 'h']);
    assert.equal(seen.skipped, 3 + 40 + 16 + 200);
  });
});

test('copytruncate with a writer that does not append: the hole is skipped where it is, and its length told', async (context) => {
  const { path, log } = await tailing(context, 'old\n');
  const told = new Told();
  const { stop } = await log.follow({ batch: (batch) => told.batch(batch), partial: () => {} });
  await appendFile(path, `${'x'.repeat(5_000)}\n`);
  await log.look();
  for (const [length, line] of [
    [5_005, 'first after the cut'],
    [5_025, 'second after the cut'],
  ] as const) {
    await truncate(path, 0);
    await log.look();
    await writeAt(path, length, `${line}\n`);
    await lookUntil(log, () => told.items.includes(line));
  }
  assert.deepEqual(told.items.slice(1), [
    ...['feed.truncated', 'feed.gap', 'feed.skipped', 'first after the cut'],
    ...['feed.truncated', 'feed.gap', 'feed.skipped', 'second after the cut'],
  ]);
  const skipped = told.notices.filter(({ type }) => type === 'feed.skipped').map(({ data }) => data);
  assert.deepEqual(skipped, [
    { reason: 'nul', bytes: 5_005 },
    { reason: 'nul', bytes: 5_025 },
  ]);
  stop();
});

test('a cut that the writer has filled with a hole up to beyond the place, between two looks, is found by content', async (context) => {
  const { path, log, again, readAfter } = await tailing(context, 'old\n');
  const told = new Told();
  const { stop } = await log.follow({ batch: (batch) => told.batch(batch), partial: () => {} });
  await appendFile(path, 'seen\n');
  await log.look();
  await truncate(path, 0);
  await writeAt(path, 90, 'after\n');
  await lookUntil(log, () => told.items.includes('after'));
  assert.deepEqual(told.items, ['seen', 'feed.truncated', 'feed.gap', 'feed.skipped', 'after']);
  assert.deepEqual((await readAfter(told.cursors[0], again())).items, ['gap truncated', 'feed.skipped', 'after']);
  stop();
});

test('a preallocated file is read as it is filled: no NUL, no byte twice, the unfinished line without what is behind it', async (context) => {
  const { path, log, again, readAfter } = await tailing(context, Buffer.alloc(1_000_000), 10);
  const told = new Told();
  const { stop } = await log.follow({ batch: (batch) => told.batch(batch), partial: (partial) => (told.partial = partial) });
  let at = 0;
  const write = async (text: string) => {
    await writeAt(path, at, text);
    at += Buffer.byteLength(text);
  };
  await write('eins ü\n');
  await lookUntil(log, () => told.items.length === 1);
  await write('half');
  await lookUntil(log, () => told.partial?.text === 'half');
  assert.equal(log.lagBytes, 0, 'room for lines to come is no lag');
  await write(', whole\nlong ');
  await lookUntil(log, () => told.items.length === 2);
  await write(`${'x'.repeat(2_000)}\n`);
  await lookUntil(log, () => told.items.length === 3);
  assert.deepEqual(told.items, ['eins ü', 'half, whole', `long ${'x'.repeat(2_000)}`]);
  for (const [index, cursor] of told.cursors.entries())
    assert.deepEqual((await readAfter(cursor, again())).items, told.items.slice(index + 1));
  const head = await again().locate({ at: 'head' });
  assert.equal(head.cursor, told.cursors.at(-1), 'the head is behind the last line, not behind the NULs');
  const last = await log.locate({ at: 'last', count: 2 });
  assert.equal(last.cursor, told.cursors[0]);
  stop();
});

test('a preallocated file that is rotated away ends with its last line: its NULs are no line and nothing that was missed', async (context) => {
  const { path, log } = await tailing(context, Buffer.concat([Buffer.from('one\ntwo'), Buffer.alloc(300_000)]));
  const told = new Told();
  await rename(path, `${path}.1`);
  await writeFile(path, 'three\n');
  const { position } = await log.locate({ at: 'oldest' });
  for await (const batch of log.read(position, { signal: new AbortController().signal })) told.batch(batch);
  assert.deepEqual(told.items, ['one', 'two', 'feed.rotated', 'three']);
});

test('a line with a hole too large to be given in one piece is cut there, and goes on behind it', async () => {
  await withFile(async ({ path, again }) => {
    await writeFile(path, 'first\nbefore ');
    await truncate(path, 3_000_000);
    const live = new Seen();
    const log = again();
    const { stop } = await log.follow({ batch: (batch) => live.add(batch), partial: () => {} });
    await lookToTheEnd(log);
    assert.deepEqual(live.events, [], 'it may still be filled');
    await appendFile(path, 'behind\nlast\n');
    await lookToTheEnd(log);
    stop();
    const replay = await readThrough(again());
    assert.deepEqual(
      replay.events.map(({ data, cut }) => [data, cut]),
      [
        ['first', false],
        ['before ', true],
        ['behind', false],
        ['last', false],
      ],
    );
    assertSameEvents(live.events, replay.events.slice(1), 'live is as replay');
    assert.equal(live.skipped, 3_000_000 - 'first\nbefore '.length);
    assert.equal(replay.skipped, live.skipped);
  });
});

for (const [name, text] of [
  ['short', 'half'],
  ['as long as a piece may be', 'x'.repeat(256 * 1024)],
  ['as long as a piece may be, and its CR', `${'x'.repeat(256 * 1024)}\r`],
] as const)
  test(`an unfinished line before much room, ${name}, is waited for, and is one line when it is finished`, async () => {
    await withFile(async ({ path, again }) => {
      const live = await followThrough(again(), [
        () => writeFile(path, text),
        () => truncate(path, 1_000_000),
        () => writeAt(path, text.length, '\nnext\n'),
      ]);
      const lines = live.events.map(({ data, cut }) => `${data.length}${cut ? ' cut' : ''}`);
      assert.deepEqual(lines, [`${text.trimEnd().length}`, '4']);
      await assertSameFromAnywhere(live, again);
    });
  });

test('lines between a hole and room are seen as they are written, though the room is not full', async () => {
  await withFile(async ({ path, again }) => {
    await writeFile(path, 'first\n');
    const log = again();
    const live = new Seen();
    const { stop } = await log.follow({ batch: (batch) => live.add(batch), partial: () => {} });
    await truncate(path, 4_000_000);
    await lookToTheEnd(log);
    for (const [index, text] of ['one\n', 'two\n', 'three\n'].entries()) {
      await writeAt(path, 2_000_000 + index * 1_000, text);
      await lookToTheEnd(log);
      assert.equal(live.lines.at(-1), text.trimEnd());
    }
    stop();
    assert.equal(live.skipped, 2_000_000 - 'first\n'.length + 996 + 996);
    assert.deepEqual(live.others, []);
    assert.deepEqual((await readThrough(again())).lines, ['first', 'one', 'two', 'three']);
  });
});

test('a sparse file of 10 GB: no event from its hole, which is skipped in bounded memory, never holding the loop', async () => {
  await withFile(async ({ path, again }) => {
    const size = 10 * 2 ** 30;
    await writeFile(path, 'first\n');
    await truncate(path, size);
    await utimes(path, LONG_AGO, LONG_AGO);
    const log = again();
    const live = new Seen();
    const before = process.memoryUsage();
    const delays = monitorEventLoopDelay({ resolution: 1 });
    delays.enable();
    const { stop } = await log.follow({ batch: (batch) => live.add(batch), partial: () => {} });
    await lookToTheEnd(log);
    assert.deepEqual(live.events, []);
    await appendFile(path, 'last\n');
    await lookToTheEnd(log);
    delays.disable();
    assert.deepEqual(live.lines, ['last']);
    assert.equal(live.skipped, size - 'first\n'.length);
    assert.deepEqual((await readThrough(log)).lines, ['first', 'last']);
    const { rss } = process.memoryUsage();
    assert.ok(rss - before.rss < 64 * 2 ** 20, `RSS grew by ${rss - before.rss} bytes`);
    assert.ok(delays.percentile(90) < 100e6, `the loop was held for ${delays.percentile(90) / 1e6} ms`);
    stop();
  });
});

test('looks at a large file that ends with NULs do not read them again and again', async () => {
  await withFile(async ({ path, again }) => {
    await truncate(path, 2 * 2 ** 30);
    await utimes(path, LONG_AGO, LONG_AGO);
    const log = again();
    const live = new Seen();
    const { stop } = await log.follow({ batch: (batch) => live.add(batch), partial: () => {} });
    await lookToTheEnd(log);
    const usedBefore = process.resourceUsage();
    for (let line = 0; line < 50; line += 1) {
      await writeAt(path, line * 5, `${1_000 + line}\n`);
      await log.look();
    }
    const used = process.resourceUsage();
    assert.equal(live.events.length, 50);
    const cpuMs = (used.userCPUTime + used.systemCPUTime - usedBefore.userCPUTime - usedBefore.systemCPUTime) / 1_000;
    assert.ok(cpuMs < 1_000, `50 looks took ${cpuMs} ms of processor, as much as reading 2 GB several times`);
    stop();
  });
});

test('a reading that is ended within a hole of 10 GB ends there', async () => {
  await withFile(async ({ path, again }) => {
    await truncate(path, 10 * 2 ** 30);
    await appendFile(path, 'behind\n');
    const log = again();
    const ending = new AbortController();
    const { position } = await log.locate({ at: 'oldest' });
    const reading = log.read(position, { signal: ending.signal })[Symbol.asyncIterator]();
    const first = reading.next();
    setImmediate(() => ending.abort());
    assert.deepEqual(await first, { done: true, value: undefined });
  });
});

/** What a writer does to a file: it makes room, writes where it stands, leaves a hole. */
type Act =
  | { readonly kind: 'write'; readonly text: string }
  | { readonly kind: 'room'; readonly bytes: number }
  | { readonly kind: 'hole'; readonly bytes: number };

const length = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: 1, max: 40 }) },
  { weight: 1, arbitrary: fc.constantFrom(5_000, 300_000, 2_000_000) },
);
const act: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc
      .constantFrom('line\n', 'ü', '\r\n', '\r', '\n', 'half', 'x'.repeat(256 * 1024), 'x'.repeat(300_000))
      .map((text) => ({ kind: 'write' as const, text })),
  },
  { weight: 2, arbitrary: length.map((bytes) => ({ kind: 'room' as const, bytes })) },
  { weight: 1, arbitrary: length.map((bytes) => ({ kind: 'hole' as const, bytes })) },
);

test('whatever room and holes a writer makes while somebody follows, the events are those of the finished file', async () => {
  const property = fc.asyncProperty(fc.array(act, { maxLength: 15 }), (acts) =>
    withFile(async ({ path, again }) => {
      let at = 0;
      let size = 0;
      const content: Buffer[] = [];
      const steps = acts.map((each) => async () => {
        if (each.kind === 'write') {
          await writeAt(path, at, each.text);
          content.push(Buffer.from(each.text));
          at += Buffer.byteLength(each.text);
        } else if (each.kind === 'hole') {
          content.push(Buffer.alloc(each.bytes));
          at += each.bytes;
        }
        const wanted = each.kind === 'room' ? at + each.bytes : at;
        size = Math.max(size, wanted);
        if (each.kind === 'room') await truncate(path, size);
      });
      const live = await followThrough(again(), steps);
      const { lines } = await assertSameFromAnywhere(live, again);
      const expected = linesOf(Buffer.concat([...content, Buffer.alloc(size - at)])).lines;
      assertSameEvents(lines, expected, 'as the oracle says');
    }),
  );
  await fc.assert(property, { numRuns: 100 });
});
