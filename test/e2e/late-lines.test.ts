import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { appendFileSync, closeSync, openSync, renameSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { eventually } from '../source/eventually.ts';
import { readWithEventSource } from './event-source-readers.ts';
import { scratchFolder } from './scratch.ts';
import { startService } from './service.ts';

const HEADERS = { Accept: 'text/plain' };

test('lines that come late to a file that was rotated away are fetched by the range that their gap names, and only they', async (t) => {
  const file = join(scratchFolder(), 'app.log');
  writeFileSync(file, 'first\n');
  const service = await startService(t, [file, '--archive-cache', '0']);
  const url = `${service.url}/feeds/app.log`;
  const seen = readWithEventSource(t, `${url}?since=start`);
  await eventually('the reader has the first line', () => seen.lines.length === 1);
  const old = openSync(file, 'a');
  renameSync(file, `${file}.1`);
  writeFileSync(file, 'of the new file\n');
  await eventually('the new file is read', () => seen.lines.length === 2);

  writeSync(old, 'late one\nlate two\nlate and unfin');
  await eventually('the gap is told', () => seen.of('feed.gap').length === 1);
  appendFileSync(file, 'another\n');
  writeSync(old, 'ished\n');
  await eventually('so is the second', () => seen.of('feed.gap').length === 2);
  closeSync(old);
  const fetched = async () => {
    const ranges = seen.of('feed.gap').map(({ data: { since, until } }) => `${url}?since=${since}&until=${until}`);
    return Promise.all(ranges.map(async (range) => (await fetch(range, { headers: HEADERS })).text()));
  };
  const late = ['late one\nlate two\n', 'late and unfinished\n'];
  assert.deepEqual(await fetched(), late);
  await eventually('the reader goes on in the new file', () => seen.lines.length === 3);
  assert.deepEqual(seen.lines, ['first', 'of the new file', 'another']);
  assert.deepEqual(
    seen.of('feed.gap').map(({ data }) => [data.reason, data.bytes]),
    late.map((text) => ['late', text.length]),
  );

  renameSync(`${file}.1`, `${file}.2`);
  execFileSync('gzip', [`${file}.2`]);
  await service.kill('SIGKILL');
  await service.start();
  assert.deepEqual(await fetched(), late, 'from an archive, by a service that was started again');
  const whole = await (await fetch(`${url}?since=start&follow=false&format=ndjson`)).text();
  assert.match(whole, /"type":"feed.open","data":{[^}]*"reading":"linear"/, 'and that has no room to keep it');
});
