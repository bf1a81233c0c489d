import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { ArchiveCache } from '../../../server/feed/file/archive-cache.ts';
import { closeAll, openOthers, openSiblings, type Sibling } from '../../../server/feed/file/siblings.ts';
import { listSteadily } from '../../../server/feed/file/steady-listing.ts';
import { testFolder } from './archives.ts';
import { tailing } from './tailing.ts';

const TURNS = 500;

function archivesOf(context: TestContext): ArchiveCache {
  const archives = new ArchiveCache(2 ** 20);
  context.after(() => archives.close());
  return archives;
}

/** Does something to the folder in each turn of the event loop, for so many turns. */
async function inEachTurn(change: (turn: number) => void): Promise<void> {
  for (let turn = 0; turn < TURNS; turn += 1) {
    change(turn);
    await new Promise(setImmediate);
  }
}

async function contentsOf(siblings: readonly Sibling[]): Promise<string[]> {
  const contents = await Promise.all(siblings.map(({ source }) => source.read(0, 100).then(String)));
  await closeAll(siblings);
  return contents;
}

/** Two older parts of `path`, which get the next numbers in each turn. */
function renamedInEachTurn(path: string): Promise<void> {
  writeFileSync(`${path}.2.gz`, gzipSync('one\n'));
  writeFileSync(`${path}.1`, 'two\n');
  return inEachTurn((turn) => {
    renameSync(`${path}.${turn + 2}.gz`, `${path}.${turn + 3}.gz`);
    renameSync(`${path}.${turn + 1}`, `${path}.${turn + 2}`);
  });
}

test('who comes while older parts are renamed again and again has all lines', async (context) => {
  const { path, readAfter } = await tailing(context, 'three\n');
  const renaming = renamedInEachTurn(path);
  const { items } = await readAfter();
  await renaming;
  assert.deepEqual(items, ['one', 'feed.rotated', 'two', 'feed.rotated', 'three']);
});

test('older parts that are renamed again and again while they are opened are all there, in their order', async (context) => {
  const path = join(testFolder(context), 'a.log');
  const rotating = renamedInEachTurn(path);
  const siblings = await openSiblings(path, archivesOf(context));
  await rotating;
  assert.deepEqual(await contentsOf(siblings), ['one\n', 'two\n']);
});

test('other files that come and go in the folder without end keep nobody from what lies there', async (context) => {
  const folder = testFolder(context);
  writeFileSync(join(folder, 'other'), 'other\n');
  let isOver = false;
  const working = inEachTurn((turn) => {
    if (isOver) return;
    rmSync(join(folder, `work-${turn - 1}`), { force: true });
    writeFileSync(join(folder, `work-${turn}`), '');
  });
  const siblings = await openOthers(join(folder, 'a.log'), archivesOf(context));
  isOver = true;
  await working;
  assert.ok((await contentsOf(siblings)).includes('other\n'));
});

test('parts that do not stop being renamed are an error, and not taken as they are', async () => {
  let ino = 0;
  const list = async () => {
    await new Promise(setImmediate);
    ino += 1;
    return { paths: ['a.log.1'], files: [{ path: 'a.log.1', dev: 1, ino }] };
  };
  await assert.rejects(listSteadily(list, { mostMs: 20 }), /a\.log\.1 and what lies beside it is renamed faster/);
});

test('parts that never turn out to be what was listed, though nothing is renamed, are left out after a while', async () => {
  const files = [{ path: 'a.log.1', dev: 1, ino: 2 }];
  const list = async () => ({ paths: ['a.log.1'], files });
  const meanwhile = () => new Promise<boolean>((resolve) => setImmediate(resolve, false));
  assert.equal(await listSteadily(list, { meanwhile, mostMs: 20 }), files);
});

test('where too many files are open, older parts are an error, and not passed over', async (context) => {
  const folder = testFolder(context);
  for (let number = 1; number <= 150; number += 1) writeFileSync(join(folder, `a.log.${number}`), `${number}\n`);
  const script = `
    import { ArchiveCache } from './server/feed/file/archive-cache.ts';
    import { openSiblings } from './server/feed/file/siblings.ts';
    const opening = openSiblings(process.argv[1], new ArchiveCache(1));
    console.log(await opening.then(({ length }) => length + ' parts', ({ code }) => code));
  `;
  const node = [process.execPath, '--import', 'tsx', '--input-type=module', '-e', script, join(folder, 'a.log')];
  const { stdout } = await promisify(execFile)('/bin/sh', ['-c', 'ulimit -n 100 && exec "$@"', 'sh', ...node]);
  assert.equal(stdout, 'EMFILE\n');
});
