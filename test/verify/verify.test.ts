import assert from 'node:assert/strict';
import { appendFile, mkdir, mkdtemp, open, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { UsageError } from '../../server/config/usage-error.ts';
import { realFiles } from '../../server/feed/journal/files.ts';
import { loadIndex, saveIndex } from '../../server/feed/journal/index-file.ts';
import { Journals } from '../../server/feed/journal/journals.ts';
import { parseSegmentName } from '../../server/feed/journal/segments.ts';
import { toFeedName } from '../../server/feed/name.ts';
import { verifyCommand } from '../../server/verify/command.ts';
import { run } from '../command.ts';

/** A data folder with two feeds that were published to, and the files of one of them. */
async function published(t: TestContext): Promise<{ dir: string; feed: string; segments: string[] }> {
  const parent = await mkdtemp(join(tmpdir(), 'livefeed-'));
  t.after(() => rm(parent, { recursive: true }));
  const dir = join(parent, 'data');
  const journals = await Journals.open(dir, { segmentBytes: 300 });
  for (const name of ['a', 'a/b'].map(toFeedName))
    for (let number = 0; number < 20; number += 1) await journals.create(name).append([{ data: Buffer.from(`line ${number}`) }]);
  await journals.close();
  const feed = join(dir, 'feeds', 'a~b');
  return { dir, feed, segments: (await readdir(feed)).filter((name) => name.endsWith('.sse')).sort() };
}

async function verify(dir: string): Promise<{ code: number; text: string }> {
  let text = '';
  const code = await verifyCommand([dir], (more) => {
    text += more;
  });
  return { code, text };
}

async function snapshot(dir: string): Promise<string[]> {
  const files = (await readdir(dir, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
  return Promise.all(
    files.map(async ({ parentPath, name }) => `${join(parentPath, name)} ${await readFile(join(parentPath, name), 'hex')}`),
  );
}

describe('livefeed verify DIR', () => {
  test('tells what each feed holds, and that nothing is wrong', async (t) => {
    const { dir, segments } = await published(t);
    const { code, text } = await verify(dir);
    assert.equal(code, 0, text);
    assert.match(
      text,
      new RegExp(
        `^a: 20 events, \\d+ bytes in \\d+ segments\na/b: 20 events, \\d+ bytes in ${segments.length} segments\nNothing is wrong\\.\n$`,
      ),
    );
  });

  test('tells where a byte is not what was written, and changes nothing', async (t) => {
    const { dir, feed, segments } = await published(t);
    const path = join(feed, segments[1] ?? '');
    const at = (await readFile(path)).indexOf('line') + 1;
    const file = await open(path, 'r+');
    await file.write('X', at);
    await file.close();
    const before = await snapshot(dir);
    const { code, text } = await verify(dir);
    assert.equal(code, 1);
    assert.match(
      text,
      new RegExp(`a/b: 19 events.*\n  WRONG ${segments[1]}: bytes \\d+ to \\d+ are no whole event: a gap for readers\n`),
    );
    assert.deepEqual(await snapshot(dir), before);
  });

  test('tells of a segment that has an end missing, and of one that is gone', async (t) => {
    const { dir, feed, segments } = await published(t);
    const [first = '', second = ''] = segments;
    const last = segments.at(-1) ?? '';
    const bytes = await readFile(join(feed, second));
    await writeFile(join(feed, second), bytes.subarray(0, -1));
    await rm(join(feed, last));
    const { code, text } = await verify(dir);
    assert.equal(code, 1);
    assert.match(text, new RegExp(`WRONG ${second}: its last \\d+ bytes are missing or no whole event: a gap for readers`));
    assert.match(text, new RegExp(`WRONG ${last}: is gone, its index is there`));
    assert.doesNotMatch(text, new RegExp(`WRONG ${first}`));
  });

  test('notes what a crash has left behind the last event, which is not wrong', async (t) => {
    const { dir, feed, segments } = await published(t);
    await appendFile(join(feed, segments.at(-1) ?? ''), ':0123');
    const { code, text } = await verify(dir);
    assert.equal(code, 0);
    assert.match(text, new RegExp(`note  ${segments.at(-1)}: its last 5 bytes are no whole event: the next start cuts them off`));
  });

  test('tells of an index that tells of something else, and of settings that cannot be read', async (t) => {
    const { dir, feed, segments } = await published(t);
    const segment = parseSegmentName(feed, segments[0] ?? '');
    assert.ok(segment !== undefined);
    const index = await loadIndex(realFiles, segment);
    assert.ok(index?.blocks[0] !== undefined);
    index.blocks[0].checksum += 1;
    await saveIndex(realFiles, segment, index);
    await writeFile(join(feed, 'retention.json'), '{');
    const { code, text } = await verify(dir);
    assert.equal(code, 1);
    assert.match(text, new RegExp(`WRONG ${segments[0]}: its index tells of something else`));
    assert.match(text, /WRONG \S*retention\.json is not JSON any more: remove it/);
  });

  test('refuses a folder that a service has, and one that is no data folder', async (t) => {
    const { dir } = await published(t);
    const journals = await Journals.open(dir);
    await assert.rejects(verify(dir), { name: 'UsageError', message: new RegExp(`is in use by process ${process.pid}`) });
    await journals.close();
    await mkdir(join(dir, 'other'));
    await assert.rejects(verify(join(dir, 'other')), /holds no published feeds: give the folder that --data names/);
    await assert.rejects(verify(join(dir, 'nothing')), /is not there/);
    for (const argv of [[], ['a', 'b'], ['--x']])
      await assert.rejects(
        verifyCommand(argv, () => undefined),
        UsageError,
      );
  });

  test('is a command', async (t) => {
    const { dir, feed, segments } = await published(t);
    await writeFile(join(feed, segments[0] ?? ''), '');
    const wrong = run(t, ['verify', dir]);
    assert.equal(await wrong.ended, 1);
    assert.match(wrong.stdout(), /WRONG/);
    const unusable = run(t, ['verify', join(dir, 'nothing')]);
    assert.equal(await unusable.ended, 2);
    assert.match(unusable.stderr(), /^livefeed: .*nothing is not there\n$/);
  });
});
