import assert from 'node:assert/strict';
import { truncate, writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { Told, tailing } from './tailing.ts';

const LINES = 20_000;
const numbered = (word: string, count: number) =>
  Array.from({ length: count }, (_, number) => `${word} ${number}`.padStart(99, '.'));
const text = (lines: readonly string[]) => `${lines.join('\n')}\n`;

for (const [what, cut, after] of [
  ['cut to nothing', (path: string) => truncate(path, 0), 0],
  ['written anew, shorter than it was', (path: string) => writeFile(path, text(numbered('new', 10))), 10],
  ['written anew, as long as it was', (path: string) => writeFile(path, text(numbered('new', LINES))), LINES],
  ['written anew, longer than it was', (path: string) => writeFile(path, text(numbered('new', 2 * LINES))), 2 * LINES],
] as const)
  test(`a file that is ${what} while its history is read ends at a whole line, and what it holds then follows the gap`, async (context) => {
    const { log, path } = await tailing(context, text(numbered('old', LINES)));
    const { position } = await log.locate({ at: 'oldest' });
    const told = new Told();
    let batches = 0;
    for await (const batch of log.read(position, { signal: new AbortController().signal })) {
      told.batch(batch);
      batches += 1;
      if (batches === 2) await cut(path);
    }
    const old = told.items.indexOf('feed.truncated');
    assert.ok(old > 0 && old < LINES, `the cut is told behind ${old} lines`);
    const wanted = [...numbered('old', old), 'feed.truncated', 'feed.gap', ...numbered('new', after)];
    assert.deepEqual(told.items, wanted);
  });

test('lines that are appended while a history is read are read with it', async (context) => {
  const { log, append } = await tailing(context, text(numbered('a', LINES)));
  const { position } = await log.locate({ at: 'oldest' });
  const told = new Told();
  let batches = 0;
  for await (const batch of log.read(position, { signal: new AbortController().signal })) {
    told.batch(batch);
    batches += 1;
    if (batches === 2) await append(text(numbered('b', LINES)));
  }
  assert.deepEqual(told.items, [...numbered('a', LINES), ...numbered('b', LINES)]);
});
