import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { appendFile, readFile, stat, truncate, utimes, writeFile } from 'node:fs/promises';
import { type TestContext, test } from 'node:test';
import { ArchiveCache } from '../../../server/feed/file/archive-cache.ts';
import { FileLog } from '../../../server/feed/file/file-log.ts';
import { seeded } from '../../e2e/seed.ts';
import { Told, tailing } from './tailing.ts';

const START_MS = Date.UTC(2026, 10, 23, 12);
const iso = (ms: number) => new Date(ms).toISOString();
/** A line a second. */
const timed = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => `${iso(START_MS + (from + index) * 1_000)} line ${from + index}`);
const text = (lines: readonly string[]) => lines.map((line) => `${line}\n`).join('');
const at = (second: number) => START_MS + second * 1_000;

async function since(log: FileLog, ms: number): Promise<{ by: string; lines: string[] }> {
  const { position, by } = await log.locate({ at: 'time', ms });
  const told = new Told();
  for await (const batch of log.read(position, { signal: new AbortController().signal })) told.batch(batch);
  return { by, lines: told.items.filter((item) => item !== 'feed.rotated') };
}

/** What the search promises for lines in order: exactly those from the first that is not before `ms` on. */
async function assertSince(log: FileLog, lines: readonly string[], ms: number): Promise<void> {
  const first = lines.findIndex((line) => Date.parse(line.slice(0, 24)) >= ms);
  const found = await since(log, ms);
  assert.equal(found.by, 'time');
  const expected = first < 0 ? [] : lines.slice(first);
  assert.deepEqual([found.lines.length, found.lines[0]], [expected.length, expected[0]], iso(ms));
}

async function tailingLines(context: TestContext, lines: readonly string[]) {
  return tailing(context, text(lines));
}

test('every time between two lines, at a line, before the first and behind the last is found', async (context) => {
  const lines = timed(0, 40);
  const { log } = await tailingLines(context, lines);
  for (let ms = at(-1); ms <= at(41); ms += 500) await assertSince(log, lines, ms);
});

test('a time is found in a file of many blocks, whatever the length of its lines', async (context) => {
  const random = seeded(context);
  const lines = timed(0, 4_000).map((line) => line + '.'.repeat(random.one([0, 5, 80, 200, 900, 5_000])));
  const { log } = await tailingLines(context, lines);
  for (let round = 0; round < 60; round += 1) await assertSince(log, lines, at(random.whole(-1, 4_001)) + random.whole(0, 1));
});

test('lines without a time belong to the one before, also where they fill megabytes', async (context) => {
  const trace = (bytes: number) => '\n    at thing (2026-11-23T11:00:00.000Z:1)'.repeat(bytes / 42);
  const lines = timed(0, 300).map((line, index) => line + trace(index === 150 ? 3_000_000 : index % 10 === 0 ? 20_000 : 0));
  const { log } = await tailingLines(context, lines);
  for (const second of [0, 1, 75, 149, 150, 151, 152, 200, 299]) {
    const { lines: found } = await since(log, at(second));
    assert.equal(found[0], timed(second, second + 1)[0]);
  }
});

test('a start is found in the right file of a chain, of which only one archive is inflated', async (context) => {
  const { path, log, archives } = await tailing(context, '');
  for (const number of [5, 4, 3, 2, 1]) {
    await writeFile(`${path}.${number}`, text(timed((5 - number) * 100, (6 - number) * 100)));
    if (number > 1) execFileSync('gzip', [`${path}.${number}`]);
  }
  await writeFile(path, text(timed(500, 600)));
  const { length } = text(timed(100, 200));
  assert.equal((await log.locate({ at: 'time', ms: at(150) })).by, 'time');
  assert.equal(archives.bytes, length);
  for (const second of [0, 50, 99, 100, 101, 199, 200, 350, 499, 500, 501, 599, 600])
    await assertSince(log, timed(0, 600), at(second));
});

