import assert from 'node:assert/strict';
import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { eventually } from '../source/eventually.ts';
import { finished, startChild } from './child.ts';
import { readEventsWithCurl, readTextWithCurl } from './curl-readers.ts';
import { EVENT_SOURCES } from './event-source-readers.ts';
import { hardLines } from './hard-lines.ts';
import { assertSameLines, expectedOf } from './oracle.ts';
import { PageReader } from './page-reader.ts';
import { scratchFolder } from './scratch.ts';
import { seeded } from './seed.ts';
import { startService } from './service.ts';

const LINES = 10_000;
const MOST_BYTES_A_WRITE = 4_096;
const PAUSE_MS = 40;

test('every reader gets exactly the lines of a file that is written while they read it', async (t) => {
  const random = seeded(t);
  const folder = scratchFolder();
  const [source, file] = [join(folder, 'source'), join(folder, 'growing.log')];
  const { bytes, last } = hardLines(LINES, random);
  writeFileSync(source, bytes);
  writeFileSync(file, '');
  const service = await startService(t, [file]);
  const page = await PageReader.open(t, service.url, 'growing.log');
  await page.page.locator('#state', { hasText: 'Live' }).waitFor();
  const writer = startChild(t, writerCommand(source, file, random.seed), { stdio: ['pipe', 'inherit', 'inherit'] });

  const url = `${service.url}/feeds/growing.log?since=start`;
  const text = readTextWithCurl(t, url);
  const readers = [readEventsWithCurl, ...EVENT_SOURCES].map((read) => read(t, url));
  await eventually('every reader reads', () => readers.every((seen) => seen.lines.length > 0) && text.text !== '');
  assert.equal(writer.exitCode, null, 'the file still grows');
  writer.stdin?.end();
  await finished(writer, 'the writer');
  await eventually('every reader has the last line', () => readers.every((seen) => seen.lines.at(-1) === last), 30_000);
  await eventually('curl has the last line as text', () => text.text.endsWith(`${last}\n`));

  const { lines, rest } = await expectedOf(file);
  assert.equal(lines.length, LINES);
  assert.equal(rest, '');
  for (const seen of readers) {
    assertSameLines(seen.who, seen.lines, lines);
    assert.deepEqual(
      seen.controls.map(({ type }) => type).filter((type) => type !== 'feed.partial'),
      ['feed.open'],
      `${seen.who} was never cut off`,
    );
  }
  const asText = lines.join('\n').split('\n');
  assertSameLines('curl as text', text.text.split('\n').slice(0, -1), asText);
  await page.sees(last);
  assertSameLines('the page', (await page.copyAll()).split('\n').slice(0, -1), asText);
});

test('a last line without a line feed shows as unfinished after a second, and comes as a message once it is finished', async (t) => {
  const file = join(scratchFolder(), 'unfinished.log');
  writeFileSync(file, 'finished\n');
  const service = await startService(t, [file]);
  const url = `${service.url}/feeds/unfinished.log?since=start`;
  const text = readTextWithCurl(t, url);
  const readers = [readEventsWithCurl, ...EVENT_SOURCES].map((read) => read(t, url));
  await eventually('every reader reads', () => readers.every((seen) => seen.lines.length === 1) && text.text === 'finished\n');

  const writtenAt = performance.now();
  appendFileSync(file, Buffer.from('unfinished 😀').subarray(0, -1));
  await eventually('it shows as unfinished', () => readers.every((seen) => seen.of('feed.partial').length === 1));
  for (const seen of readers) {
    const [partial] = seen.of('feed.partial');
    assert.equal(partial?.data.data, 'unfinished ', `${seen.who}: the text so far, without a piece of a character`);
    assert.ok(partial.at - writtenAt >= 990, `${seen.who}: not before a second, but after ${partial.at - writtenAt} ms`);
    assert.equal(seen.lines.length, 1, `${seen.who}: it is no message yet`);
  }
  assert.equal(text.text, 'finished\n');

  appendFileSync(file, Buffer.concat([Buffer.from('😀').subarray(-1), Buffer.from(', no: finished\r\n')]));
  await eventually('it comes as a message', () => readers.every((seen) => seen.lines.length === 2));
  for (const seen of readers) assert.deepEqual(seen.lines, ['finished', 'unfinished 😀, no: finished'], seen.who);
  await eventually('it comes as text', () => text.text === 'finished\nunfinished 😀, no: finished\n');
});

function writerCommand(source: string, file: string, seed: number): string[] {
  const program = join(import.meta.dirname, 'writer.mjs');
  return [process.execPath, program, source, file, String(seed), String(MOST_BYTES_A_WRITE), String(PAUSE_MS)];
}
