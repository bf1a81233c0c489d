import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { appendFile, mkdir, rename, rm, symlink, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { MemoryLog } from '../../server/feed/memory-log.ts';
import { toFeedName } from '../../server/feed/name.ts';
import { Registry } from '../../server/feed/registry.ts';
import { discovering, temporaryFolder } from './discovering.ts';
import { eventually } from './eventually.ts';

test('files that are there at the start are feeds when the start is done', async (context) => {
  const folder = await temporaryFolder(context);
  for (const name of ['b.log', 'a.log']) await writeFile(join(folder, name), 'line\n');
  await mkdir(join(folder, 'sub'));
  await writeFile(join(folder, 'sub', 'c.log'), 'line\n');
  const { start, names, registry } = discovering(context);
  assert.deepEqual(await start(folder), []);
  assert.deepEqual(names(), ['a.log', 'b.log', 'c.log']);
  const feed = registry.get('a.log');
  assert.deepEqual([feed?.source, feed?.detail, feed?.log.stats.bytes], ['file', join(folder, 'a.log'), 5]);
});

test('files that come later become feeds, in a folder and in folders below it', async (context) => {
  const folder = await temporaryFolder(context);
  const { start, names } = discovering(context);
  await start(folder);
  assert.deepEqual(names(), []);
  await writeFile(join(folder, 'new.log'), '');
  await mkdir(join(folder, 'deep/deeper'), { recursive: true });
  await writeFile(join(folder, 'deep/deeper/x.log'), 'line\n');
  await eventually('both are feeds', () => names().length === 2);
  assert.deepEqual(names(), ['new.log', 'x.log']);
});

test('a folder that is filled in the very moment it is made is found with all that is in it', async (context) => {
  const folder = await temporaryFolder(context);
  const { start, names } = discovering(context);
  await start(folder);
  for (let round = 0; round < 40; round += 1) {
    const made = join(folder, `r${round}`);
    mkdirSync(made);
    for (let file = 0; file < 3; file += 1) {
      if (file > 0) await delay(round % 8);
      writeFileSync(join(made, `f${round}-${file}.log`), 'written once, never again\n');
    }
  }
  await eventually('every file is a feed', () => names().length === 120);
});

test('files that are written to all the time while the first scan runs are found once each', async (context) => {
  const folder = await temporaryFolder(context);
  const paths = Array.from({ length: 300 }, (_, index) => join(folder, `f${index}.log`));
  for (const path of paths) writeFileSync(path, 'line\n');
  const { start, names, troubles } = discovering(context);
  let next = 0;
  const writer = setInterval(() => {
    for (let some = 0; some < 20; some += 1, next += 1) appendFileSync(paths[next % paths.length] as string, 'more\n');
    writeFileSync(join(folder, `late${next}.log`), 'line\n');
  }, 1);
  context.after(() => clearInterval(writer));
  await start(folder);
  clearInterval(writer);
  await eventually('all are feeds', () => names().length >= readdirSync(folder).length);
  assert.deepEqual([...names()].sort(), readdirSync(folder).sort());
  assert.deepEqual(troubles, []);
});

test('a glob takes what matches and no more, and is watched no deeper than it can match', async (context) => {
  const folder = await temporaryFolder(context);
  for (const name of ['a.log', 'b.txt']) await writeFile(join(folder, name), '');
  await mkdir(join(folder, 'sub'));
  const { start, names } = discovering(context);
  await start(join(folder, '*.log'));
  await writeFile(join(folder, 'sub', 'c.log'), '');
  await writeFile(join(folder, 'd.txt'), '');
  await writeFile(join(folder, 'e.log'), '');
  await eventually('the new match is a feed', () => names().length === 2);
  assert.deepEqual(names(), ['a.log', 'e.log']);
});

test('what is not to be followed is said at the start and never becomes a feed later', async (context) => {
  const folder = await temporaryFolder(context);
  await writeFile(join(folder, 'app.log'), 'line\n');
  await writeFile(join(folder, 'app.log.1'), 'old line\n');
  await writeFile(join(folder, 'app.log.2.gz'), 'not even gzip');
  await writeFile(join(folder, 'image.bin'), Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 0, 0, 1, 2, 3]));
  const { start, names } = discovering(context);
  const skipped = await start(folder);
  assert.deepEqual(skipped.map(({ path }) => path.slice(folder.length + 1)).sort(), ['app.log.1', 'app.log.2.gz', 'image.bin']);
  for (const name of ['app.log.1', 'app.log.2.gz', 'image.bin']) await appendFile(join(folder, name), 'touched');
  await writeFile(join(folder, 'app.log.3'), 'older still\n');
  await writeFile(join(folder, 'real.log'), 'line\n');
  await eventually('the real one is there', () => names().includes('real.log'));
  assert.deepEqual(names(), ['app.log', 'real.log']);
});

test('a link out of the folder is refused, also when it comes later; with --follow-links it is followed', async (context) => {
  const folder = await temporaryFolder(context);
  const outside = await temporaryFolder(context);
  await writeFile(join(outside, 'secret'), 'line\n');
  const [strict, loose] = [discovering(context), discovering(context, { followLinks: true })];
  await strict.start(folder);
  await loose.start(folder);
  await symlink(join(outside, 'secret'), join(folder, 'link.log'));
  await eventually('the loose one has it', () => loose.names().includes('link.log'));
  await writeFile(join(folder, 'own.log'), '');
  await eventually('the strict one looks', () => strict.names().includes('own.log'));
  assert.deepEqual(strict.names(), ['own.log']);
});

