import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ConnectionState } from '../../../public/src/connection/feed-connection.ts';
import { missedWords, type StateFacts, stateWords } from '../../../public/src/status/state-words.ts';
import { formatMinute } from '../../../public/src/units.ts';

const NOW_MS = Date.UTC(2026, 10, 23, 14, 31);
const LIVE: ConnectionState = { is: 'live' };
const facts = (more: Partial<StateFacts>): StateFacts => ({
  connection: LIVE,
  view: { is: 'following', newLines: 0, topMs: undefined },
  back: undefined,
  quietMs: 100,
  nowMs: NOW_MS,
  ...more,
});
const words = (more: Partial<StateFacts>) => stateWords(facts(more)).words;

test('a live feed is live, and says when it has been quiet for a minute', () => {
  assert.equal(words({}), 'Live');
  assert.equal(words({ quietMs: 240_000 }), 'Live · quiet 4 min');
});

test('a view that does not follow says what came meanwhile', () => {
  assert.equal(words({ view: { is: 'paused', newLines: 1_204, topMs: undefined } }), 'Paused · 1,204 new');
  const reading = words({ view: { is: 'reading', newLines: 3_310, topMs: NOW_MS } });
  assert.equal(reading, `Reading ${formatMinute(NOW_MS)} · 3,310 new below`);
});

test('the countdown rounds up, never goes below zero, and offers to try now', () => {
  const waiting = (leftMs: number) => words({ connection: { is: 'waiting', untilMs: NOW_MS + leftMs, loss: 'unreachable' } });
  assert.equal(waiting(3_001), 'Reconnecting in 4 s');
  assert.equal(waiting(4_000), 'Reconnecting in 4 s');
  assert.equal(waiting(-500), 'Reconnecting in 0 s');
  const state = stateWords(facts({ connection: { is: 'waiting', untilMs: NOW_MS, loss: 'silent' } }));
  assert.equal(state.action, 'try-now');
  assert.equal(state.spoken, 'The connection is dead, reconnecting');
});

test('a return is told for ten seconds, with what it brought or what is missing', () => {
  const back = (agoMs: number, missed = false, caughtUp = 310) => ({ atMs: NOW_MS - agoMs, caughtUp, missed, settled: true });
  assert.match(words({ back: back(9_999) }), /^Back at \d\d:\d\d · missed nothing, 310 caught up$/);
  assert.match(words({ back: back(1_000, false, 0) }), /missed nothing, nothing new came$/);
  assert.match(words({ back: back(1_000, true) }), /lines may be missing, 310 caught up$/);
  assert.equal(words({ back: back(10_000) }), 'Live');
});

test('missed says zero only where nothing is missed', () => {
  const missed = { gaps: 0, bytes: 0, events: 0, unknown: false };
  assert.deepEqual(missedWords(missed), { figure: '0', words: 'missed' });
  assert.deepEqual(missedWords({ ...missed, gaps: 1, bytes: 12_400 }), { figure: '12.4 kB', words: 'missed' });
  assert.deepEqual(missedWords({ ...missed, gaps: 1, events: 3 }), { figure: '3 lines', words: 'missed' });
  assert.deepEqual(missedWords({ ...missed, gaps: 2, bytes: 5, unknown: true }), { figure: '2 gaps', words: 'of unknown size' });
});