test('a start that was rotated away is found whether or not anything has been written since', async (context) => {
  const { path, log } = await tailing(context, '');
  await writeFile(`${path}.1`, text(timed(0, 100)));
  await assertSince(log, timed(0, 100), at(50));
  await appendFile(path, text(timed(100, 110)));
  await assertSince(log, timed(0, 110), at(99));
  await assertSince(log, timed(0, 110), at(105));
});

test('lines that are a little out of order are all given', async (context) => {
  const random = seeded(context);
  const seconds = Array.from({ length: 5_000 }, (_, index) => index + random.whole(-3, 3));
  const lines = seconds.map((second) => `${iso(at(second))} ${'x'.repeat(50)}`);
  const { log } = await tailingLines(context, lines);
  for (let round = 0; round < 40; round += 1) {
    const second = random.whole(5, 4_990);
    const first = seconds.findIndex((each) => each >= second);
    const { lines: found } = await since(log, at(second));
    assert.equal(found.length, lines.length - first, `from second ${second} on`);
  }
});

test('lines that are early or late by an hour lead the search nowhere where one that was asked for is left out', async (context) => {
  const random = seeded(context);
  const lines = timed(0, 6_000).map((line, index) =>
    index % 50 === 7 ? `${iso(at(index) + random.one([-3_600_000, -600_000]))} late to be written` : `${line} ${'x'.repeat(60)}`,
  );
  const { log } = await tailingLines(context, lines);
  for (let round = 0; round < 40; round += 1) {
    const second = random.whole(0, 5_999);
    const { lines: found } = await since(log, at(second));
    assert.ok(found.length >= 6_000 - second - 1, `from second ${second} on`);
    assert.ok(found.length <= 6_000 - second + 1_000, 'and not much more');
  }
});

test('of a file whose lines tell no time the last write decides, and the answer says so', async (context) => {
  const { path, log } = await tailing(context, 'c\n');
  for (const [name, line, second] of [
    [`${path}.2`, 'a\n', 0],
    [`${path}.1`, 'b\n', 100],
    [path, 'c\n', 200],
  ] as const) {
    await writeFile(name, line);
    await utimes(name, at(second) / 1_000, at(second) / 1_000);
  }
  for (const [second, lines] of [
    [-10, ['a', 'b', 'c']],
    [0, ['a', 'b', 'c']],
    [50, ['b', 'c']],
    [100, ['b', 'c']],
    [150, ['c']],
    [250, []],
  ] as const)
    assert.deepEqual(await since(log, at(second)), { by: 'file-time', lines }, `second ${second}`);
});

test('a chain in which only the newer files tell times is searched by what there is', async (context) => {
  const { path, log } = await tailing(context, '');
  await writeFile(`${path}.1`, 'a\nb\n');
  await utimes(`${path}.1`, at(0) / 1_000, at(0) / 1_000);
  await writeFile(path, text(timed(10, 20)));
  assert.deepEqual(await since(log, at(15)), { by: 'time', lines: timed(15, 20) });
  assert.deepEqual(await since(log, at(5)), { by: 'file-time', lines: timed(10, 20) });
  assert.deepEqual(await since(log, at(-5)), { by: 'file-time', lines: ['a', 'b', ...timed(10, 20)] });
});

test('syslog over the turn of the year is searched in the order of its lines', async (context) => {
  const day = (month: number, date: number, year: number) => new Date(year, month, date, 10).getTime();
  const { path, log } = await tailing(
    context,
    'Dec 30 10:00:00 h a\nDec 31 10:00:00 h b\nJan  1 10:00:00 h c\nJan  2 10:00:00 h d\n',
  );
  await utimes(path, day(0, 2, 2027) / 1_000, day(0, 2, 2027) / 1_000);
  const names = async (ms: number) => (await since(log, ms)).lines.map((line) => line.at(-1)).join('');
  assert.equal(await names(day(11, 30, 2026)), 'abcd');
  assert.equal(await names(day(11, 31, 2026)), 'bcd');
  assert.equal(await names(day(0, 1, 2027)), 'cd');
  assert.equal(await names(day(0, 2, 2027)), 'd');
});

