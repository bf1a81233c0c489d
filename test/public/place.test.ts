import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatHash, parseHash } from '../../public/src/location-hash.ts';
import { parsePreferences } from '../../public/src/preferences.ts';

test('the address says which feed is shown and how it is filtered', () => {
  const place = { feed: 'web/access.log', filter: 'a&b = "c d" !é' };
  assert.deepEqual(parseHash(formatHash(place)), place);
  assert.equal(formatHash({ feed: 'web/access.log', filter: '' }), '#feed=web/access.log');
  assert.deepEqual(parseHash(''), { feed: undefined, filter: '' });
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
