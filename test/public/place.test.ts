import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatHash, parseHash } from '../../public/src/location-hash.ts';
import { parsePreferences } from '../../public/src/preferences.ts';

test('the address says which feed is shown and how it is filtered', () => {
  const place = { feed: 'web/access.log', filter: 'a&b = "c d" !é', levels: [] };
  assert.deepEqual(parseHash(formatHash(place)), place);
  assert.equal(formatHash({ feed: 'web/access.log', filter: '' }), '#feed=web/access.log');
  assert.deepEqual(parseHash(''), { feed: undefined, filter: '', levels: [] });
});

test('the address says which place is read, or which lines are meant', () => {
  const [at, line] = [
    { cursor: 'fAO_t.i~h-c', skip: 0 },
    { cursor: 'fAO', skip: 17 },
  ];
  const read = { feed: 'a', filter: '', levels: ['error' as const, 'warn' as const], at };
  assert.equal(formatHash(read), '#feed=a&levels=error,warn&at=fAO_t.i~h-c');
  assert.deepEqual(parseHash(formatHash(read)), read);
  const meant = { feed: 'a', filter: '', levels: [], line, count: 3 };
  assert.equal(formatHash(meant), '#feed=a&line=fAO:17&count=3');
  assert.deepEqual(parseHash(formatHash(meant)), meant);
});

test('of feeds that are shown together a place is a time', () => {
  const read = { feed: 'a,b', filter: '', levels: [], time: Date.UTC(2026, 10, 23, 14, 2, 30, 7) };
  assert.equal(formatHash(read), '#feeds=a,b&time=2026-11-23T14:02:30.007Z');
  assert.deepEqual(parseHash(formatHash(read)), read);
  assert.equal(parseHash('#feed=a&time=2026-11-23T14:02:30Z').time, Date.UTC(2026, 10, 23, 14, 2, 30));
  assert.equal(parseHash('#feeds=a,b&time=soon').time, undefined);
});

test('what is no place in an address is left out', () => {
  const nowhere = { feed: 'a', filter: '', levels: [] };
  for (const rest of ['at=', 'at=a%20b', 'at=x:y', 'line=<b>', 'levels=fatal', `at=${'x'.repeat(41)}`])
    assert.deepEqual(parseHash(`#feed=a&${rest}`), nowhere, rest);
  for (const [count, lines] of [
    ['0', 1],
    ['-3', 1],
    ['x', 1],
    ['99999999', 10_000],
  ] as const)
    assert.equal(parseHash(`#feed=a&line=c&count=${count}`).count, lines);
});

test('stored choices are taken as far as they are valid', () => {
  const defaults = {
    wrap: false,
    numbers: false,
    fold: true,
    fields: 'compact',
    times: 'clock',
    zone: 'local',
    size: 'normal',
    density: 'normal',
    theme: 'system',
    memory: '192',
  };
  for (const stored of [null, '', '{', 'null', '3', '{"size":"huge","wrap":1}'])
    assert.deepEqual(parsePreferences(stored, false), defaults);
  assert.equal(parsePreferences(null, true).wrap, true);
  assert.deepEqual(parsePreferences('{"wrap":false,"theme":"dark"}', true), { ...defaults, theme: 'dark' });
  assert.deepEqual(parsePreferences('{"size":"compact"}', false), { ...defaults, size: 'small', density: 'dense' });
});
