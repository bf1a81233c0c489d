import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  constants,
  mkdirSync,
  openSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { after, before, type TestContext, test } from 'node:test';
import { eventually } from '../../source/eventually.ts';
import { readWithEventSource } from '../event-source-readers.ts';
import { scratchFolder } from '../scratch.ts';
import type { Seen } from '../seen.ts';
import { type Service, startService } from '../service.ts';
import { linesOf, untilWhy } from './watched.ts';

/** One service for all: each test has a file of its own, in a folder of its own. */
const NAMES = [
  'back',
  'atomic',
  'folder',
  'fifo',
  'device',
  'repointed',
  'dangling',
  'to-folder',
  'loop',
  'early',
  'gone',
] as const;
type Name = (typeof NAMES)[number];
const root = scratchFolder();
const ends: (() => Promise<void>)[] = [];
let service: Service;

before(async () => {
  for (const name of NAMES) mkdirSync(join(root, name));
  const missing: readonly Name[] = ['early', 'dangling'];
  for (const name of NAMES) if (!missing.includes(name)) writeFileSync(pathOf(name), 'one\n');
  service = await startService({ after: (end) => ends.push(end) }, ['--wait', ...NAMES.map((name) => `${name}=${pathOf(name)}`)]);
});
after(async () => {
  for (const end of ends) await end();
});

test('a file that is deleted and made again a second later goes on in the same stream, and is told as gone and back', async (t) => {
  const seen = await following(t, 'back');
  unlinkSync(pathOf('back'));
  await eventually('it is told as gone', () => seen.of('feed.gone').length === 1);
  await untilWhy(service, 'back', 'is not there');
  writeFileSync(pathOf('back'), 'two\n');
  await comes(seen, ['one', 'two']);
  assert.equal(seen.of('feed.back').length, 1);
  assert.deepEqual(seen.of('feed.gap'), []);
  await untilWhy(service, 'back', undefined);
});

test('a file that is deleted and never comes again keeps its feed, its reader and its last lines', async (t) => {
  const seen = await following(t, 'gone');
  unlinkSync(pathOf('gone'));
  await eventually('it is told as gone', () => seen.of('feed.gone').length === 1);
  assert.deepEqual(seen.of('feed.closing'), []);
  await untilWhy(service, 'gone', 'is not there');
  assert.deepEqual(await linesOf(service, 'gone'), ['one']);
});

test('a file that is replaced atomically, by a rename over it, goes on with the new file', async (t) => {
  const seen = await following(t, 'atomic');
  for (const line of ['two', 'three', 'four']) {
    writeFileSync(`${pathOf('atomic')}.new~`, `${line}\n`);
    renameSync(`${pathOf('atomic')}.new~`, pathOf('atomic'));
    await eventually(`${line} comes`, () => seen.lines.at(-1) === line);
  }
  assert.deepEqual(seen.lines, ['one', 'two', 'three', 'four']);
  assert.equal(seen.of('feed.rotated').length, 3);
});

test('a folder in the way of a file is said and waited out', async (t) => {
  const seen = await following(t, 'folder');
  unlinkSync(pathOf('folder'));
  mkdirSync(pathOf('folder'));
  await untilWhy(service, 'folder', 'is a folder');
  rmSync(pathOf('folder'), { recursive: true });
  writeFileSync(pathOf('folder'), 'two\n');
  await comes(seen, ['one', 'two']);
  await untilWhy(service, 'folder', undefined);
});

test('a pipe in the way of a file is neither read nor waited for', async (t) => {
  const seen = await following(t, 'fifo');
  unlinkSync(pathOf('fifo'));
  execFileSync('mkfifo', [pathOf('fifo')]);
  await untilWhy(service, 'fifo', 'is a pipe, not a regular file');
  // A writer that opens the pipe without waiting is refused (ENXIO) as long as nobody has it open for reading.
  assert.throws(() => openSync(pathOf('fifo'), constants.O_WRONLY | constants.O_NONBLOCK), { code: 'ENXIO' });
  unlinkSync(pathOf('fifo'));
  writeFileSync(pathOf('fifo'), 'two\n');
  await comes(seen, ['one', 'two']);
});

