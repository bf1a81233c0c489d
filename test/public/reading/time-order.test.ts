import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Envelope } from '../../../public/src/connection/protocol.ts';
import { Lateness, LineTimes } from '../../../public/src/reading/line-times.ts';
import { MergedPast } from '../../../public/src/reading/merged-past.ts';
import { HOLD_MS, TimeOrder } from '../../../public/src/reading/time-order.ts';

const NOW = Date.UTC(2026, 10, 23, 14, 31);
const at = (ms: number) => new Date(NOW + ms).toISOString();
const line = (data: string, time: number | null = null, cut = false): Envelope => ({ id: data, time, data, cut });
const times = [0, 1, 2].map((source) => new LineTimes(source));
const timed = (source: number, data: string, time: number | null = null) =>
  (times[source] as LineTimes).next(line(data, time), NOW);
const texts = (lines: readonly { data: string }[]) => lines.map(({ data }) => data.replace(/^\S+T\S+ /, ''));

test('lines that come within the hold are put in order, and a stack trace stays with its line', () => {
  const order = new TimeOrder();
  order.add(timed(0, `${at(-5_000)} a1`), NOW, 0);
  order.add(timed(0, '    at charge (/srv/a.js:1:2)'), NOW, 0);
  order.add(timed(1, `${at(-6_000)} b1`), NOW, 10);
  order.add(timed(1, `${at(-5_000)} b2`), NOW, 10);
  order.add(timed(1, `${at(-1_000)} b3`), NOW, HOLD_MS);
  assert.deepEqual(order.take(HOLD_MS - 1), []);
  assert.deepEqual(texts(order.take(HOLD_MS)), ['b1', 'a1', '    at charge (/srv/a.js:1:2)', 'b2']);
  assert.deepEqual(texts(order.all()), ['b3']);
  assert.ok(order.isEmpty);
});

test('within its feed a line stays behind the one before it, whatever time it tells', () => {
  const order = new TimeOrder();
  for (const ms of [-3_000, -9_000]) order.add(timed(0, `${at(ms)} a${ms}`), NOW, 0);
  order.add(timed(1, `${at(-5_000)} b`), NOW, 0);
  assert.deepEqual(texts(order.all()), ['b', 'a-3000', 'a-9000']);
});

test('a line is late where a newer one stands above; one of whole seconds only once its second is over', () => {
  const lateness = new Lateness();
  const isLate = (data: string, time: number | null = null) => lateness.isLate(new LineTimes(0).next(line(data, time), NOW));
  assert.equal(isLate('2026-11-23T14:30:02.500Z a'), false);
  assert.equal(isLate('2026-11-23T14:30:02Z b'), false);
  assert.equal(isLate('2026-11-23T14:30:01Z c'), true);
  assert.equal(isLate('2026-11-23T14:30:02.499Z d'), true);
  assert.equal(isLate('no time, and nobody knows when it came'), false);
  assert.equal(isLate('no time, but it came before', NOW - 60_000), true);
});

test('a time far ahead of the clock is not believed; without one a line is of when the service read it', () => {
  assert.equal(new LineTimes(0).next(line(`${at(3_600_000)} x`, NOW - 7), NOW).orderMs, NOW - 7);
  assert.equal(new LineTimes(0).next(line('x', NOW - 9), NOW).orderMs, NOW - 9);
  assert.ok(Number.isNaN(new LineTimes(0).next(line('x'), NOW).orderMs));
});

test('of whole seconds, when a line came says which is first', () => {
  const second = new LineTimes(0).next(line('2026-11-23T14:30:59Z x', NOW - 400), NOW);
  assert.equal(second.orderMs, NOW - 400);
});

test('at first come the newest lines of all feeds, as far as each has shown that it has no others between', () => {
  const past = new MergedPast(['busy', 'quiet', 'empty']);
  const feed = (source: number, ...ms: number[]) => {
    const of = new LineTimes(source);
    return ms.map((each) => of.next(line(`${at(each)} ${source}:${each}`), NOW));
  };
  const rows = past.open([feed(0, -30, -20, -10), feed(1, -90, -40, -15), []], 3, NOW);
  assert.deepEqual(texts(rows.map((row) => row.line)), ['0:-30', '0:-20', '1:-15', '0:-10']);
});

test('of lines without any time the newest stand where they were read, and older ones are said to be elsewhere', () => {
  const past = new MergedPast(['plain']);
  const plain = new LineTimes(0);
  const lines = ['one', 'two'].map((data) => plain.next(line(data), NOW));
  const rows = past.open([lines], 2, NOW);
  assert.deepEqual(texts(rows.map((row) => row.line)), ['one', 'two']);
  assert.match(rows[0]?.notes[0]?.words ?? '', /^older lines of plain tell no times: open it by itself/);
});
