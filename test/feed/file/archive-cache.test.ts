import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { ArchiveCache } from '../../../server/feed/file/archive-cache.ts';
import { seeded } from '../../e2e/seed.ts';
import { eventually } from '../../source/eventually.ts';
import { numberedText, openArchive, openFiles, testFolder, writeArchive } from './archives.ts';

const KIB = 1024;
const MIB = 1024 * KIB;

/** A folder with an archive for each length, and a cache of them. */
function makeArchives(context: TestContext, options: { maxBytes: number; quietMs?: number; lengths: number[] }) {
  const { maxBytes, lengths, ...rest } = options;
  const folder = testFolder(context);
  const cache = new ArchiveCache(maxBytes, { folder, ...rest });
  context.after(() => cache.close());
  const contents = lengths.map((length, index) => numberedText(length, index));
  const paths = contents.map((content, index) => writeArchive(folder, `${index}.gz`, content));
  const open = async (index: number) => (await openArchive(cache, paths[index] ?? '')).archive;
  return { cache, contents, paths, open };
}

test('an archive that several have open is inflated once for all of them', async (context) => {
  const { cache, contents, paths } = makeArchives(context, { maxBytes: 4 * MIB, lengths: [MIB] });
  const opened = await Promise.all(Array.from({ length: 5 }, () => openArchive(cache, paths[0] ?? '')));
  const read = await Promise.all(opened.map(({ archive }) => archive.read(MIB - 100, 100)));
  for (const bytes of read) assert.deepEqual(bytes, contents[0]?.subarray(MIB - 100));
  assert.equal(opened.filter(({ counted }) => counted.bytes > 0).length, 1);
  assert.equal(cache.bytes, MIB);
  for (const { archive } of opened) await archive.close();
});

test('the content stays for the next who opens the archive', async (context) => {
  const { cache, contents, paths } = makeArchives(context, { maxBytes: 4 * MIB, lengths: [MIB] });
  const first = await openArchive(cache, paths[0] ?? '');
  await first.archive.stat();
  await first.archive.close();
  const second = await openArchive(cache, paths[0] ?? '');
  assert.deepEqual(await second.archive.read(500, 100), contents[0]?.subarray(500, 600));
  await second.archive.close();
});

test('what is idle makes room for what is read; what is read stays, and the other is read linearly', async (context) => {
  const { cache, contents, open } = makeArchives(context, { maxBytes: 3 * MIB, quietMs: 200, lengths: [2 * MIB, 2 * MIB] });
  const [first, second] = [await open(0), await open(1)];
  await first.stat();
  await second.stat();
  assert.deepEqual([first.isLinear, second.isLinear], [false, true], 'the first has been read just now');
  assert.deepEqual(await second.read(MIB, 100), contents[1]?.subarray(MIB, MIB + 100));
  await eventually('the first is idle', () => !second.isLinear);
  assert.deepEqual(await second.read(0, 100), contents[1]?.subarray(0, 100), 'beginning again, it takes the place');
  assert.deepEqual([first.isLinear, second.isLinear, cache.bytes], [true, false, 2 * MIB]);
  assert.deepEqual(await first.read(MIB, 100), contents[0]?.subarray(MIB, MIB + 100), 'the first is read all the same');
  await first.close();
  await second.close();
});

test('an archive that can never fit drives nothing out', async (context) => {
  const { cache, open } = makeArchives(context, { maxBytes: 3 * MIB, quietMs: 0, lengths: [2 * MIB, 4 * MIB] });
  const [small, large] = [await open(0), await open(1)];
  await small.stat();
  await large.stat();
  assert.deepEqual([small.isLinear, large.isLinear, cache.bytes], [false, true, 2 * MIB]);
  await small.close();
  await large.close();
});

test('archives read at any places at once, in far too little room, are read right and never take more than the room', async (context) => {
  const lengths = [300, 700, 900, 1_200, 2_500].map((kib) => kib * KIB);
  const { cache, contents, open } = makeArchives(context, { maxBytes: 2 * MIB, quietMs: 0, lengths });
  const random = seeded(context);
  await Promise.all(
    Array.from({ length: 12 }, async () => {
      for (let round = 0; round < 5; round += 1) {
        const index = random.whole(0, lengths.length - 1);
        const content = contents[index] ?? Buffer.alloc(0);
        const archive = await open(index);
        for (let read = 0; read < 4; read += 1) {
          const at = random.whole(0, content.length);
          const length = random.whole(1, 300 * KIB);
          assert.ok((await archive.read(at, length)).equals(content.subarray(at, at + length)), `archive ${index} at ${at}`);
          assert.ok(cache.bytes <= 2 * MIB, `${cache.bytes} bytes are kept`);
        }
        await archive.close();
      }
    }),
  );
});

test('who closes an archive while it is inflated takes nothing from the others who wait for it', async (context) => {
  const { contents, open } = makeArchives(context, { maxBytes: 8 * MIB, lengths: [4 * MIB] });
  const [leaves, stays] = [await open(0), await open(0)];
  const left = assert.rejects(leaves.stat());
  const read = stays.read(4 * MIB - 10, 10);
  await leaves.close();
  await left;
  assert.deepEqual(await read, contents[0]?.subarray(4 * MIB - 10));
  await stays.close();
});

test('an inflating that all have left ends, and who comes just then gets one of its own', async (context) => {
  const { cache, contents, open } = makeArchives(context, { maxBytes: 8 * MIB, lengths: [4 * MIB] });
  for (let round = 0; round < 5; round += 1) {
    const leaves = await open(0);
    const left = assert.rejects(leaves.stat());
    const closed = leaves.close();
    await left;
    const comes = await open(0);
    assert.deepEqual(await comes.read(10, 10), contents[0]?.subarray(10, 20));
    await Promise.all([closed, comes.close()]);
  }
  assert.equal(cache.bytes, 4 * MIB);
});

test('a cache that is closed ends what is going on', async (context) => {
  const { cache, open } = makeArchives(context, { maxBytes: 8 * MIB, lengths: [4 * MIB, 1_000] });
  const [running, kept] = [await open(0), await open(1)];
  await kept.stat();
  const ended = assert.rejects(running.stat());
  await cache.close();
  await ended;
  assert.equal(cache.bytes, 0);
  const late = await open(0);
  await assert.rejects(late.stat());
  await late.close();
  await running.close();
  await kept.close();
});

test('every file that was opened is closed again, whatever became of the archive', {
  skip: openFiles() === undefined,
}, async (context) => {
  const before = openFiles() ?? 0;
  const { cache, open } = makeArchives(context, { maxBytes: 2 * MIB, quietMs: 0, lengths: [MIB, MIB, 3 * MIB] });
  for (const index of [0, 1, 2, 0, 2]) {
    const [read, left] = [await open(index), await open(index)];
    const leaving = left.stat().catch(() => undefined);
    await left.close();
    await read.read(500 * KIB, 10);
    await read.close();
    await leaving;
  }
  const broken = await openArchive(cache, import.meta.filename);
  await assert.rejects(broken.archive.stat());
  await broken.archive.close();
  assert.ok(cache.bytes > 0, 'something is kept');
  await cache.close();
  await eventually('all are closed', () => openFiles() === before);
});
