import assert from 'node:assert/strict';
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { Folders, type FoldersOptions } from '../../../server/source/watch/folders.ts';
import { type StartWatch, startWatch } from '../../../server/source/watch/start-watch.ts';
import { temporaryFolder } from '../discovering.ts';
import { eventually } from '../eventually.ts';

async function setUp(context: TestContext, options: Partial<FoldersOptions> = {}) {
  const root = await temporaryFolder(context);
  const touched: string[] = [];
  const entries: string[] = [];
  const limits: string[] = [];
  const folders = new Folders({
    pollBecause: undefined,
    onTouched: (path) => touched.push(path),
    onEntry: (path) => entries.push(path),
    onBegun: () => undefined,
    onTick: () => undefined,
    onLimit: (why) => limits.push(why),
    onTrouble: (path, error) => assert.fail(`${path}: ${error}`),
    ...options,
  });
  context.after(() => folders.close());
  return { root, folders, touched, entries, limits };
}

/** The system's part, which has no watch to give as long as `isFailing`. */
const failing =
  (code: string, isFailing: () => boolean): StartWatch =>
  (...given) => {
    if (isFailing()) throw Object.assign(new Error(`${code}: no more`), { code });
    return startWatch(...given);
  };

for (const [code, words] of [
  ['ENOSPC', /no inotify watches are left/],
  ['EMFILE', /too many files are open/],
] as const) {
  test(`where a watch fails with ${code}, a folder is polled, told once, and watched again when there is one`, async (context) => {
    let isFailing = true;
    const { root, folders, limits } = await setUp(context, { retryMs: 50, startWatch: failing(code, () => isFailing) });
    const other = join(root, 'other');
    mkdirSync(other);
    const held = [await folders.hold(root), await folders.hold(other)];
    for (const { by, why } of held) {
      assert.equal(by, 'polling');
      assert.match(why ?? '', words);
    }
    assert.equal(limits.length, 1);
    assert.equal((await folders.figures()).mode, 'polling');
    isFailing = false;
    await eventually('both are watched', () => held.every(({ by }) => by === 'inotify'));
    assert.ok(held.every(({ why }) => why === undefined));
    assert.equal(limits.length, 1);
  });
}

test('a folder that is moved away and made anew is watched again', async (context) => {
  const { root, folders, touched } = await setUp(context);
  const path = join(root, 'logs');
  mkdirSync(path);
  const folder = await folders.hold(path);
  renameSync(path, `${path}.old`);
  await eventually('it is missed', () => folder.by === 'nothing');
  assert.equal(folder.why, 'the folder is not there');
  mkdirSync(path);
  await eventually('it is watched again', () => folder.by === 'inotify');
  writeFileSync(join(path, 'a.log'), 'one\n');
  await eventually('and its file wakes', () => touched.includes(join(path, 'a.log')));
});

test('a folder that takes the place of another in one step is watched instead of it', async (context) => {
  const { root, folders, touched } = await setUp(context);
  const path = join(root, 'logs');
  for (const name of [path, `${path}.new`]) mkdirSync(name);
  await folders.hold(path);
  rmSync(path, { recursive: true });
  renameSync(`${path}.new`, path);
  await eventually('a file in the new one wakes', () => {
    writeFileSync(join(path, 'a.log'), 'one\n');
    return touched.includes(join(path, 'a.log'));
  });
});

test('a folder is watched as long as one holds it, and counted once', async (context) => {
  const { root, folders } = await setUp(context);
  const [first, second] = [await folders.hold(root), await folders.hold(root)];
  assert.equal(first, second);
  folders.release(first);
  assert.deepEqual([(await folders.figures()).folders, first.by], [1, 'inotify']);
  folders.release(second);
  assert.equal((await folders.figures()).folders, 0);
  if (process.platform === 'linux') assert.equal((await folders.figures()).watches, 0);
});

test('a listed folder tells what is in it when it is first checked and when that has changed, not otherwise', async (context) => {
  const { root, folders, entries } = await setUp(context);
  writeFileSync(join(root, 'a.log'), '');
  const folder = await folders.hold(root);
  assert.deepEqual(entries, []);
  folder.list.isWanted = true;
  await folder.checkAnew();
  assert.deepEqual(entries.splice(0), [join(root, 'a.log')]);
  await eventually('the second look at one time of change is over', () => {
    void folder.check();
    return entries.length === 1;
  });
  entries.length = 0;
  for (let check = 0; check < 5; check += 1) await folder.checkAnew();
  assert.deepEqual(entries, []);
  writeFileSync(join(root, 'b.log'), '');
  await folder.checkAnew();
  assert.deepEqual(entries.sort(), [join(root, 'a.log'), join(root, 'b.log')]);
});

test('a folder that cannot be listed or watched for want of permission is polled, which says why', {
  skip:
    process.getuid?.() === 0
      ? 'NOT TESTED as root, whom no permission binds; test/e2e/watch/permission.test.ts runs as another'
      : false,
}, async (context) => {
  const troubles: string[] = [];
  const { root, folders } = await setUp(context, { onTrouble: (path) => troubles.push(path) });
  const path = join(root, 'closed');
  mkdirSync(path, { mode: 0o311 });
  const folder = await folders.hold(path);
  assert.deepEqual([folder.by, folder.why], ['polling', 'the folder cannot be read: permission denied']);
});
