import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plainText } from '../../../public/src/log/ansi.ts';
import { NO_FILTER } from '../../../public/src/log/filter.ts';
import { spansOf } from '../../../public/src/log/spans.ts';

const BIDI = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/;
const drawn = (text: string) => spansOf(text, NO_FILTER);

test('controls that turn the direction of text are taken out, and shown by their names', () => {
  const spans = drawn('user \u202egnp.exe\u202c \u2066x\u2069 a\u200bb\ufeff');
  assert.doesNotMatch(spans.map(({ text }) => text).join(''), BIDI);
  assert.deepEqual(
    spans.filter(({ style }) => style === 'control').map(({ text }) => text),
    ['RLO', 'PDF', 'LRI', 'PDI', 'ZWSP', 'BOM'],
  );
  assert.equal(spans.map(({ text }) => text).join(''), 'user RLOgnp.exePDF LRIxPDI aZWSPbBOM');
});

test('a line of nothing but such controls has a bounded number of elements, and none of them is left', () => {
  const spans = drawn('\u202e'.repeat(100_000));
  assert.ok(spans.length <= 201, `${spans.length} spans`);
  assert.match(spans.at(-1)?.text ?? '', /^\ufffd+$/);
});

test('characters that stand in for controls cannot be smuggled in', () => {
  assert.equal(plainText('\ufdd0\ufdef'), '\ufffd\ufffd');
});

test('marks that are stacked on a letter end after eight, and scripts that need some keep theirs', () => {
  const zalgo = drawn(`Z${'\u0301'.repeat(5_000)}a`);
  assert.deepEqual(
    zalgo.map(({ text, style }) => [text, style]),
    [
      [`Z${'\u0301'.repeat(8)}`, ''],
      ['MARKS', 'control'],
      ['a', ''],
    ],
  );
  for (const text of ['é', 'नमस्ते', 'ก็็', '👩‍👩‍👧‍👦 👍🏽', 'שָׁלוֹם'])
    assert.deepEqual(drawn(text), [{ text, style: '', isHit: false }]);
});
