import assert from 'node:assert/strict';
import { test } from 'node:test';
import { backoffMs } from '../../../public/src/connection/backoff.ts';
import { parseBatch, parseControl } from '../../../public/src/connection/protocol.ts';
import { parseRefusal } from '../../../public/src/connection/refusal.ts';

test('a batch is one envelope a line; what is none is left out', () => {
  const line = '{"feed":"a","id":"c1","time":"2026-11-23T14:31:02.118Z","type":"message","data":"x\\ny","cut":true}';
  const time = Date.UTC(2026, 10, 23, 14, 31, 2, 118);
  assert.deepEqual(parseBatch(`${line}\nnot json\n{"id":1}\nnull\n`), [{ id: 'c1', time, data: 'x\ny', cut: true, feed: 'a' }]);
});

test('control data that is no object counts as empty', () => {
  assert.deepEqual(parseControl('{"behind":3}'), { behind: 3 });
  for (const data of ['', 'null', '3', '{']) assert.deepEqual(parseControl(data), {});
});

test('waits double from a second to fifteen, and are never the same for all', () => {
  assert.deepEqual(
    [1, 2, 3, 4, 5, 50].map((attempt) => backoffMs(attempt, 0.999_999)),
    [1_000, 2_000, 4_000, 8_000, 15_000, 15_000],
  );
  assert.equal(backoffMs(3, 0), 3_000);
});

test('a refusal is shown by its title, also where a proxy answered without a problem document', () => {
  const refusal = parseRefusal(404, '{"code":"unknown-feed","title":"There is no such feed","detail":"d","near":["a.log",3]}');
  assert.deepEqual(refusal, { status: 404, code: 'unknown-feed', title: 'There is no such feed', detail: 'd', near: ['a.log'] });
  assert.equal(parseRefusal(403, '<html>').title, 'The service answered 403');
});
