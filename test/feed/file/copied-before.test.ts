import assert from 'node:assert/strict';
import { appendFileSync, copyFileSync, existsSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { SinglePath } from '../../../server/feed/file/tailed-path.ts';
import { follow, lookUntil, Told, tailing } from './tailing.ts';

const numbered = (word: string, lines: number) => Array.from({ length: lines }, (_, index) => `${word} ${index}`);
const text = (lines: readonly string[]) => lines.map((line) => `${line}\n`).join('');
const linesOf = ({ items }: Told) => items.filter((item) => !item.startsWith('feed.'));

/** A file system's clock ticks every few ms: what is begun by `begin` is begun later than what is at `path`. */
async function later(path: string, begun: string, begin: () => void): Promise<void> {
  const { birthtimeMs, mtimeMs } = statSync(path);
  for (const deadline = Date.now() + 10_000; ; await delay(2)) {
    begin();
    const copied = statSync(begun);
    if (copied.birthtimeMs > birthtimeMs && copied.mtimeMs > mtimeMs) return;
    assert.ok(Date.now() < deadline, 'the clock stands still');
    rmSync(begun);
  }
}

for (const [what, old, bytes] of [
  ['is being made, in mid-line', 200, 1_203],
  ['has just been begun', 200, 0],
  ['of a short file is being made', 3, 7],
  ['is whole', 200, undefined],
] as const)
  test(`who reads a file of which a copy ${what} has each line once, and goes on in the copy when the file is cut`, async (context) => {
    const { path, log, readAfter } = await tailing(context, text(numbered('old', old)));
    const copy = () => writeFileSync(`${path}.1`, readFileSync(path).subarray(0, bytes));
    await later(path, `${path}.1`, copy);
    const told = await follow(log);
    assert.deepEqual((await readAfter()).items, numbered('old', old));
    if (bytes !== undefined) writeFileSync(`${path}.1`, readFileSync(path));
    truncateSync(path);
    appendFileSync(path, text(numbered('newer', 5)));
    await lookUntil(log, () => told.items.includes('newer 4'));
    assert.deepEqual(linesOf(told), numbered('newer', 5));
    if (old > 100) assert.deepEqual(linesOf(await readAfter()), [...numbered('old', old), ...numbered('newer', 5)]);
  });

test('who is in a file that was copied before anybody had opened it, and is cut then, goes on in the copy', async (context) => {
  const { path, log } = await tailing(context, text(numbered('old', 200)));
  await later(path, `${path}.1`, () => copyFileSync(path, `${path}.1`));
  // As old as a copy of a large file is that took long to be made.
  await delay(30);
  await follow(log);
  const { position } = await log.locate({ at: 'last', count: 150 });
  truncateSync(path);
  appendFileSync(path, text(numbered('newer', 5)));
  await log.look();
  const seen = new Told();
  for await (const batch of log.read(position, { signal: new AbortController().signal })) seen.batch(batch);
  assert.deepEqual(linesOf(seen), [...numbered('old', 200).slice(-150), ...numbered('newer', 5)]);
});

test('a short file that is copied while it is being opened, and cut then, is read from the copy', async (context) => {
  const { path, again, readAfter } = await tailing(context, text(numbered('old', 3)));
  const tailed = new SinglePath(path);
  const open = tailed.open.bind(tailed);
  tailed.open = async () => {
    const file = await open();
    if (!existsSync(`${path}.1`)) copyFileSync(path, `${path}.1`);
    // Longer than the ticks of a file system's clock: the service is held up.
    await delay(50);
    return file;
  };
  const log = again({ tailed });
  const told = await follow(log);
  truncateSync(path);
  await log.look();
  appendFileSync(path, text(numbered('newer', 5)));
  await lookUntil(log, () => told.items.includes('newer 4'));
  assert.deepEqual(linesOf(await readAfter(undefined, log)), [...numbered('old', 3), ...numbered('newer', 5)]);
});

test('a part that the file now begins with, since every one begins alike, is read for what it is', async (context) => {
  const { path, readAfter } = await tailing(context, 'started\n');
  await later(path, `${path}.1`, () => copyFileSync(path, `${path}.1`));
  truncateSync(path);
  const { mtimeMs } = statSync(`${path}.1`);
  do {
    await delay(2);
    writeFileSync(path, 'started\nand more\n');
  } while (statSync(path).mtimeMs <= mtimeMs);
  assert.deepEqual(linesOf(await readAfter()), ['started', 'started', 'and more']);
});