test('a device in the way of a file is not read', async (t) => {
  const seen = await following(t, 'device');
  unlinkSync(pathOf('device'));
  symlinkSync('/dev/zero', pathOf('device'));
  await untilWhy(service, 'device', 'is a device, not a regular file');
  assert.ok(!openFiles().includes('/dev/zero'), 'nothing holds /dev/zero open');
  unlinkSync(pathOf('device'));
  writeFileSync(pathOf('device'), 'two\n');
  await comes(seen, ['one', 'two']);
});

test('a link that is pointed to another file goes on there, and each of its new lines wakes', async (t) => {
  const [first, second] = [join(root, 'target-1'), join(root, 'target-2')];
  for (const folder of [first, second]) mkdirSync(folder);
  renameSync(pathOf('repointed'), join(first, 'a.log'));
  symlinkSync(join(first, 'a.log'), pathOf('repointed'));
  const seen = await following(t, 'repointed');
  writeFileSync(join(second, 'a.log'), 'two\n');
  symlinkSync(join(second, 'a.log'), `${pathOf('repointed')}.new~`);
  renameSync(`${pathOf('repointed')}.new~`, pathOf('repointed'));
  await comes(seen, ['one', 'two']);
  for (const line of ['three', 'four']) {
    appendFileSync(join(second, 'a.log'), `${line}\n`);
    await eventually(`${line} comes`, () => seen.lines.at(-1) === line);
  }
  assert.deepEqual(seen.lines, ['one', 'two', 'three', 'four']);
  assert.deepEqual(seen.of('feed.gap'), []);
});

test('a link to nothing is waited for, and read from its first line once its target is made', async (t) => {
  const target = join(root, 'dangling-target');
  mkdirSync(target);
  symlinkSync(join(target, 'later.log'), pathOf('dangling'));
  const seen = readWithEventSource(t, `${service.url}/feeds/dangling`);
  await eventually('the reader waits', () => seen.of('feed.open').length === 1);
  writeFileSync(join(target, 'later.log'), 'one\n');
  await comes(seen, ['one']);
  appendFileSync(join(target, 'later.log'), 'two\n');
  await comes(seen, ['one', 'two']);
});

test('a link that comes to point to a folder is said, and read again when it points to a file', async (t) => {
  const seen = await following(t, 'to-folder');
  unlinkSync(pathOf('to-folder'));
  symlinkSync(root, pathOf('to-folder'));
  await untilWhy(service, 'to-folder', 'is a folder');
  unlinkSync(pathOf('to-folder'));
  writeFileSync(pathOf('to-folder'), 'two\n');
  await comes(seen, ['one', 'two']);
});

test('a link that comes to lead in a circle is said, and read again when it does not', async (t) => {
  const seen = await following(t, 'loop');
  unlinkSync(pathOf('loop'));
  symlinkSync('other', pathOf('loop'));
  symlinkSync('a.log', join(root, 'loop', 'other'));
  await untilWhy(service, 'loop', 'cannot be read: its links lead in a circle');
  unlinkSync(pathOf('loop'));
  writeFileSync(pathOf('loop'), 'two\n');
  await comes(seen, ['one', 'two']);
});

test('with --wait, a file that is missing at the start is waited for and read from its first line', async (t) => {
  const seen = readWithEventSource(t, `${service.url}/feeds/early`);
  await eventually('the reader waits', () => seen.of('feed.open').length === 1);
  await untilWhy(service, 'early', 'is not there');
  writeFileSync(pathOf('early'), 'one\ntwo\n');
  await comes(seen, ['one', 'two']);
});

function pathOf(name: Name): string {
  return join(root, name, 'a.log');
}

async function following(t: TestContext, name: Name): Promise<Seen> {
  const seen = readWithEventSource(t, `${service.url}/feeds/${name}?since=start`);
  await comes(seen, ['one']);
  return seen;
}

async function comes(seen: Seen, lines: readonly string[]): Promise<void> {
  await eventually(`${lines.at(-1)} comes`, () => seen.lines.length >= lines.length, 20_000);
  assert.deepEqual(seen.lines, lines);
}

/** Where there is no /proc, nothing can be seen. */
function openFiles(): string[] {
  try {
    return readdirSync(`/proc/${service.pid}/fd`).flatMap((fd) => linkOrNothing(`/proc/${service.pid}/fd/${fd}`));
  } catch {
    return [];
  }
}

function linkOrNothing(path: string): string[] {
  try {
    return [readlinkSync(path)];
  } catch {
    return [];
  }
}
