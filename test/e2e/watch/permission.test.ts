import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { appendFileSync, chmodSync, closeSync, mkdirSync, openSync, renameSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { eventually } from '../../source/eventually.ts';
import { readWithEventSource } from '../event-source-readers.ts';
import { scratchFolder } from '../scratch.ts';
import { type Service, startService } from '../service.ts';
import { untilWhy } from './watched.ts';

/** Nobody: permissions bind every user but root, so a service that root tests runs as somebody else. */
const NOBODY = 65_534;
const DENIED = 'cannot be read: permission denied';
const root = scratchFolder();
const folder = join(root, 'folder');
const file = join(root, 'file.log');
const inFolder = join(folder, 'inner.log');
const unread = join(root, 'unread.log');
const ends: (() => Promise<void>)[] = [];
let service: Service;
const uid = process.getuid?.() === 0 ? NOBODY : undefined;
const skip = obstacle() ?? false;

/** Root's own Node, or a clone in a folder of root's, is not for others to run: then there is nobody to try this as. */
function obstacle(): string | undefined {
  if (uid === undefined) return undefined;
  const main = join(import.meta.dirname, '..', '..', '..', 'server', 'main.ts');
  const { status, error, stderr } = spawnSync(process.execPath, ['--import', import.meta.resolve('tsx'), main, '--version'], {
    uid,
  });
  if (status === 0) return undefined;
  const words = `SKIPPED: no other user than root can run the service here (${error?.message ?? stderr})`;
  console.error(words);
  return words;
}

before(async () => {
  if (skip !== false) return;
  chmodSync(root, 0o755);
  mkdirSync(folder);
  for (const path of [file, inFolder, unread]) writeFileSync(path, 'one\n');
  const scope = { after: (end: () => Promise<void>) => ends.push(end) };
  service = await startService(scope, [file, inFolder, unread], uid === undefined ? {} : { uid });
});
after(async () => {
  if (skip !== false) return;
  chmodSync(folder, 0o755);
  for (const end of ends) await end();
});

test('a reader keeps a file whose permission is taken away, waits for its next part as long as that is closed, and loses nothing', {
  skip,
}, async (t) => {
  const seen = readWithEventSource(t, `${service.url}/feeds/file.log?since=start`);
  await eventually('the first line comes', () => seen.lines.length === 1);
  const writer = openSync(file, 'a');
  chmodSync(file, 0);
  writeSync(writer, 'two\n');
  await eventually('what is written to the closed file comes', () => seen.lines.length === 2);
  closeSync(writer);
  renameSync(file, `${file}.1`);
  writeFileSync(file, 'three\n', { mode: 0 });
  await untilWhy(service, 'file.log', DENIED);
  assert.deepEqual(seen.lines, ['one', 'two']);
  chmodSync(file, 0o644);
  await eventually('the new file is read', () => seen.lines.length === 3);
  assert.deepEqual(seen.lines, ['one', 'two', 'three']);
  assert.deepEqual(seen.of('feed.gap'), []);
  assert.equal(seen.of('feed.rotated').length, 1);
  await untilWhy(service, 'file.log', undefined);
});

test('what is written in a folder that is closed for a while comes when it is opened again', { skip }, async (t) => {
  const seen = readWithEventSource(t, `${service.url}/feeds/inner.log?since=start`);
  await eventually('the first line comes', () => seen.lines.length === 1);
  const writer = openSync(inFolder, 'a');
  chmodSync(folder, 0);
  await untilWhy(service, 'inner.log', DENIED);
  writeSync(writer, 'two\n');
  closeSync(writer);
  chmodSync(folder, 0o755);
  appendFileSync(inFolder, 'three\n');
  await eventually('both come', () => seen.lines.length === 3);
  assert.deepEqual(seen.lines, ['one', 'two', 'three']);
  assert.deepEqual(seen.of('feed.gap'), []);
  await untilWhy(service, 'inner.log', undefined);
});

test('a file that may not be read lets an EventSource wait, and is read when it may be', { skip }, async (t) => {
  chmodSync(unread, 0);
  const seen = readWithEventSource(t, `${service.url}/feeds/unread.log?since=start`);
  await eventually('it is asked to come back', () => seen.of('feed.closing').length > 0);
  assert.deepEqual(seen.lines, []);
  chmodSync(unread, 0o644);
  await eventually('it is read', () => seen.lines.length === 1);
  assert.deepEqual(seen.lines, ['one']);
});
