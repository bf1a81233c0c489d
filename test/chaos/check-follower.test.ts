import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkFollower, type Findings } from './check-follower.ts';
import type { FaultDone, ReaderEntry, WriterEntry } from './record.ts';
import { Written } from './written.ts';

const BANNER = 'the same head';

/** What the checker says of a reader of three files with two lines each, of which the second may have been destroyed. */
function check(
  given: readonly (string | ReaderEntry)[],
  destroyed: readonly number[] = [],
  kind: FaultDone['kind'] = 'truncate',
): Findings {
  const lines = [1, 2, 3, 4, 5, 6].map(
    (number): WriterEntry => ({
      what: 'line',
      at: number,
      part: Math.ceil(number / 2) - 1,
      number,
      hash: `line ${number}`,
      isLate: false,
    }),
  );
  const fault: FaultDone = { what: 'fault', at: 5, kind, part: 1, inode: 1, destroyed };
  const written = new Written([
    { what: 'banner', hash: BANNER },
    ...lines,
    ...(destroyed.length > 0 || kind !== 'truncate' ? [fault] : []),
  ]);
  const entries = given.map((each) => (typeof each === 'string' ? line(each) : each));
  return checkFollower(written, { who: 'reader', kind: 'follow', entries });
}

function line(hash: string): ReaderEntry {
  return { what: 'line', at: 10, hash, begins: hash };
}

function gap(reason: string): ReaderEntry {
  return { what: 'gap', at: 10, reason, bytes: null, hasId: true };
}

const ALL = ['line 1', 'line 2', 'line 3', 'line 4', 'line 5', 'line 6'];
const OPEN_AT_GAP: ReaderEntry = { what: 'open', at: 10, start: 'gap', asked: '' };
const kindsOf = ({ problems }: Findings) => problems.map(({ kind }) => kind);

test('a reader with every line once, in order, has no problem', () => {
  assert.deepEqual(kindsOf(check(ALL)), []);
  assert.deepEqual(kindsOf(check([BANNER, 'line 1', 'line 2', BANNER, ...ALL.slice(2)])), []);
});

test('a line that is missing, doubled, out of order, torn or not yet there is a problem of its kind', () => {
  assert.deepEqual(kindsOf(check(ALL.toSpliced(2, 1))), ['lost in silence']);
  assert.deepEqual(kindsOf(check(ALL.toSpliced(2, 0, 'line 2'))), ['doubled']);
  assert.deepEqual(kindsOf(check(['line 1', 'line 3', 'line 2', ...ALL.slice(3)])).sort(), ['lost in silence', 'out of order']);
  assert.deepEqual(kindsOf(check(ALL.toSpliced(2, 0, 'half a li'))), ['torn']);
  assert.deepEqual(kindsOf(check(ALL.slice(0, 5))), ['never arrived']);
});

test('lines may be missing only where a fault destroyed them, beside a gap that says so', () => {
  const without = ['line 1', 'line 2', 'line 3', 'line 5', 'line 6'];
  assert.deepEqual(kindsOf(check(without, [4])), ['lost in silence']);
  const told = check([...without.slice(0, 3), gap('truncated'), ...without.slice(3)], [4]);
  assert.deepEqual(kindsOf(told), []);
  assert.deepEqual([...told.gaps], [['truncate: truncated', 1]]);
  assert.deepEqual(kindsOf(check([...without.slice(0, 3), gap('truncated'), ...without.slice(3)])), [
    'gap without a fault',
    'lost without a fault',
  ]);
});

test('a gap far from any fault is a problem', () => {
  assert.deepEqual(kindsOf(check(['line 1', gap('truncated'), ...ALL.slice(1)], [4])), ['gap without a fault']);
});

test('who stood behind the head that all files share may have stood in one that was destroyed', () => {
  const began = ['line 1', 'line 2', 'line 5', 'line 6'];
  const findings = check(['line 1', 'line 2', BANNER, OPEN_AT_GAP, gap('ambiguous'), BANNER, ...began], [3, 4]);
  assert.deepEqual(kindsOf(findings), []);
  assert.equal(findings.begunAgain, 1);
  assert.deepEqual(kindsOf(check(['line 1', OPEN_AT_GAP, gap('ambiguous'), ...began], [3, 4])), ['gap without a fault']);
});

test('who was told of a gap and then lost the place stood behind what was destroyed there', () => {
  const began = ['line 1', 'line 2', 'line 5', 'line 6'];
  const findings = check(['line 1', 'line 2', gap('truncated'), OPEN_AT_GAP, gap('unknown'), ...began], [3, 4]);
  assert.deepEqual(kindsOf(findings), []);
  assert.equal(findings.begunAgain, 1);
  assert.deepEqual(kindsOf(check(['line 1', 'line 2', gap('truncated'), OPEN_AT_GAP, gap('unknown'), ...ALL])), [
    'gap without a fault',
    'gap without a fault',
  ]);
});

test('a late range holds late lines, or those of a copy for who stood behind the head that all contents share', () => {
  const range: ReaderEntry = { what: 'late', at: 10, hasGap: false, hashes: ['line 3', 'line 4'] };
  const without = ['line 1', 'line 2', 'line 5', 'line 6'];
  assert.deepEqual(kindsOf(check(['line 1', 'line 2', BANNER, 'line 5', range, 'line 6'], [], 'copytruncate')), []);
  assert.deepEqual(kindsOf(check([...without, range], [], 'copytruncate')), ['wrong late range']);
  assert.deepEqual(kindsOf(check([BANNER, ...without, range])), ['wrong late range']);
  assert.deepEqual(kindsOf(check([BANNER, ...ALL, range], [], 'copytruncate')), ['wrong late range']);
  assert.deepEqual(kindsOf(check([...ALL, { ...range, hasGap: true, hashes: [] }], [4])), ['broken']);
});
