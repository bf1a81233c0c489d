import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Continuity } from '../../../public/src/status/continuity.ts';

const at = (ms: number) => new Date(ms).toISOString();
const open = (start: string, ms: number) => ({ start, time: at(ms) });

test('nothing is missed since the first opening, whatever is lost and found again', () => {
  const account = new Continuity();
  account.open(open('last', 1_000), 1_000);
  account.open(open('resumed', 9_000), 9_000);
  assert.equal(account.sinceMs, 1_000);
  assert.equal(account.missed.gaps, 0);
});

test('what was made before the return is counted as caught up, and what comes live is not', () => {
  const account = new Continuity();
  account.open(open('last', 1_000), 1_000);
  account.line(false, 1_500);
  account.open(open('resumed', 9_000), 9_000);
  account.line(false, null);
  account.line(false, 8_000);
  account.line(false, 9_001);
  account.line(false, null);
  assert.deepEqual(account.back, { atMs: 9_000, caughtUp: 2, missed: false, settled: true });
});

test('the head that the service named at the return ends the catching up, as does a beat with nothing behind', () => {
  const account = new Continuity();
  account.open(open('last', 1_000), 1_000);
  account.open(open('resumed', 9_000), 9_000);
  account.line(true, null);
  account.line(false, null);
  assert.equal(account.back?.caughtUp, 1);
  account.open(open('resumed', 10_000), 10_000);
  account.beat({ behind: 7 });
  account.line(false, null);
  account.beat({ behind: 0 });
  account.line(false, null);
  assert.equal(account.back?.caughtUp, 1);
});

test('a gap is counted by what is known of it, and "since" begins anew', () => {
  const account = new Continuity();
  account.open(open('last', 1_000), 1_000);
  account.gap({ bytes: 12_400 }, 2_000);
  account.gap({ bytes: null, events: null }, 3_000);
  assert.deepEqual(account.missed, { gaps: 2, bytes: 12_400, events: 0, unknown: true });
  assert.equal(account.sinceMs, 3_000);
});
