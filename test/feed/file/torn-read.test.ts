import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { type TestContext, test } from 'node:test';
import { Told, tailing } from './tailing.ts';

const lines = (word: string): string => Array.from({ length: 20_000 }, (_, index) => `${word} ${index}\n`).join('');

/** The kernel may stop in the middle of a large read: `between` is what others do then, once, in a read at or behind `from`. */
async function tearLargeRead(context: TestContext, path: string, from: number, between: () => void): Promise<void> {
  const handle = await open(path);
  const prototype = Object.getPrototypeOf(handle) as { read: FileHandle['read'] };
  await handle.close();
  const read = prototype.read as (...given: unknown[]) => Promise<{ bytesRead: number; buffer: Buffer }>;
  let isTorn = false;
  const torn = async function (this: FileHandle, bytes: Buffer, at: number, length: number, position: number) {
    if (isTorn || length < 65_536 || position < from) return read.call(this, bytes, at, length, position);
    isTorn = true;
    const { bytesRead } = await read.call(this, bytes, at, 4_096, position);
    between();
    const rest = await read.call(this, bytes, at + bytesRead, length - bytesRead, position + bytesRead);
    return { bytesRead: bytesRead + rest.bytesRead, buffer: bytes };
  };
  context.mock.method(prototype, 'read', torn as FileHandle['read']);
}

for (const [where, from] of [
  ['at its start', 0],
  ['behind its start', 1],
] as const) {
  test(`a file that is rewritten in the middle of a large read ${where} gives no line that is half old, half new`, async (context) => {
    const { path, log } = await tailing(context, lines('before'));
    const { position } = await log.locate({ at: 'oldest' });
    let isRewritten = false;
    await tearLargeRead(context, path, from, () => {
      writeFileSync(path, lines('after this, longer lines'));
      isRewritten = true;
    });
    const told = new Told();
    for await (const batch of log.read(position, { signal: new AbortController().signal })) told.batch(batch);
    const { items } = told;
    assert.ok(isRewritten);
    assert.ok(
      items.includes('feed.truncated') || items.includes('feed.gap'),
      `told: ${items.filter((item) => item.startsWith('feed.'))}`,
    );
    for (const item of items) assert.match(item, /^(before \d+|after this, longer lines \d+|feed\.\w+)$/);
    const after = items.filter((item) => item.startsWith('after')).map((item) => `${item}\n`);
    assert.equal(after.join(''), lines('after this, longer lines'));
  });
}
