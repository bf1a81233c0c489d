import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { expectedOf } from './oracle.ts';
import { scratchFolder } from './scratch.ts';

async function expectedOfBytes(bytes: Buffer): Promise<unknown> {
  const file = join(scratchFolder(), 'file.log');
  writeFileSync(file, bytes);
  return expectedOf(file);
}

test('the oracle knows where lines end, and what bytes mean', async () => {
  const bytes = '\xEF\xBB\xBFfirst\n\ncr\r\ntwo crs\r\r\na\rb\r\nbad \xFF\xC3.\n\xEF\xBB\xBFmark\nun\rfinished';
  assert.deepEqual(await expectedOfBytes(Buffer.from(bytes, 'latin1')), {
    lines: ['first', '', 'cr', 'two crs\n', 'a\nb', 'bad \uFFFD\uFFFD.', '\uFEFFmark'],
    rest: 'un\nfinished',
  });
});

test('the oracle knows UTF-16, and which NULs are no text', async () => {
  const little = Buffer.from('\uFEFFone\r\n\u0A0D\u2A0A\n\uD800 lone\nun', 'utf16le');
  const expected = { lines: ['one', '\u0A0D\u2A0A', '\uFFFD lone'], rest: 'un' };
  assert.deepEqual(await expectedOfBytes(little), expected);
  assert.deepEqual(await expectedOfBytes(Buffer.from(little).swap16()), expected);
  assert.deepEqual(await expectedOfBytes(Buffer.from(`\0\0a\0b${'\0'.repeat(20)}c\n${'\0'.repeat(9)}`)), {
    lines: ['a\0bc'],
    rest: '',
  });
});
