import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { openBelow } from '../../server/files/open-below.ts';
import { Problem } from '../../server/problem/problem.ts';

const folder = mkdtempSync(join(tmpdir(), 'livefeed-'));
const root = join(folder, 'root');
after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));

mkdirSync(join(root, 'sub/deep'), { recursive: true });
mkdirSync(join(root, '.hidden'));
mkdirSync(join(folder, 'root-beside'));
for (const name of ['a.txt', 'sub/deep/b.txt', '日志.log', 'a b%41.txt', '.env', '.hidden/c'])
  writeFileSync(join(root, name), name);
writeFileSync(join(folder, 'secret'), 'secret');
writeFileSync(join(folder, 'root-beside/secret'), 'secret');
symlinkSync('sub/deep/b.txt', join(root, 'link-inside'));
symlinkSync('sub', join(root, 'folder-link-inside'));
symlinkSync(join(folder, 'secret'), join(root, 'link-out'));
symlinkSync('..', join(root, 'folder-link-out'));
symlinkSync('../root-beside/secret', join(root, 'link-beside'));
symlinkSync('/dev/zero', join(root, 'device'));
symlinkSync('loop', join(root, 'loop'));
symlinkSync('nothing', join(root, 'dangling'));
execFileSync('mkfifo', [join(root, 'pipe')]);

async function read(name: string, from = root): Promise<string> {
  const { handle, stat } = await openBelow(from, name);
  try {
    const text = await handle.readFile('utf8');
    assert.equal(Number(stat.size), Buffer.byteLength(text));
    return text;
  } finally {
    await handle.close();
  }
}

for (const [name, content] of [
  ['a.txt', 'a.txt'],
  ['sub/deep/b.txt', 'sub/deep/b.txt'],
  ['日志.log', '日志.log'],
  ['a b%41.txt', 'a b%41.txt'],
  ['link-inside', 'sub/deep/b.txt'],
  ['folder-link-inside/deep/b.txt', 'sub/deep/b.txt'],
] as const) {
  test(`${name} is opened`, async () => assert.equal(await read(name), content));
}

test('a root that is a link, and one that ends in a slash, are roots', async () => {
  symlinkSync(root, join(folder, 'root-link'));
  assert.equal(await read('a.txt', join(folder, 'root-link')), 'a.txt');
  assert.equal(await read('link-inside', `${root}/`), 'sub/deep/b.txt');
});

const refused: string[] = [
  ...[
    '',
    '.',
    '..',
    '../secret',
    '/etc/passwd',
    'sub/../../secret',
    'sub/../a.txt',
    './a.txt',
    'sub//deep/b.txt',
    'a.txt/',
    '/a.txt',
  ],
  ...['..\\secret', 'sub\\deep\\b.txt', 'a.txt\0', 'a.txt\0.png', '%2e%2e/secret', '..%2fsecret', 'a%20b%41.txt'],
  ...['.env', '.hidden/c', 'sub', 'sub/deep', 'missing', 'a.txt/b', 'x'.repeat(300), 'x/'.repeat(3000)],
  ...['link-out', 'folder-link-out/secret', 'link-beside', 'device', 'loop', 'dangling', 'pipe', 'socket'],
];

test('whatever may not be seen looks like what is not there: one answer, word for word', async (t) => {
  const server = createServer().listen(join(root, 'socket'));
  await once(server, 'listening');
  t.after(() => server.close());
  for (const name of refused) {
    await assert.rejects(
      openBelow(root, name),
      (error) =>
        error instanceof Problem &&
        JSON.stringify(error) === JSON.stringify(new Problem('unknown-file', { detail: error.message })),
      JSON.stringify(name.slice(0, 40)),
    );
  }
});

test('the refusals leave no handle open', { skip: process.platform !== 'linux' }, async () => {
  const open = () => execFileSync('ls', ['-l', `/proc/${process.pid}/fd`], { encoding: 'utf8' });
  for (const name of refused) await openBelow(root, name).catch(() => undefined);
  assert.doesNotMatch(open(), new RegExp(root));
});

/** Swaps the folder `swap` for a link out of the root and back, at every speed, until it is killed. */
const SWAPPER = `
  const { renameSync, symlinkSync, unlinkSync } = require('node:fs');
  const pause = (ms) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
  for (let round = 0; ; round += 1) {
    renameSync('swap', 'away'); symlinkSync('..', 'swap'); pause((round % 7) / 10);
    unlinkSync('swap'); renameSync('away', 'swap'); pause((round % 5) / 10);
  }`;

test('a folder that is swapped for a link out of the root while it is asked for never gives a file of outside', async (t) => {
  mkdirSync(join(root, 'swap'));
  writeFileSync(join(root, 'swap/secret'), 'inside');
  const swapper = spawn(process.execPath, ['-e', SWAPPER], { cwd: root, stdio: 'ignore' });
  t.after(() => swapper.kill('SIGKILL'));
  const seen = new Map<string, number>();
  const deadline = performance.now() + 30_000;
  for (let round = 0; round < 3000 || (seen.size < 2 && performance.now() < deadline); round += 1) {
    const outcome = await read('swap/secret').catch((error: Error) => error.message);
    seen.set(outcome, (seen.get(outcome) ?? 0) + 1);
  }
  assert.equal(seen.get('secret'), undefined);
  assert.ok(seen.has('inside') && seen.size === 2, JSON.stringify([...seen]));
  t.diagnostic(JSON.stringify([...seen]));
});
