import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findHits, matches, NO_FILTER, parseFilter } from '../../../public/src/log/filter.ts';

test('every term must be there, in any case, and no hidden term', () => {
  const filter = parseFilter('checkout !healthz');
  assert.ok(matches(filter, 'GET /api/Checkout/cart'));
  assert.ok(!matches(filter, 'GET /checkout/healthz'));
  assert.ok(!matches(filter, 'GET /cart'));
});

test('quotes keep spaces together, also while the second is not typed yet', () => {
  assert.ok(matches(parseFilter('"timed out"'), 'gateway timed out after'));
  assert.ok(!matches(parseFilter('"timed out"'), 'out timed'));
  assert.ok(!matches(parseFilter('!"timed ou'), 'gateway timed out'));
});

test('a term is only ever the text that it is', () => {
  assert.ok(matches(parseFilter('a.b*(c)[d]'), 'x a.b*(c)[d] y'));
  assert.ok(!matches(parseFilter('a.b'), 'axb'));
});

test('nothing typed, or a lone exclamation mark, hides nothing', () => {
  assert.equal(parseFilter('   '), NO_FILTER);
  assert.equal(parseFilter('!'), NO_FILTER);
});

test('hits that overlap are marked once', () => {
  assert.deepEqual(findHits(parseFilter('check eckout'), 'a checkout, a check'), [
    [2, 10],
    [14, 19],
  ]);
});
