import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { matches, parseFilter } from '../../../public/src/log/filter.ts';
import type { LineRow } from '../../../public/src/log/row.ts';
import { curlOf } from '../../../public/src/share/curl.ts';
import { fileName } from '../../../public/src/share/download.ts';
import { jsonLines } from '../../../public/src/share/json-lines.ts';

const asked = { origin: 'http://h:1', feed: 'web/a.log', filter: '', levels: [] };

/** What a shell makes of the command. */
function words(command: string): string[] {
  return execFileSync('sh', ['-c', `printf '%s\\n' ${command}`], { encoding: 'utf8' })
    .trimEnd()
    .split('\n');
}

test('the command for lines names their place and how many they are', () => {
  const lines = { since: 'c1', count: 3 };
  assert.deepEqual(words(curlOf({ ...asked, filter: 'x', lines })), [
    'curl',
    'http://h:1/feeds/web/a.log?since=c1&until=head&limit=3',
  ]);
});

test('the command for a view filters as the view does, and a shell cannot be told anything by it', () => {
  const filter = `it's !"$(reboot)" /a-b`;
  assert.deepEqual(words(curlOf({ ...asked, filter, levels: ['warn', 'error'] })), [
    'curl',
    '-N',
    '-G',
    'http://h:1/feeds/web/a.log',
    '--data-urlencode',
    'last=1000',
    '--data-urlencode',
    'level=warn',
    '--data-urlencode',
    "match=(?i)it's",
    '--data-urlencode',
    'match=(?i)/a-b',
    '--data-urlencode',
    String.raw`match=!(?i)\$\(reboot\)`,
  ]);
});

test('a field is asked for by a pattern that RE2 has: without looking around', () => {
  const command = curlOf({ ...asked, filter: 'order==A-1' });
  assert.doesNotMatch(command, /\(\?[=<!]/);
  const [, pattern = ''] = /match=\(\?i\)(.*)'$/.exec(command) ?? [];
  for (const line of ['order=A-1 x', '{"order": "A-1"}']) {
    assert.ok(matches(parseFilter('order==A-1'), line) && new RegExp(pattern, 'i').test(line), line);
  }
});

test('lines become JSON with the names of the service, and what was cut is one again', () => {
  const row: LineRow = { kind: 'line', seq: 1, text: 'a"b', time: 0, cut: true, level: undefined, continued: false };
  const rows = [row, { ...row, text: 'c', cut: false }, { kind: 'note', seq: 3, tone: 'plain', words: 'x' } as const];
  assert.equal(jsonLines('f', rows), '{"feed":"f","time":"1970-01-01T00:00:00.000Z","data":"a\\"bc"}\n');
});

test('a download is called as the feed is, and when it was made', () => {
  const date = new Date('2026-11-23T14:31:02Z');
  assert.equal(fileName('web/access.log', date), 'access-2026-11-23-143102.log');
  assert.equal(fileName('deploys', date), 'deploys-2026-11-23-143102.log');
});
