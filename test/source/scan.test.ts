import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { after, test } from 'node:test';
import type { PathSpec } from '../../server/config/path-spec.ts';
import { considerFile } from '../../server/source/candidate.ts';
import { scanAll, scanSpec } from '../../server/source/scan.ts';

const folder = mkdtempSync(join(tmpdir(), 'livefeed-scan-'));
after(() => rmSync(folder, { recursive: true }));
const STRICT = { followLinks: false };

function make(name: string, files: Readonly<Record<string, string>>): string {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name, path)), { recursive: true });
    writeFileSync(join(folder, name, path), content);
  }
  return join(folder, name);
}

function spec(kind: PathSpec['kind'], path: string): PathSpec {
  return { name: undefined, path, kind };
}

async function namesIn(
  root: string,
  what: PathSpec,
  options = STRICT,
): Promise<{ found: string[]; skipped: Record<string, string> }> {
  const { found, skipped } = await scanSpec(what, options);
  return {
    found: found.map(({ path }) => relative(root, path)),
    skipped: Object.fromEntries(skipped.map(({ path, reason }) => [relative(root, path), reason])),
  };
}

test('a folder gives its text files at every depth, and says why others are no feeds', async () => {
  const root = make('folder', {
    'a.log': 'x\n',
    'empty.log': '',
    '.hidden.log': 'x\n',
    'deep/er/b.log': 'x\n',
    'a.log.1': 'x\n',
    'a-2026-11-22.log': 'x\n',
    'alone.log.1': 'x\n',
    'a.log.2.gz': 'x',
    wtmp: '\x07\0\0\0tty',
    '.git/config': 'x\n',
    'deep/node_modules/x.log': 'x\n',
  });
  execFileSync('mkfifo', [join(root, 'pipe')]);
  assert.deepEqual(await namesIn(root, spec('directory', root)), {
    found: ['.hidden.log', 'a.log', 'alone.log.1', 'deep/er/b.log', 'empty.log'],
    skipped: {
      'a.log.1': 'is an older part of a.log',
      'a-2026-11-22.log': 'is an older part of a.log',
      'a.log.2.gz': 'is a compressed archive',
      pipe: 'is a pipe, not a regular file',
      wtmp: 'is binary: it has NUL bytes between others',
    },
  });
});

test('a glob gives what it matches, hidden files only where it says so', async () => {
  const root = make('glob', { 'a.log': '', 'a.log.1': '', 'b.txt': '', '.c.log': '', 'd/e.log': '', 'd/f/g.log': '' });
  const found = async (pattern: string) => (await namesIn(root, spec('glob', join(root, pattern)))).found;
  assert.deepEqual(await found('*.log'), ['a.log']);
  assert.deepEqual(await found('*'), ['a.log', 'b.txt']);
  assert.deepEqual(await found('.*.log'), ['.c.log']);
  assert.deepEqual(await found('*/*.log'), ['d/e.log']);
  assert.deepEqual(await found('**/*.log'), ['a.log', 'd/e.log', 'd/f/g.log']);
  assert.deepEqual(await found('{a,b}.*'), ['a.log', 'b.txt']);
});

test('the folder of a glob may not be there yet', async () => {
  assert.deepEqual(await scanSpec(spec('glob', join(folder, 'nowhere/*.log')), STRICT), { found: [], skipped: [] });
});

test('links inside the folder are followed, links out of it only when that is allowed', async () => {
  const root = make('links', { 'logs/real.log': 'x\n', 'outside.log': 'x\n', 'other/far.log': 'x\n' });
  const logs = join(root, 'logs');
  symlinkSync('real.log', join(logs, 'current.log'));
  symlinkSync('../outside.log', join(logs, 'out.log'));
  symlinkSync('../other', join(logs, 'linked'));
  symlinkSync('.', join(logs, 'circle'));
  symlinkSync('nowhere', join(logs, 'broken.log'));
  const strict = await namesIn(logs, spec('directory', logs));
  assert.deepEqual(strict.found, ['current.log', 'real.log']);
  assert.match(strict.skipped['out.log'] ?? '', /is a link to \S+outside\.log, outside .* \(--follow-links follows it\)/);
  assert.match(strict.skipped['broken.log'] ?? '', /is not there/);
  assert.equal(strict.skipped.linked, 'is a link to a folder (--follow-links follows it)');
  const loose = await namesIn(logs, spec('directory', logs), { followLinks: true });
  assert.deepEqual(loose.found, ['current.log', 'linked/far.log', 'out.log', 'real.log']);
});

