import assert from 'node:assert/strict';
import { test } from 'node:test';
import { matches, parseFilter } from '../../../public/src/log/filter.ts';
import { Highlights, parseRules } from '../../../public/src/log/highlights.ts';
import { plainTerm } from '../../../public/src/log/plain-term.ts';

test('a text is highlighted, and by the same text in any case no more; colours are used in turn', () => {
  const highlights = new Highlights();
  for (const text of ['checkout', ' pay ', '']) highlights.toggle(text);
  assert.deepEqual(highlights.rules, [
    { text: 'checkout', colour: 1 },
    { text: 'pay', colour: 2 },
  ]);
  highlights.toggle('Checkout');
  highlights.toggle('cart');
  assert.deepEqual(
    highlights.rules.map(({ text, colour }) => [text, colour]),
    [
      ['pay', 2],
      ['cart', 1],
    ],
  );
  for (let number = 0; number < 30; number += 1) highlights.toggle(`text ${number}`);
  assert.equal(highlights.rules.length, 20);
});

test('of what was stored only whole rules are taken', () => {
  for (const stored of [null, {}, 'a', [null], [{ text: 'a' }], [{ text: '', colour: 1 }], [{ text: 'a', colour: 7 }]])
    assert.deepEqual(parseRules(stored), []);
  assert.deepEqual(parseRules([{ text: 'a', colour: 6 }]), [{ text: 'a', colour: 6 }]);
});

test('selected text becomes a term that finds exactly it', () => {
  for (const text of ['word', '!word', 'two words', 'say "hi"', 'a==b', 'C:\\dir', "it's"]) {
    assert.ok(matches(parseFilter(plainTerm(text)), `before ${text} behind`), plainTerm(text));
    assert.ok(!matches(parseFilter(plainTerm(text)), 'something else'), plainTerm(text));
    assert.ok(!matches(parseFilter(`!${plainTerm(text)}`), `before ${text} behind`), plainTerm(text));
  }
});
