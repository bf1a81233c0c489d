import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NO_FILTER, parseFilter } from '../../../public/src/log/filter.ts';
import { spansOf } from '../../../public/src/log/spans.ts';

test('level, names of values and hits each have their look, and all text is there', () => {
  const text = 'ERROR checkout failed order=A-1';
  const spans = spansOf(text, parseFilter('checkout'));
  assert.equal(spans.map((span) => span.text).join(''), text);
  assert.deepEqual(
    spans.filter(({ style, isHit }) => style !== '' || isHit),
    [
      { text: 'ERROR', style: 'level error', isHit: false },
      { text: 'checkout', style: '', isHit: true },
      { text: 'order=', style: 'key', isHit: false },
    ],
  );
});

test('a hit that begins in one colour and ends in another is marked through', () => {
  const spans = spansOf('\u001b[31mab\u001b[0mcd', parseFilter('bc'));
  assert.deepEqual(spans, [
    { text: 'a', style: 'fg1', isHit: false },
    { text: 'b', style: 'fg1', isHit: true },
    { text: 'c', style: '', isHit: true },
    { text: 'd', style: '', isHit: false },
  ]);
});

test('an empty line has no spans, and a plain one has one', () => {
  assert.deepEqual(spansOf('', NO_FILTER), []);
  assert.deepEqual(spansOf('plain', NO_FILTER), [{ text: 'plain', style: '', isHit: false }]);
});
