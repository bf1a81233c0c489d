import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseMoment } from '../../../public/src/places/moment.ts';

const now = new Date(2026, 10, 23, 15, 30, 0).getTime();
const at = (...parts: [number, number, number, number?, number?, number?]) => new Date(...parts).getTime();

test('a time of day is the last one there was', () => {
  assert.equal(parseMoment('14:02', now), at(2026, 10, 23, 14, 2));
  assert.equal(parseMoment(' 14:02:30 ', now), at(2026, 10, 23, 14, 2, 30));
  assert.equal(parseMoment('16:00', now), at(2026, 10, 22, 16, 0));
});

test('a date, with a time or without, and a while ago', () => {
  assert.equal(parseMoment('2026-11-01', now), at(2026, 10, 1));
  assert.equal(parseMoment('2026-11-01T9:05', now), at(2026, 10, 1, 9, 5));
  assert.equal(parseMoment('15m', now), now - 15 * 60_000);
  assert.equal(parseMoment('2 h', now), now - 2 * 3_600_000);
});

test('anything else is no time', () => {
  for (const text of ['', 'x', '25:00', '14:60', '14:02:61', '2026-02-30', '2026-13-01', '15', '15y', '-5m']) {
    assert.equal(parseMoment(text, now), undefined, text);
  }
});
