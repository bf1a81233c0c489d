import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { tailing } from './tailing.ts';

const numbered = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => `line ${from + index}`);
const text = (lines: readonly string[]) => lines.map((line) => `${line}\n`).join('');

test('bytes are counted from the oldest archive on, and lead into each file as it lies there', async (context) => {
  const { path, again, readAfter } = await tailing(context, text(numbered(200, 300)));
  await writeFile(`${path}.2`, text(numbered(0, 100)));
  execFileSync('gzip', [`${path}.2`]);
  await writeFile(`${path}.1`, text(numbered(100, 200)));
  const whole = text(numbered(0, 300));
  for (const line of [0, 1, 50, 99, 100, 101, 199, 200, 201, 299]) {
    const byte = text(numbered(0, line)).length;
    const log = again();
    const { cursor, extent } = await log.locate({ at: 'byte', byte });
    const { items } = await readAfter(cursor, log);
    assert.deepEqual(extent, { from: byte, of: whole.length }, `line ${line}`);
    assert.equal(
      items.find((item) => !item.startsWith('feed.')),
      `line ${line}`,
    );
    if (line > 0) assert.equal((await log.locate({ at: 'byte', byte: byte - 3 })).cursor, cursor);
  }
});

test('in the middle of a line of megabytes the next line is found, and in the last one the head', async (context) => {
  const { log, readAfter } = await tailing(context, `short\n${'x'.repeat(3_000_000)}\nlast\nunfinished`);
  assert.deepEqual((await readAfter((await log.locate({ at: 'byte', byte: 1_000_000 })).cursor)).items[0], 'last');
  assert.deepEqual((await log.locate({ at: 'byte', byte: 3_000_010 })).extent, { from: 3_000_012, of: 3_000_012 });
});

test('in UTF-16 a byte in the middle of a character leads to the next line', async (context) => {
  const { log, readAfter } = await tailing(context, Buffer.from('\ufeffone\ntwo\nthree\n', 'utf16le'));
  for (const [byte, line] of [
    [0, 'one'],
    [3, 'two'],
    [9, 'two'],
    [10, 'two'],
    [11, 'three'],
  ] as const)
    assert.equal((await readAfter((await log.locate({ at: 'byte', byte })).cursor)).items[0], line, `byte ${byte}`);
});
