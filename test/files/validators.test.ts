import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Conditions, evaluate, ifRangeHolds, validatorsOf } from '../../server/files/validators.ts';

const file = { etag: '"now"', lastModifiedMs: Date.parse('2026-11-23T14:31:02Z') };
const before = 'Mon, 23 Nov 2026 14:31:01 GMT';
const same = 'Mon, 23 Nov 2026 14:31:02 GMT';

const outcomes: [conditions: Conditions, outcome: string][] = [
  [{}, 'send'],
  [{ ifNoneMatch: '"now"' }, 'not-modified'],
  [{ ifNoneMatch: 'W/"now"' }, 'not-modified'],
  [{ ifNoneMatch: '"a", "b,c" , "now"' }, 'not-modified'],
  [{ ifNoneMatch: '*' }, 'not-modified'],
  [{ ifNoneMatch: '"old"' }, 'send'],
  [{ ifNoneMatch: 'now' }, 'send'],
  [{ ifNoneMatch: '"old"', ifModifiedSince: same }, 'send'],
  [{ ifModifiedSince: same }, 'not-modified'],
  [{ ifModifiedSince: before }, 'send'],
  [{ ifModifiedSince: 'yesterday' }, 'send'],
  [{ ifModifiedSince: '2026-11-23T14:31:02Z' }, 'send'],
  [{ ifMatch: '"now"' }, 'send'],
  [{ ifMatch: '"old", "now"' }, 'send'],
  [{ ifMatch: '*' }, 'send'],
  [{ ifMatch: '"old"' }, 'failed'],
  [{ ifMatch: 'W/"now"' }, 'failed'],
  [{ ifMatch: '"now"', ifUnmodifiedSince: before }, 'send'],
  [{ ifMatch: '"now"', ifNoneMatch: '"now"' }, 'not-modified'],
  [{ ifUnmodifiedSince: same }, 'send'],
  [{ ifUnmodifiedSince: before }, 'failed'],
  [{ ifUnmodifiedSince: 'yesterday' }, 'send'],
];

for (const [conditions, outcome] of outcomes) {
  test(`${JSON.stringify(conditions)} comes to ${outcome}`, () => assert.equal(evaluate(conditions, file), outcome));
}

test('a range is sent only to who holds the rest of this very file', () => {
  for (const ifRange of [undefined, '"now"', same]) assert.ok(ifRangeHolds(ifRange, file), ifRange);
  for (const ifRange of ['"old"', 'W/"now"', '*', '', before, 'Mon, 23 Nov 2026 14:31:03 GMT'])
    assert.ok(!ifRangeHolds(ifRange, file), ifRange);
});

test('the ETag changes with the content, also where size and modification time are set back', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'livefeed-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'a');
  const etag = () => validatorsOf(statSync(path, { bigint: true })).etag;
  writeFileSync(path, 'one');
  const { mtime } = statSync(path);
  utimesSync(path, mtime, mtime);
  const first = etag();
  assert.match(first, /^"[A-Za-z0-9_-]{22}"$/);
  assert.equal(etag(), first);
  // The clock of a file system may stand still for some milliseconds: what happens within one of its ticks cannot be told apart.
  const tick = statSync(path, { bigint: true }).ctimeNs;
  while (statSync(path, { bigint: true }).ctimeNs === tick) {
    writeFileSync(path, 'two');
    utimesSync(path, mtime, mtime);
  }
  assert.notEqual(etag(), first);
  const second = etag();
  appendFileSync(path, '!');
  assert.notEqual(etag(), second);
});
