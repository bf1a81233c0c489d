import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { appendFileSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { eventually } from '../../source/eventually.ts';
import { readWithEventSource } from '../event-source-readers.ts';
import { scratchFolder } from '../scratch.ts';
import { startService } from '../service.ts';
import { feedsOf, healthOf, linesOf, until } from './watched.ts';

/** In a user namespace of its own, a process may lower the limit of inotify watches for itself. */
const withWatches = (count: number) => [
  ...['unshare', '--user', '--map-root-user', 'sh', '-c'],
  `echo ${count} > /proc/sys/user/max_inotify_watches && exec "$@"`,
  'sh',
];
const canLower = spawnSync('unshare', [...withWatches(2).slice(1), 'true']).status === 0;
const TOO_MANY_FILES = 'too many files are open (ulimit -n)';
const NO_WATCHES = 'no inotify watches are left (sysctl fs.inotify.max_user_watches)';

test('where the system has no watches left, what has none is polled, which is told, and no line is lost', {
  skip: canLower ? false : 'NOT TESTED: this system lets nobody make a user namespace with a lower limit',
}, async (t) => {
  const root = scratchFolder();
  const names = ['a', 'b', 'c', 'd'];
  for (const name of names) mkdirSync(join(root, name));
  const fileOf = (name: string) => join(root, name, `${name}.log`);
  for (const name of names) writeFileSync(fileOf(name), `${name} one\n`);
  const service = await startService(t, [root], { before: withWatches(2) });

  const { watch } = await healthOf(service);
  assert.deepEqual(watch, { mode: 'mixed', folders: 5, watches: 2, limit: watch.limit, polled: 3, why: NO_WATCHES });
  const polled = (await feedsOf(service)).filter((feed) => feed.watch?.by === 'polling');
  assert.ok(polled.length >= 2);
  for (const feed of polled) assert.equal(feed.watch?.why, NO_WATCHES);
  assert.equal(service.output.split('no inotify watches are left').length - 1, 1, 'the log says it once');

  const readers = names.map((name) => readWithEventSource(t, `${service.url}/feeds/${name}.log?since=start`));
  await eventually('all have the first line', () => readers.every((seen) => seen.lines.length === 1));
  for (const name of names) appendFileSync(fileOf(name), `${name} two\n`);
  await eventually('all have the second', () => readers.every((seen) => seen.lines.length === 2));
  for (const name of names) {
    renameSync(fileOf(name), `${fileOf(name)}.1`);
    writeFileSync(fileOf(name), `${name} three\n`);
  }
  await eventually('all have what came after a rotation', () => readers.every((seen) => seen.lines.length === 3));
  for (const [index, seen] of readers.entries()) {
    const name = names[index];
    assert.deepEqual(seen.lines, [`${name} one`, `${name} two`, `${name} three`]);
    assert.deepEqual(seen.of('feed.gap'), []);
  }
  for (const name of names) writeFileSync(join(root, name, `new-${name}.log`), 'new\n');
  await until(
    'new files are found',
    () => feedsOf(service),
    (feeds) => names.every((name) => feeds.some((feed) => feed.name === `new-${name}.log`)),
  );
});

test('with too few open files allowed, the service lives, tells, and gives whoever it lets in every line', async (t) => {
  const folder = scratchFolder();
  const names = Array.from({ length: 80 }, (_, index) => `${index}.log`);
  for (const name of names) writeFileSync(join(folder, name), 'one\n');
  const service = await startService(t, [folder], {
    before: ['sh', '-c', 'ulimit -n 100 && exec "$@"', 'sh'],
    isFromSources: true,
  });
  assert.equal((await feedsOf(service)).filter(({ source }) => source === 'file').length, names.length);

  const aborting = new AbortController();
  const letIn: { readonly name: string; text: string; readonly ended: Promise<void> }[] = [];
  for (const name of names) {
    const response = await fetch(`${service.url}/feeds/${name}?since=start`, { signal: aborting.signal }).catch(() => undefined);
    if (response?.status !== 200 || response.body === null) break;
    const reader = { name, text: '', ended: Promise.resolve() };
    reader.ended = collect(response.body, (chunk) => {
      reader.text += chunk;
    });
    letIn.push(reader);
  }
  assert.ok(letIn.length >= 5 && letIn.length < names.length, `${letIn.length} were let in`);
  await eventually('the log says why the next was not', () => service.output.includes(TOO_MANY_FILES));
  for (const name of names) appendFileSync(join(folder, name), 'two\n');
  await eventually('those who were let in have all lines', () => letIn.every(({ text }) => text === 'one\ntwo\n'));

  aborting.abort();
  await Promise.all(letIn.map(({ ended }) => ended));
  const { watch } = await healthOf(service);
  assert.match(watch.why ?? '', /too many files are open/);
  await until(
    'all can be read',
    () => linesOf(service, '79.log').catch(() => []),
    (lines) => lines.join() === 'one,two',
  );
  assert.equal(service.output.split(TOO_MANY_FILES).length - 1, 1, 'the log says it once');
});

async function collect(body: ReadableStream<Uint8Array>, onText: (text: string) => void): Promise<void> {
  const decoder = new TextDecoder();
  try {
    for await (const chunk of body) onText(decoder.decode(chunk, { stream: true }));
  } catch {
    // It was aborted: the test is over for it.
  }
}
