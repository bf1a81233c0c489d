import assert from 'node:assert/strict';
import { copyFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { tailing } from '../feed/file/tailing.ts';
import { eventually } from '../source/eventually.ts';
import { feedServer, get, RawClient } from './feed-server.ts';

/** More than a cursor has of a file's head, so that a copy that lacks the end is known. */
const BEGINNING = `# ${'settings '.repeat(150)}\n`;

test('a reader arrives though the copy that is left of a cut file ends before the place at which another began to follow', async (context) => {
  const { path, log, append } = await tailing(context, `${BEGINNING}kept\n`);
  const server = await feedServer(context);
  server.add('a', log);
  await log.locate({ at: 'head' });
  copyFileSync(path, `${path}.1`);
  await append('not in the copy\n');
  const ask = (query: string) => RawClient.open(context, server.port, get(`/feeds/a${query}`, { Accept: 'text/event-stream' }));
  const live = await ask('');
  await eventually('the first follows', () => live.body.text.includes('feed.open'));
  writeFileSync(path, 'new\n');
  await log.look();
  await eventually('the first has what is new', () => live.body.text.includes('data: new\n'));
  const late = await ask('?since=start');
  await eventually('the second has it too', () => late.body.text.includes('data: new\n'));
  assert.match(late.body.text, /data: kept\n.*"reason":"truncated".*data: new\n/s);
});
