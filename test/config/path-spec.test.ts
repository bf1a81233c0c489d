import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import picomatch from 'picomatch';
import { globDepth, globRoot } from '../../server/config/glob.ts';
import { type PathSpec, readPathArgument, specOf } from '../../server/config/path-spec.ts';
import { pathTrouble } from '../../server/config/path-trouble.ts';

const folder = mkdtempSync(join(tmpdir(), 'livefeed-paths-'));
after(() => rmSync(folder, { recursive: true }));
const odd = join(folder, 'we[i]rd {x} (y)! @b');
mkdirSync(odd);
for (const name of ['a.log', 'q[1].log']) writeFileSync(join(odd, name), '');
symlinkSync('circle', join(odd, 'circle'));
execFileSync('mkfifo', [join(odd, 'pipe')]);

function spec(text: string, wait = false): PathSpec {
  return specOf(readPathArgument(text, odd), wait);
}

test('a path that is not there is refused in its own words, and waited for with --wait', () => {
  assert.throws(() => spec('nowhere.log'), { message: `${odd}/nowhere.log is not there (--wait waits for it)` });
  assert.deepEqual(spec('nowhere.log', true), { name: undefined, path: `${odd}/nowhere.log`, kind: 'file' });
  assert.deepEqual(spec('n=later/x.log', true), { name: 'n', path: `${odd}/later/x.log`, kind: 'file' });
});

test('what can never be a file is refused, waiting or not', () => {
  for (const wait of [false, true]) {
    assert.throws(() => spec('a.log/x', wait), /a part of the path is a file, not a folder/);
    assert.throws(() => spec('circle', wait), /links lead in a circle/);
    assert.throws(() => spec('x'.repeat(300), wait), /the name is too long/);
    assert.throws(() => spec('pipe', wait), /pipe is a pipe, not a regular file \(give - and redirect: livefeed - < pipe\)/);
    assert.throws(() => spec('/dev/null', wait), /is a device, not a regular file/);
    assert.throws(() => spec('', wait), /"" is not a path/);
    assert.throws(() => spec('a\0b', wait), /holds a NUL byte/);
  }
});

test('permission denied is said as such', () => {
  const denied = Object.assign(new Error('x'), { code: 'EACCES' });
  assert.equal(pathTrouble(denied), 'cannot be read: permission denied');
  assert.equal(pathTrouble(Object.assign(new Error('x'), { code: 'EWEIRD' })), 'cannot be read (EWEIRD)');
});

test('a glob is a glob only where no file has that name', () => {
  assert.equal(spec('q[1].log').kind, 'file');
  assert.equal(spec('q[2].log').kind, 'glob');
  assert.throws(() => spec('notes (1).log'), /is not there/);
});

test('a glob matches below its folder, whatever that folder is called', () => {
  for (const pattern of ['*.log', './*.log', '../*/*.log', '{a,b}.log', '**/a.log', join('..', '*', 'a.*')]) {
    const { kind, path } = spec(pattern);
    assert.equal(kind, 'glob', pattern);
    assert.equal(picomatch(path)(join(odd, 'a.log')), true, `${pattern} → ${path}`);
  }
  assert.equal(globRoot(spec('*.log').path), odd);
  assert.equal(globRoot(spec('../*/*.log').path), folder);
  assert.equal(globRoot('/*.log'), '/');
});

test('a glob is looked for no deeper than it can match', () => {
  assert.equal(globDepth(spec('*.log').path), 0);
  assert.equal(globDepth(spec('../*/*.log').path), 1);
  assert.equal(globDepth(spec('**/*.log').path), Number.POSITIVE_INFINITY);
});

test('a glob in a folder that is not there is refused, unless it is waited for', () => {
  assert.throws(() => spec('nowhere/*.log'), /the folder \S.*nowhere of the glob "nowhere\/\*\.log" is not there/);
  assert.equal(spec('nowhere/*.log', true).kind, 'glob');
});

test('a file that comes and goes while it is looked at is waited for, whatever the moment', async () => {
  const path = join(folder, 'coming-and-going.log');
  const turns =
    'const fs=require("fs");const p=process.argv[1];for(const end=Date.now()+1500;Date.now()<end;){fs.writeFileSync(p,"");fs.rmSync(p)}';
  const child = spawn(process.execPath, ['-e', turns, path]);
  const argument = readPathArgument(path, folder);
  const until = performance.now() + 1_200;
  for (let looks = 0; looks < 1_000 || performance.now() < until; looks += 1) assert.equal(specOf(argument, true).kind, 'file');
  child.kill();
  await once(child, 'exit');
});
