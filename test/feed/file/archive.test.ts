import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { ArchiveCache } from '../../../server/feed/file/archive-cache.ts';
import { numberedText, openArchive, testFolder, writeArchive } from './archives.ts';

const MIB = 1024 * 1024;
const STEP = 100_000;

test('an archive is read at any place, and inflated once for that', async (context) => {
  const content = numberedText(3 * MIB);
  const { archive, counted } = await openOne(context, new ArchiveCache(4 * MIB), content);
  for (const position of [2 * MIB, 0, MIB, 3 * MIB - 10, 3 * MIB, 5 * MIB])
    assert.deepEqual(await archive.read(position, 1_000), content.subarray(position, position + 1_000));
  assert.equal((await archive.stat()).size, content.length);
  assert.equal(archive.isLinear, false);
  assert.ok(counted.bytes < 2 * gzipSync(content, { level: 1 }).length);
});

test('the head of an archive is read without inflating the rest, also where the rest is not there', async (context) => {
  const content = numberedText(8 * MIB);
  const { archive, counted } = await openOne(context, new ArchiveCache(64 * MIB), content);
  assert.deepEqual(await archive.head(1_024), content.subarray(0, 1_024));
  assert.ok(counted.bytes < 100_000, `${counted.bytes} bytes read for the head`);
  const cut = gzipSync(content, { level: 1 }).subarray(0, MIB);
  const { archive: broken } = await openFileWith(context, cut);
  assert.deepEqual(await broken.head(1_024), content.subarray(0, 1_024));
});

for (const [what, spoil] of [
  ['empty', () => Buffer.alloc(0)],
  ['text', () => Buffer.from('not compressed at all\n'.repeat(100))],
  ['cut in its header', (whole) => whole.subarray(0, 8)],
  ['cut in the middle', (whole) => whole.subarray(0, whole.length >> 1)],
  ['cut before the last byte of its trailer', (whole) => whole.subarray(0, -1)],
  ['wrong in its check sum', (whole) => flip(whole, whole.length - 6)],
  ['wrong in its length', (whole) => flip(whole, whole.length - 2)],
  ['damaged', (whole) => flip(whole, whole.length >> 1)],
  ['followed by another that is cut', (whole) => Buffer.concat([whole, whole.subarray(0, 100)])],
] as const satisfies readonly (readonly [string, (whole: Buffer) => Buffer])[])
  test(`an archive that is ${what} is not whole: it cannot be read, and nothing of it is kept`, async (context) => {
    const cache = new ArchiveCache(4 * MIB);
    const { archive } = await openFileWith(context, spoil(gzipSync(numberedText(MIB))), cache);
    await assert.rejects(archive.stat());
    await assert.rejects(archive.read(0, 10));
    assert.equal(cache.bytes, 0);
  });

test('several archives in one file are one content, as gzip -d makes it', async (context) => {
  const parts = [numberedText(MIB), numberedText(MIB, 7)];
  const { archive } = await openFileWith(context, Buffer.concat(parts.map((part) => gzipSync(part))));
  assert.deepEqual(await archive.read(MIB - 500, 1_000), Buffer.concat(parts).subarray(MIB - 500, MIB + 500));
});

test('an archive larger than the cache is read forward by inflating it twice: once for its length, once to read', async (context) => {
  const content = numberedText(4 * MIB);
  const { archive, counted, compressed } = await openOne(context, new ArchiveCache(MIB), content);
  await archive.stat();
  assert.equal(archive.isLinear, true);
  for (let position = 0; position < content.length; position += STEP)
    assert.deepEqual(
      await archive.read(Math.max(0, position - 64), STEP),
      content.subarray(Math.max(0, position - 64)).subarray(0, STEP),
    );
  assert.ok(counted.bytes <= 2.2 * compressed, `${counted.bytes / compressed} times inflated`);
});

test('several readers of an archive larger than the cache do not make each other begin again', async (context) => {
  const content = numberedText(4 * MIB);
  const { archive, counted, compressed } = await openOne(context, new ArchiveCache(MIB), content);
  const readers = [0, MIB, 2 * MIB, 3 * MIB, 0, 2 * MIB];
  await Promise.all(
    readers.map(async (start) => {
      for (let position = start; position < content.length; position += STEP)
        assert.deepEqual(await archive.read(position, STEP), content.subarray(position, position + STEP));
    }),
  );
  assert.ok(counted.bytes <= (readers.length + 1.5) * compressed, `${counted.bytes / compressed} times inflated`);
});

test('more readers of such an archive than it has streams for still read it right', async (context) => {
  const content = numberedText(3 * MIB);
  const { archive } = await openOne(context, new ArchiveCache(MIB), content);
  await Promise.all(
    Array.from({ length: 24 }, async (_, index) => {
      for (let position = index * 100_000; position < content.length; position += MIB)
        assert.deepEqual(await archive.read(position, STEP), content.subarray(position, position + STEP));
    }),
  );
});

test('an archive that is closed while it is read ends the reading, and can be closed again', async (context) => {
  for (const maxBytes of [MIB, 32 * MIB]) {
    const { archive } = await openOne(context, new ArchiveCache(maxBytes), numberedText(5 * MIB));
    const reading = archive.read(4 * MIB, 100);
    await Promise.all([assert.rejects(reading), archive.close(), archive.close()]);
    await assert.rejects(archive.stat());
  }
});

for (const [what, before, folder] of [
  ['a disk that is full after 64 KiB', 'ulimit -f 128 && exec "$@"', '.'],
  ['a folder for it that is not there', 'exec "$@"', 'missing'],
] as const)
  test(`with ${what}, an archive is read linearly`, { skip: process.platform === 'win32' }, (context) => {
    const root = testFolder(context);
    const path = writeArchive(root, 'a.gz', numberedText(3 * MIB));
    const program = [process.execPath, '--import', 'tsx', join(import.meta.dirname, 'read-archive.ts'), path, join(root, folder)];
    const { stdout, stderr } = spawnSync('sh', ['-c', before, 'sh', ...program], { encoding: 'utf8' });
    assert.equal(stdout, 'the content is right, linear: true, kept: 0\n', stderr);
  });

async function openOne(context: Parameters<typeof testFolder>[0], cache: ArchiveCache, content: Buffer) {
  const compressed = gzipSync(content, { level: 1 });
  return { ...(await openFileWith(context, compressed, cache)), compressed: compressed.length };
}

async function openFileWith(context: Parameters<typeof testFolder>[0], bytes: Buffer, cache = new ArchiveCache(4 * MIB)) {
  const path = join(testFolder(context), 'a.gz');
  writeFileSync(path, bytes);
  const opened = await openArchive(cache, path);
  context.after(async () => {
    await opened.archive.close();
    await cache.close();
  });
  return opened;
}

function flip(bytes: Buffer, at: number): Buffer {
  const spoilt = Buffer.from(bytes);
  spoilt[at] = (spoilt[at] ?? 0) ^ 0xff;
  return spoilt;
}
