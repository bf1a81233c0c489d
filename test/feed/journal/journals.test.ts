import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { Journals } from '../../../server/feed/journal/journals.ts';
import { toFeedName } from '../../../server/feed/name.ts';
import { locate, readStart } from '../../conformance/log-reading.ts';
import { append, appendAll, feed, JournalFolder } from './journal-folder.ts';

const journalsFile = new URL('../../../server/feed/journal/journals.ts', import.meta.url).href;

describe('a data folder', () => {
  test('is made at the first publish, not before', async (t) => {
    const folder = await JournalFolder.make(t);
    const { log } = folder;
    await readStart(log, { at: 'oldest' });
    assert.equal(existsSync(folder.dir), false);
    await append(log, 'x');
    assert.deepEqual((await readdir(folder.dir)).sort(), ['feeds', 'lock']);
  });

  test('has a folder for each feed, none within another, and finds them again', async (t) => {
    const folder = await JournalFolder.make(t);
    const names = ['a', 'a/b', 'a/b/c', 'a.b', 'a_b', '..a/-', 'x'.repeat(200)].map(toFeedName);
    for (const name of names) await append(folder.journals.create(name), name);
    assert.equal((await readdir(join(folder.dir, 'feeds'))).length, names.length);
    await folder.restart();
    assert.deepEqual(folder.journals.names().sort(), [...names].sort());
    for (const name of names) {
      const log = folder.journals.get(name);
      assert.ok(log !== undefined && log.stats.bytes > 0 && log.stats.lastEventAt !== null, 'what it holds is known already');
      assert.deepEqual((await readStart(log, { at: 'oldest' })).data, [name]);
    }
  });

  test('belongs to one process at a time', async (t) => {
    const folder = await JournalFolder.make(t);
    await append(folder.log, 'x');
    await assert.rejects(Journals.open(folder.dir), {
      name: 'DataFolderError',
      message: new RegExp(`^${folder.dir} is in use by another livefeed \\(process ${process.pid}\\): stop`),
    });
    await folder.restart();
  });

  test('of a process that was killed can be had at once', async (t) => {
    const folder = await JournalFolder.make(t);
    await folder.journals.close();
    const script = `const { Journals } = await import(${JSON.stringify(journalsFile)});
      const journals = await Journals.open(${JSON.stringify(folder.dir)});
      await journals.create('orders').append([{ data: Buffer.from('kept') }]);
      console.log('ready'); setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    t.after(() => child.kill('SIGKILL'));
    await once(child.stdout, 'data');
    await assert.rejects(Journals.open(folder.dir), { name: 'DataFolderError' });
    child.kill('SIGKILL');
    await once(child, 'exit');
    folder.journals = await Journals.open(folder.dir);
    assert.deepEqual((await readStart(folder.log, { at: 'oldest' })).data, ['kept']);
  });

  test('may have a path that is too long for a socket', { skip: process.platform !== 'linux' }, async (t) => {
    const folder = await JournalFolder.make(t);
    const long = join(folder.dir, 'x'.repeat(120));
    await mkdir(long, { recursive: true });
    const journals = await Journals.open(long);
    await assert.rejects(Journals.open(long), { name: 'DataFolderError' });
    await journals.close();
    await (await Journals.open(long)).close();
  });

  test('of many feeds keeps few of them in memory, few files open, and loses nothing by that', async (t) => {
    const folder = await JournalFolder.make(t, { maxAwake: 3, maxOpenFiles: 4, segmentBytes: 200 });
    const names = Array.from({ length: 12 }, (_, number) => toFeedName(`feed/${number}`));
    for (let round = 0; round < 4; round += 1)
      await Promise.all(names.map((name) => append(folder.journals.create(name), `${round}`, { key: `${round}` })));
    for (const name of names) {
      const log = folder.journals.create(name);
      assert.equal((await append(log, '1', { key: '1' })).isRepeat, true);
      assert.deepEqual((await readStart(log, { at: 'oldest' })).data, ['0', '1', '2', '3']);
    }
    const fds = process.platform === 'linux' ? await readdir('/proc/self/fd') : [];
    assert.ok(fds.length < 60, `${fds.length} open files`);
  });

  test('has nothing of a feed that was removed, and a new one of that name is another', async (t) => {
    const folder = await JournalFolder.make(t);
    const { cursor } = await append(folder.log, 'x');
    await folder.journals.setRetention(feed, { maxBytes: 5_000 });
    await folder.journals.remove(feed);
    assert.deepEqual([folder.journals.names(), folder.journals.get(feed)], [[], undefined]);
    assert.deepEqual(await readdir(join(folder.dir, 'feeds')), []);
    await appendAll(folder.log, ['y', 'z']);
    assert.equal((await folder.journals.retention(feed)).maxBytes, 64 * 1024 * 1024);
    const located = await folder.log.locate({ at: 'cursor', cursor });
    assert.equal(located.gap?.reason, 'unknown');
  });

  test('that loses a feed while somebody reads it ends the reading, and tells of no gap', async (t) => {
    const folder = await JournalFolder.make(t, { segmentBytes: 200, maxOpenFiles: 0 });
    await appendAll(folder.log, ['1', '2', '3', '4', '5', '6', '7', '8']);
    const { position } = await locate(folder.log, { at: 'oldest' });
    const reading = folder.log.read(position, { signal: new AbortController().signal });
    assert.equal((await reading.next()).done, false);
    await folder.journals.remove(feed);
    assert.equal((await reading.next()).done, true);
  });
});
