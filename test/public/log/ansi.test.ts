import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseAnsi, plainText } from '../../../public/src/log/ansi.ts';

const ESC = '\u001b';

test('SGR colours become class names and leave no trace in the text', () => {
  assert.deepEqual(parseAnsi(`${ESC}[1;31mERROR${ESC}[0m it ${ESC}[92mworks${ESC}[39m`), [
    { text: 'ERROR', style: 'fg1 bold' },
    { text: ' it ', style: '' },
    { text: 'works', style: 'fg10' },
  ]);
});

test('256 and true colours beyond the sixteen are left plain, and swallow their numbers', () => {
  assert.deepEqual(parseAnsi(`${ESC}[38;5;196;4mx${ESC}[38;2;1;31;4my${ESC}[38;5;9mz`), [
    { text: 'x', style: 'underline' },
    { text: 'y', style: 'underline' },
    { text: 'z', style: 'fg9 underline' },
  ]);
});

test('cursor moves, titles and torn sequences are never shown', () => {
  assert.equal(plainText(`${ESC}[2K${ESC}]0;title\u0007a${ESC}]8;;http://x${ESC}\\b${ESC}[?25lc${ESC}(Bd${ESC}[`), 'abcd');
  assert.equal(plainText(`end${ESC}`), 'end');
});

test('other control characters show as their pictures', () => {
  assert.equal(plainText('a\u0000b\u0008c\td'), 'a␀b␈c\td');
});
