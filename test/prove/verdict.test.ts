import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exitCodeOf, resultLines, summary } from '../../server/prove/report.ts';
import { type Finding, type Given, judge, worstOf } from '../../server/prove/verdict.ts';

const written = ['a', 'b', 'c', 'd'];

/** What becomes of a reader who was given `items`, of which those with `!` are gaps, by a case that destroys something. */
function found(...items: string[]): Finding {
  return judge(written, given(items), true);
}

function given(items: readonly string[]): Given[] {
  return items.map((item) => (item.startsWith('!') ? { gap: item.slice(1) } : { line: item }));
}

test('every line once and in order is ok, also with a gap that says what could be missing', () => {
  assert.deepEqual(found('a', 'b', 'c', 'd'), { verdict: 'ok', notes: [] });
  const notes = ['nothing is missing; a gap says that something could be (truncated)'];
  assert.deepEqual(found('a', '!truncated', 'b', 'c', 'd'), { verdict: 'ok', notes });
  assert.deepEqual(found('a', 'b', 'c', 'd', '!truncated'), { verdict: 'ok', notes });
  assert.deepEqual(judge([], [], false), { verdict: 'ok', notes: [] });
});

test('destroyed lines with a gap in their place are told as a gap', () => {
  const told = { verdict: 'gap', notes: ['2 lines are missing, and a gap says so (truncated)'] };
  assert.deepEqual(found('a', '!truncated', 'd'), told);
  assert.deepEqual(found('a', 'b', '!truncated'), told);
  assert.deepEqual(found('!truncated', 'c', 'd'), told);
});

test('missing lines without a gap, or with one in another place, are a failure', () => {
  const failed = { verdict: 'failed', notes: ['1 line is missing from "b" on, silently'] };
  assert.deepEqual(found('a', 'c', 'd'), failed);
  assert.deepEqual(found('!truncated', 'a', 'c', 'd'), failed);
  assert.deepEqual(found('a', 'c', '!truncated', 'd'), failed);
  assert.equal(found('a', 'b', 'c').verdict, 'failed');
  assert.equal(found().verdict, 'failed');
});

test('lines that come twice, in another order, or were never written are a failure', () => {
  const orders = [
    ['a', 'a', 'b', 'c', 'd'],
    ['a', 'c', '!late', 'b', 'd'],
    ['a', 'b', 'c', 'd', '!x', 'a'],
    ['a', 'b', 'bc', 'd'],
  ];
  for (const items of orders) assert.equal(found(...items).verdict, 'failed', items.join());
});

test('a gap where nothing was destroyed is a failure, whether lines are missing there or not', () => {
  const failed = { verdict: 'failed', notes: ['a gap was told (unknown) where nothing was destroyed'] };
  for (const items of [
    ['a', '!unknown', 'b', 'c', 'd'],
    ['a', '!unknown', 'd'],
    ['a', 'b', 'c', 'd', '!unknown'],
  ])
    assert.deepEqual(judge(written, given(items), false), failed, items.join());
});

test('of several readers the worst counts, and one case that fails makes the command fail', () => {
  const worst = worstOf([
    ['live', { verdict: 'gap', notes: ['x'] }],
    ['resumed', { verdict: 'failed', notes: ['y'] }],
    ['late lines', { verdict: 'ok', notes: [] }],
  ]);
  assert.deepEqual(worst, { verdict: 'failed', notes: ['live: x', 'resumed: y'] });
  const ok: Finding = { verdict: 'ok', notes: [] };
  assert.equal(
    exitCodeOf([
      ['a', ok],
      ['b', worst],
    ]),
    1,
  );
  const told: Finding = { verdict: 'gap', notes: [] };
  assert.equal(
    exitCodeOf([
      ['a', told],
      ['b', { verdict: 'not supported', notes: [] }],
    ]),
    0,
  );
  assert.equal(
    summary([
      ['a', ok],
      ['b', worst],
    ]),
    '2 cases: 1 ok, 0 told as a gap, 1 FAILED.\n',
  );
  assert.equal(
    resultLines(['it is cut', worst]),
    '  FAILED         it is cut\n                 live: x\n                 resumed: y\n',
  );
});