test('a named file is followed wherever its link leads, an older part too, but nothing that is binary', async () => {
  const root = make('named', { 'a.log': '', 'a.log.1': '', 'dir/b.log': '', bin: 'a\0b' });
  symlinkSync('../named/dir/b.log', join(root, 'link.log'));
  for (const name of ['a.log.1', 'link.log', 'later.log'])
    assert.deepEqual((await namesIn(root, spec('file', join(root, name)))).found, [name]);
  const bin = await namesIn(root, spec('file', join(root, 'bin')));
  assert.deepEqual(bin, { found: [], skipped: { bin: 'is binary: it has NUL bytes between others' } });
});

test('where a shell named older parts beside their live file, they are no feeds', async () => {
  const root = make('shell', { 'a.log': '', 'a.log.1': '', 'b.log.1': '' });
  const specs = ['a.log', 'a.log.1', 'b.log.1'].map((name) => spec('file', join(root, name)));
  const { found, skipped } = await scanAll(specs, STRICT);
  assert.deepEqual(
    found.map(({ path }) => relative(root, path)),
    ['a.log', 'b.log.1'],
  );
  assert.deepEqual(skipped, [{ path: join(root, 'a.log.1'), reason: 'is an older part of a.log' }]);
});

test('a file that several paths mean is found once, by the one that names it', async () => {
  const root = make('several', { 'a.log': '', 'a.log.1': '' });
  const named: PathSpec = { name: 'n' as NonNullable<PathSpec['name']>, path: join(root, 'a.log.1'), kind: 'file' };
  const { found, skipped } = await scanAll([spec('directory', root), spec('glob', join(root, '*')), named], STRICT);
  assert.deepEqual(
    found.map((one) => [relative(root, one.path), one.spec.kind]),
    [
      ['a.log.1', 'file'],
      ['a.log', 'directory'],
    ],
  );
  assert.deepEqual(skipped, []);
});

test('a named file that is rotated away while it is looked at is waited for, not skipped', async () => {
  const path = join(make('rotated-away', {}), 'a.log');
  assert.equal(await considerFile(path, spec('file', path), STRICT), 'feed');
});

test('a file that appears later is judged like those that were there', async () => {
  const root = make('later', { 'a.log': '', 'a.log.1': '', 'sub/b.log': '', 'node_modules/c.log': '', 'x.txt': '' });
  const inFolder = (path: string) => considerFile(join(root, path), spec('directory', root), STRICT);
  assert.equal(await inFolder('a.log'), 'feed');
  assert.deepEqual(await inFolder('a.log.1'), { skipped: 'is an older part of a.log' });
  assert.equal(await inFolder('node_modules/c.log'), 'not asked for');
  assert.equal(await inFolder('../outside.log'), 'not asked for');
  assert.deepEqual(await inFolder('gone.log'), { skipped: 'is not there' });
  assert.deepEqual(await inFolder('sub'), { skipped: 'is a folder' });
  assert.equal(await considerFile(join(root, 'x.txt'), spec('glob', join(root, '*.log')), STRICT), 'not asked for');
  assert.equal(await considerFile(join(root, 'sub/b.log'), spec('glob', join(root, '**/*.log')), STRICT), 'feed');
});

test('a folder with too many files is cut off with a reason', async () => {
  const root = make('many', { '0.log': '', '1.log': '', '2.log': '', 'deep/3.log': '' });
  const { found, skipped } = await scanSpec(spec('directory', root), STRICT, 3);
  assert.deepEqual(
    found.map(({ path }) => relative(root, path)),
    ['0.log', '1.log', '2.log'],
  );
  assert.match(skipped[0]?.reason ?? '', /has more than 3 files: the rest is not followed/);
});