test('an archive that is not whole and may hold the start is a gap, then comes what follows', async (context) => {
  const { path, log } = await tailing(context, text(timed(2_000, 2_010)));
  await writeFile(`${path}.1`, text(timed(0, 2_000)));
  execFileSync('gzip', [`${path}.1`]);
  await truncate(`${path}.1.gz`, (await stat(`${path}.1.gz`)).size - 1);
  const { lines } = await since(log, at(1_000));
  assert.deepEqual(lines, ['feed.gap', ...timed(2_000, 2_010)]);
});

test('a time is found in UTF-16, in the log of a container, and behind the hole that a cut file begins with', async (context) => {
  const lines = timed(0, 3_000);
  const docker = lines.map((log, index) => JSON.stringify({ log: `${log}\n`, stream: 'stdout', time: iso(at(index)) }));
  for (const content of [
    Buffer.from(`\ufeff${text(lines)}`, 'utf16le'),
    Buffer.from(`\ufeff${text(lines)}`, 'utf16le').swap16(),
    Buffer.from(text(docker)),
    Buffer.concat([Buffer.alloc(3_000_000), Buffer.from(`rest of a line\n${text(lines)}`)]),
  ]) {
    const { log } = await tailing(context, content);
    for (const second of [1, 1_234, 2_998, 2_999]) {
      const found = await since(log, at(second));
      assert.deepEqual([found.by, found.lines[0], found.lines.length], ['time', lines[second], 3_000 - second]);
    }
  }
});

test('a search in a large file reads a few hundred kilobytes of it', async (context) => {
  const lines = timed(0, 200_000);
  const { log, path } = await tailingLines(context, lines);
  const { size } = await stat(path);
  const { rchar } = await ioOf();
  for (const second of [3, 77_777, 150_001]) assert.equal((await log.locate({ at: 'time', ms: at(second) })).by, 'time');
  const read = (await ioOf()).rchar - rchar;
  assert.ok(Number.isNaN(read) || read < size / 2, `${read} of ${size} bytes read`);
});

test('a search in an archive that is too large to keep goes forward through it, and does not begin again for each step', async (context) => {
  const { path, folder } = await tailing(context, '');
  const lines = timed(0, 150_000);
  await writeFile(`${path}.1`, text(lines));
  execFileSync('gzip', ['-1', `${path}.1`]);
  const archives = new ArchiveCache(1_000, { folder });
  const log = new FileLog({ path, partialTimeoutMs: 1_000, archives });
  context.after(async () => {
    await log.close();
    await archives.close();
  });
  const { size } = await stat(`${path}.1.gz`);
  const { rchar } = await ioOf();
  for (const second of [80_000, 120_000, 149_999]) {
    const { position, isLinear } = await log.locate({ at: 'time', ms: at(second) });
    assert.equal(isLinear, true);
    const told = new Told();
    for await (const batch of log.read(position, { signal: new AbortController().signal })) told.batch(batch);
    assert.equal(told.items[0], lines[second]);
  }
  const read = (await ioOf()).rchar - rchar;
  assert.ok(Number.isNaN(read) || read < 6 * size, `read ${read / size} times`);
});

test('a search whose client leaves ends', async (context) => {
  const { log } = await tailingLines(context, timed(0, 5_000));
  const leaving = new AbortController();
  leaving.abort();
  for (const start of [
    { at: 'time', ms: at(100) },
    { at: 'last', count: 4_000 },
    { at: 'before', cursor: 'head', count: 4_000 },
  ] as const)
    await assert.rejects(log.locate(start, leaving.signal), { name: 'AbortError' });
});

/** What this process has read so far, bytes; NaN where the system does not tell. */
async function ioOf(): Promise<{ rchar: number }> {
  const io = await readFile('/proc/self/io', 'utf8').catch(() => '');
  return { rchar: Number(/rchar: (\d+)/.exec(io)?.[1]) };
}
