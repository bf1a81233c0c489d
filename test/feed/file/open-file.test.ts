import assert from 'node:assert/strict';
import { appendFileSync, writeFileSync } from 'node:fs';
import { type FileHandle, mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { OpenFile } from '../../../server/feed/file/open-file.ts';

/** What `read` gives of a file of 600 bytes, where `between` is done once the end of it has been met. */
async function readKilobyte(context: TestContext, between: (path: string) => void): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'livefeed-'));
  context.after(() => rm(folder, { recursive: true }));
  const path = join(folder, 'a.log');
  await writeFile(path, 'a'.repeat(600));
  const file = await OpenFile.open(path);
  assert.ok(file);
  context.after(() => file.close());
  const handle = await open(path);
  const prototype = Object.getPrototypeOf(handle) as { read: FileHandle['read'] };
  await handle.close();
  const read = prototype.read as (...given: unknown[]) => Promise<{ bytesRead: number }>;
  let reads = 0;
  const slow = async function (this: FileHandle, ...given: unknown[]) {
    const result = await read.apply(this, given);
    reads += 1;
    if (reads === 1) between(path);
    return result;
  };
  context.mock.method(prototype, 'read', slow as unknown as FileHandle['read']);
  const bytes = await file.read(0, 1_024);
  assert.ok(reads >= 2, 'it was read on behind the end');
  return bytes.toString();
}

test('a file that is cut and written anew between two reads is not read on there', async (context) => {
  const bytes = await readKilobyte(context, (path) => writeFileSync(path, 'b'.repeat(2_000)));
  assert.equal(bytes, 'a'.repeat(600));
});

test('one that is cut between two reads gives what it held', async (context) => {
  const bytes = await readKilobyte(context, (path) => writeFileSync(path, 'b'));
  assert.equal(bytes, 'a'.repeat(600));
});

test('what is appended between two reads is read as well', async (context) => {
  const bytes = await readKilobyte(context, (path) => appendFileSync(path, 'c'.repeat(2_000)));
  assert.equal(bytes, 'a'.repeat(600) + 'c'.repeat(424));
});
