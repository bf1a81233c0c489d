import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { binaryReason } from '../../server/source/binary-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'livefeed-binary-'));
after(() => rmSync(folder, { recursive: true }));

async function reasonOf(content: string | Buffer): Promise<string | undefined> {
  const path = join(folder, 'file');
  writeFileSync(path, content);
  return binaryReason(path);
}

test('text in any encoding that is read is text, and so is nothing', async () => {
  const texts = [
    '',
    '\n',
    'a line\n',
    '\x1b[31mred\x1b[0m ünï 🎉\n',
    '\uFEFFwith a mark\n',
    Buffer.from('caf\xe9 in Latin-1\n', 'latin1'),
    Buffer.from('\uFEFFUTF-16 text\n', 'utf16le'),
    Buffer.from('\uFEFFUTF-16 text\n', 'utf16le').swap16(),
    'x'.repeat(100_000),
  ];
  for (const text of texts) assert.equal(await reasonOf(text), undefined, JSON.stringify(String(text).slice(0, 20)));
});

test('a hole where a log was cut under its writer does not make it binary', async () => {
  assert.equal(await reasonOf(Buffer.concat([Buffer.alloc(5), Buffer.from('a line\n')])), undefined);
  assert.equal(await reasonOf(Buffer.concat([Buffer.alloc(1_000_000), Buffer.from('a line\n'.repeat(2_000))])), undefined);
  assert.equal(await reasonOf(Buffer.concat([Buffer.from('before\n'), Buffer.alloc(4_096), Buffer.from('after\n')])), undefined);
  assert.equal(await reasonOf(Buffer.concat([Buffer.from('torn by a power loss\n'), Buffer.alloc(7)])), undefined);
  const sparse = join(folder, 'sparse');
  writeFileSync(sparse, '');
  truncateSync(sparse, 1024 ** 3);
  assert.equal(await binaryReason(sparse), undefined);
});

test('known kinds of files are told by name', async () => {
  assert.equal(await reasonOf(gzipSync('a line\n')), 'is compressed with gzip');
  assert.match((await reasonOf(Buffer.from('LPKSHHRH\0\0', 'latin1'))) ?? '', /systemd journal/);
  assert.equal(await reasonOf(Buffer.from('SQLite format 3\0', 'latin1')), 'is a SQLite database');
  assert.equal(await reasonOf(Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1])), 'is a program (ELF)');
  assert.equal(await binaryReason(process.execPath), 'is a program (ELF)');
  assert.equal(await reasonOf(Buffer.from('\x89PNG\r\n\x1a\n\0\0\0\rIHDR', 'latin1')), 'is a PNG image');
  const tar = join(folder, 'x.tar');
  execFileSync('tar', ['-cf', tar, '-C', folder, 'file']);
  assert.equal(await binaryReason(tar), 'is a tar archive');
});

test('NULs between other bytes make a file binary', async () => {
  const record = Buffer.alloc(384);
  record.writeUInt32LE(7, 0);
  record.write('pts/0', 8);
  assert.match((await reasonOf(Buffer.concat([record, record]))) ?? '', /binary/);
  assert.match((await reasonOf('text\0text')) ?? '', /binary/);
  assert.match((await reasonOf(Buffer.concat([Buffer.alloc(100_000), record, record]))) ?? '', /binary/);
});

test('a pipe that took the place of a file is not waited for', { timeout: 5_000 }, async () => {
  const pipe = join(folder, 'pipe');
  execFileSync('mkfifo', [pipe]);
  await assert.rejects(binaryReason(pipe), { code: 'ESPIPE' });
  await assert.rejects(binaryReason(join(folder, 'nowhere')), { code: 'ENOENT' });
});
