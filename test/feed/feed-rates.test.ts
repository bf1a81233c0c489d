import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { FeedRates, LookClock } from '../../server/feed/feed-rates.ts';

/** Looks once a second at these counters; answers the rates after each look. */
function ratesOf(counts: (number | null)[], everyMs = 1000): (number | null)[] {
  const clock = new LookClock();
  const rates = new FeedRates(clock);
  return counts.map((count, index) => {
    clock.tick(5_000_000 + index * everyMs);
    rates.look({
      bytes: 0,
      lastEventAt: null,
      bytesAppended: 100 * (count ?? 0),
      eventsAppended: count,
    });
    return rates.eventsPerSecond;
  });
}

describe('the rates of a feed', () => {
  test('are those of the last five seconds', () => {
    assert.deepEqual(ratesOf([0, 10, 20, 20, 20, 20, 20, 20, 20]), [0, 10, 10, 6.7, 5, 4, 2, 0, 0]);
  });

  test('after a long rest are those of the last five seconds too', () => {
    const rest = Array.from({ length: 40 }, () => 100);
    assert.deepEqual(ratesOf([...rest, 110, 110, 110, 110, 110, 110]).slice(-7), [0, 2, 2, 2, 2, 2, 0]);
    const uncounted = Array.from({ length: 40 }, () => null);
    assert.deepEqual(ratesOf([...uncounted, 100, 110, 120]).slice(-4), [null, 0, 10, 10]);
  });

  test('of a steady feed are steady though the looks are not quite', () => {
    const rates = ratesOf([10, 11, 12, 13, 14, 15, 16, 17, 18, 19], 1003);
    assert.deepEqual(new Set(rates.slice(1)), new Set([1]));
  });

  test('are null while nobody counts, and begin anew with the counting', () => {
    assert.deepEqual(ratesOf([null, null, 700, 710, null, 710, 720]), [null, null, 0, 10, null, 0, 10]);
  });

  test('are never negative: a counter that goes back has started again', () => {
    assert.deepEqual(ratesOf([100, 200, 5, 10]), [0, 100, 0, 5]);
  });

  test('are exact below ten and whole above', () => {
    assert.deepEqual(ratesOf([0, 9.74]).at(-1), 9.7);
    assert.deepEqual(ratesOf([0, 124.9]).at(-1), 125);
  });

  test('of bytes come with those of events, and without them', () => {
    const clock = new LookClock();
    const rates = new FeedRates(clock);
    for (const [index, bytesAppended] of [0, 1500].entries()) {
      clock.tick(index * 1000);
      rates.look({ bytes: 0, lastEventAt: null, bytesAppended, eventsAppended: null });
    }
    assert.deepEqual([rates.eventsPerSecond, rates.bytesPerSecond], [null, 1500]);
  });
});
