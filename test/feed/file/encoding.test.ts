import assert from 'node:assert/strict';
import { appendFile, rename, truncate, writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import fc from 'fast-check';
import { linesOf } from '../../e2e/oracle.mjs';
import { assertSameEvents, assertSameFromAnywhere, cutAt, followThrough, readThrough, withFile } from './live-and-replay.ts';
import { lookUntil, Told, tailing } from './tailing.ts';

const little = (text: string) => Buffer.from(`\uFEFF${text}`, 'utf16le');
const big = (text: string) => little(text).swap16();

for (const [name, encode] of [
  ['little', little],
  ['big', big],
] as const) {
  test(`UTF-16 ${name} endian with a byte order mark is decoded; only U+000A ends a line`, async (context) => {
    const { readAfter } = await tailing(context, encode('one\r\n\u0A0D \u0D0A\u2A0A\n\n😀 naïve 漢\rb\n'));
    assert.deepEqual((await readAfter()).items, ['one', '\u0A0D \u0D0A\u2A0A', '', '😀 naïve 漢\rb']);
  });

  test(`UTF-16 ${name} endian: half a unit, a lone surrogate and half a pair are U+FFFD or waited for`, async (context) => {
    const { path, readAfter } = await tailing(context, encode('a\uD83D\nb\uDE00c\n\uD83D\uDE00 un'));
    const told = await readAfter();
    assert.deepEqual(told.items, ['a\uFFFD', 'b\uFFFDc', 'feed.partial']);
    assert.deepEqual(told.notices[0]?.data, { data: '😀 un' });
    await appendFile(path, encode('\uD83D').subarray(2));
    await appendFile(path, Buffer.of(0x3d));
    assert.deepEqual((await readAfter()).notices[0]?.data, { data: '😀 un' });
  });

  test(`UTF-16 ${name} endian: a cursor leads to the lines after it, last=N counts back, and the head is behind the last line`, async (context) => {
    const lines = Array.from({ length: 300 }, (_, index) => `zeile ${index} äöü 😀 ${'漢'.repeat(index)}`);
    const { log, again, readAfter } = await tailing(context, encode(`${lines.join('\r\n')}\r\nhalf`));
    const { items, cursors } = await readAfter();
    assert.deepEqual(items.slice(0, -1), lines);
    for (const index of [0, 1, 150, 298, 299])
      assert.deepEqual((await readAfter(cursors[index], again())).items.slice(0, -1), lines.slice(index + 1));
    const head = await log.locate({ at: 'head' });
    assert.equal(head.cursor, cursors.at(-1));
    const { position } = await log.locate({ at: 'last', count: 7 });
    const told = new Told();
    for await (const batch of log.read(position, { until: head.position, signal: new AbortController().signal }))
      told.batch(batch);
    assert.deepEqual(told.items, lines.slice(-7));
  });

  test(`UTF-16 ${name} endian: a line of a million characters comes in pieces of at most 256 KiB, cut at characters`, async (context) => {
    const long = '漢😀a'.repeat(250_000);
    const { again } = await tailing(context, encode(`${long}\nshort\n`));
    const { events, lines } = await readThrough(again());
    assert.deepEqual(lines, [long, 'short']);
    for (const { data } of events) {
      assert.ok(Buffer.byteLength(data) <= 256 * 1024);
      assert.doesNotMatch(data, /\uFFFD/);
    }
    assert.deepEqual((await readThrough(again(), events[2]?.cursor)).events, events.slice(3));
  });
}

test('a rotation from UTF-8 to UTF-16 reads each file as what it is, its unfinished last line too', async (context) => {
  const { path, log } = await tailing(context, 'first\n');
  const told = new Told();
  const { stop } = await log.follow({ batch: (batch) => told.batch(batch), partial: () => {} });
  await rename(path, `${path}.1`);
  await writeFile(path, little('zweite ü\nhalf'));
  await lookUntil(log, () => told.items.length === 2);
  await rename(path, `${path}.2`);
  await writeFile(path, 'third\n');
  await lookUntil(log, () => told.items.includes('third'));
  assert.deepEqual(told.items, ['feed.rotated', 'zweite ü', 'half', 'feed.rotated', 'third']);
  stop();
});

test('a file cut to nothing and written again in another encoding is read as what it is now', async (context) => {
  const { path, log } = await tailing(context, little('eins\n'));
  const told = new Told();
  const { stop } = await log.follow({ batch: (batch) => told.batch(batch), partial: () => {} });
  await truncate(path, 0);
  await log.look();
  await appendFile(path, 'zwei ü\n');
  await lookUntil(log, () => told.items.includes('zwei ü'));
  assert.deepEqual(told.items, ['feed.truncated', 'feed.gap', 'zwei ü']);
  stop();
});

test('every kind of invalid UTF-8 becomes U+FFFD as browsers have it, and the lines around it are untouched', async (context) => {
  const invalid = ['80', 'c0af', 'c3', 'e282', 'eda080', 'f0808080', 'f4908080', 'f8888080', 'fe', 'ff', 'f09f98'];
  const bytes = Buffer.concat(
    invalid.flatMap((hex) => [Buffer.from('before '), Buffer.from(hex, 'hex'), Buffer.from(' after\nwhole ü\n')]),
  );
  const { again } = await tailing(context, bytes);
  const { lines } = await readThrough(again());
  assert.deepEqual(lines, linesOf(bytes).lines);
  assert.equal(lines.filter((line) => line === 'whole ü').length, invalid.length);
});

test('a stretch of invalid UTF-8 that grows threefold when it is decoded still comes in batches of at most 256 KiB', async (context) => {
  const { log } = await tailing(
    context,
    Buffer.concat(Array.from({ length: 40 }, () => Buffer.from(`${'\xff'.repeat(20_000)}\n`, 'latin1'))),
  );
  let events = 0;
  const { position } = await log.locate({ at: 'oldest' });
  for await (const batch of log.read(position, { signal: new AbortController().signal })) {
    assert.ok(batch.kind === 'events' && (batch.bytes.length <= 256 * 1024 || batch.count === 1));
    events += batch.count;
  }
  assert.equal(events, 40);
});

for (const [name, text] of [
  ['CRLF', 'a\r\nb\r\r\n\r\nc\rd\r\n'],
  ['UTF-8', 'ü€😀\n😀€ü\n'],
  ['a byte order mark', '\uFEFFfirst ü\nsecond\n'],
] as const)
  test(`${name} split over reads at every byte is seen as if it were not`, async () => {
    await withFile(async ({ path, again }) => {
      const bytes = Buffer.from(text);
      const steps = Array.from(bytes, (byte) => () => appendFile(path, Buffer.of(byte)));
      const live = await followThrough(again(), steps);
      assert.deepEqual(live.lines, linesOf(bytes).lines);
      await assertSameFromAnywhere(live, again);
    });
  });

test('a file of one byte is an unfinished line, or an empty one', async (context) => {
  for (const [content, lines, rest] of [
    ['x', [], 'x'],
    ['\n', [''], ''],
    ['\r', [], '\n'],
    ['\xff', [], '\ufffd'],
    ['\0', [], ''],
  ] as const) {
    const { again } = await tailing(context, Buffer.from(content, 'latin1'));
    const seen = await readThrough(again());
    assert.deepEqual([seen.lines, seen.rest], [lines, rest], JSON.stringify(content));
  }
});

test('a line that gets its line feed after hours is one event then, shown unfinished meanwhile and not taken for the head', async (context) => {
  const { path, log, again } = await tailing(context, 'before\n', 10);
  const told = new Told();
  const { stop } = await log.follow({ batch: (batch) => told.batch(batch), partial: (partial) => (told.partial = partial) });
  const { cursor } = await log.locate({ at: 'head' });
  let written = '';
  for (let hour = 0; hour < 6; hour += 1) {
    await appendFile(path, `hour ${hour}, `);
    written += `hour ${hour}, `;
    await lookUntil(log, () => told.partial?.text === written);
  }
  assert.deepEqual(told.items, []);
  assert.equal((await again().locate({ at: 'head' })).cursor, cursor);
  await appendFile(path, 'done\n');
  await lookUntil(log, () => told.items.length > 0);
  assert.deepEqual(told.items, [`${written}done`]);
  stop();
});

/** Text in which ends of lines, characters of all lengths and NULs are frequent. */
const roughText = fc
  .array(
    fc.oneof(
      {
        weight: 6,
        arbitrary: fc.constantFrom(
          '\n',
          '\n',
          '\r',
          '\r\n',
          'ü',
          '漢',
          '😀',
          '\uD800',
          '\uDE00',
          '\u0A0A',
          '\u000D\u0A00',
          'plain text',
        ),
      },
      { weight: 2, arbitrary: fc.constantFrom(1, 2, 15, 16, 17, 40).map((count) => '\0'.repeat(count)) },
      { weight: 1, arbitrary: fc.constantFrom('x', '漢', '\0').map((unit) => unit.repeat(270_000)) },
    ),
    { maxLength: 30 },
  )
  .map((parts) => parts.join(''));

const roughBytes = fc.oneof(
  { weight: 3, arbitrary: roughText.map((text) => Buffer.from(text)) },
  { weight: 2, arbitrary: roughText.map(little) },
  { weight: 2, arbitrary: roughText.map(big) },
  {
    weight: 2,
    arbitrary: fc
      .array(fc.constantFrom(0, 0, 10, 10, 13, 0x61, 0xc3, 0xbc, 0xff, 0xfe, 0xef, 0xbb, 0xbf))
      .map((bytes) => Buffer.from(bytes)),
  },
);

test('any bytes, appended in any pieces while somebody follows, are the same events as the finished file, from any cursor on', async () => {
  const property = fc.asyncProperty(roughBytes, fc.array(fc.nat(), { maxLength: 12 }), (bytes, places) =>
    withFile(async ({ path, again }) => {
      const parts = cutAt(bytes, places);
      const live = await followThrough(
        again(),
        parts.map((part) => () => appendFile(path, part)),
      );
      const { lines } = await assertSameFromAnywhere(live, again);
      assertSameEvents(lines, linesOf(bytes).lines, 'as the oracle says');
    }),
  );
  await fc.assert(property, { numRuns: 150 });
});
