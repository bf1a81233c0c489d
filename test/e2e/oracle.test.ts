import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { expectedOf } from './oracle.ts';
import { scratchFolder } from './scratch.ts';

test('the oracle knows where lines end, and what bytes mean', async () => {
  const file = join(scratchFolder(), 'file.log');
  const bytes = '\xEF\xBB\xBFfirst\n\ncr\r\ntwo crs\r\r\na\rb\r\nbad \xFF\xC3.\n\xEF\xBB\xBFmark\nun\rfinished';
  writeFileSync(file, bytes, 'latin1');
  assert.deepEqual(await expectedOf(file), {
    lines: ['first', '', 'cr', 'two crs\n', 'a\nb', 'bad \uFFFD\uFFFD.', '\uFEFFmark'],
    rest: 'un\nfinished',
  });
});