test('a rotation makes no feeds of its own', async (context) => {
  const folder = await temporaryFolder(context);
  await writeFile(join(folder, 'app.log'), 'line\n');
  const { start, names } = discovering(context);
  await start(folder);
  for (let round = 0; round < 20; round += 1) {
    await rename(join(folder, 'app.log'), join(folder, `app.log.${round + 1}`));
    await delay(round % 5);
    await writeFile(join(folder, 'app.log'), `line ${round}\n`);
  }
  await writeFile(join(folder, 'other.log'), '');
  await eventually('the other is there', () => names().includes('other.log'));
  assert.deepEqual(names(), ['app.log', 'other.log']);
});

test('a feed whose file goes and comes again stays one feed', async (context) => {
  const folder = await temporaryFolder(context);
  const path = join(folder, 'app.log');
  await writeFile(path, 'line\n');
  const { start, names, registry, troubles } = discovering(context);
  await start(folder);
  const { log } = registry.get('app.log') ?? {};
  await unlink(path);
  await delay(20);
  await writeFile(path, 'again\n');
  await writeFile(join(folder, 'other.log'), '');
  await eventually('the other is there', () => names().includes('other.log'));
  assert.deepEqual(names(), ['app.log', 'other.log']);
  assert.equal(registry.get('app.log')?.log, log);
  assert.deepEqual(troubles, []);
});

test('a folder that is removed and made again is watched again', async (context) => {
  const parent = await temporaryFolder(context);
  const folder = join(parent, 'logs');
  await mkdir(folder);
  await writeFile(join(folder, 'a.log'), 'line\n');
  const { start, names } = discovering(context);
  await start(folder);
  await rm(folder, { recursive: true });
  await delay(50);
  await mkdir(folder);
  await writeFile(join(folder, 'b.log'), 'line\n');
  await eventually('what is in it now is found', () => names().includes('b.log'), 15_000);
});

test('a file that is waited for, and a folder of a glob that is waited for, are found when they come', async (context) => {
  const folder = await temporaryFolder(context);
  const { start, names, registry } = discovering(context, { wait: true });
  await start(join(folder, 'later.log'), join(folder, 'none', '*.log'));
  assert.deepEqual(names(), ['later.log']);
  await writeFile(join(folder, 'later.log'), 'line\n');
  await mkdir(join(folder, 'none'));
  await writeFile(join(folder, 'none', 'x.log'), 'line\n');
  await eventually('the glob has its file', () => names().includes('x.log'), 15_000);
  await eventually('the file has its bytes', () => registry.get('later.log')?.log.stats.bytes === 5, 15_000);
});

test('a file never takes the name of a feed that is there already', async (context) => {
  const folder = await temporaryFolder(context);
  await writeFile(join(folder, 'stdin'), 'line\n');
  const registry = new Registry();
  registry.add({ name: toFeedName('stdin'), source: 'stdin', log: new MemoryLog() });
  registry.add({ name: toFeedName('web'), source: 'command', log: new MemoryLog() });
  const { start, names, troubles } = discovering(context, { registry });
  await start(folder);
  assert.equal(names().length, 3);
  await writeFile(join(folder, 'web'), 'line\n');
  await eventually('the new one has a name of its own', () => names().length === 4);
  assert.deepEqual(troubles, []);
  assert.equal(registry.get('web')?.source, 'command');
});

test('a service that closes in the middle of finding files ends', async (context) => {
  const folder = await temporaryFolder(context);
  const { start, discovery, registry } = discovering(context);
  await start(folder);
  for (let file = 0; file < 200; file += 1) writeFileSync(join(folder, `f${file}.log`), 'line\n');
  await delay(5);
  await discovery.close();
  const { size } = registry;
  writeFileSync(join(folder, 'after.log'), 'line\n');
  await delay(50);
  assert.equal(registry.get('after.log'), undefined);
  assert.ok(registry.size - size <= 200);
});

test('of a glob that is one feed, what was compressed before the start is history too, where its plain name matches', async (context) => {
  const folder = await temporaryFolder(context);
  const names = ['access.log.1795305600', 'access.log.1795309200', 'error.log.1795305600'];
  for (const name of names) await writeFile(join(folder, `${name}.gz`), gzipSync(`in ${name}\n`));
  await writeFile(join(folder, 'access.log.1795312800'), 'now\n');
  const { start, registry } = discovering(context);
  await start(`access=${join(folder, 'access.log.??????????')}`);
  const log = registry.get('access')?.log;
  assert.ok(log);
  const { signal } = new AbortController();
  const texts: string[] = [];
  const { position } = await log.locate({ at: 'oldest' }, signal);
  for await (const batch of log.read(position, { signal })) {
    if (batch.kind !== 'events') continue;
    for (let index = 0; index < batch.count; index += 1)
      texts.push(batch.bytes.toString('utf8', batch.starts[index], batch.ends[index]));
  }
  assert.deepEqual(texts, ['in access.log.1795305600', 'in access.log.1795309200', 'now']);
});

test('an archive that a glob of one feed matches is its history, not a file that was skipped', async (context) => {
  const folder = await temporaryFolder(context);
  await writeFile(join(folder, 'access.log.1795305600.gz'), gzipSync('before\n'));
  await writeFile(join(folder, 'access.log.1795312800'), 'now\n');
  const { start, registry } = discovering(context);
  assert.deepEqual(await start(`access=${join(folder, 'access.log.*')}`), []);
  assert.deepEqual(
    registry.list().map(({ name }) => name),
    ['access'],
  );
});
