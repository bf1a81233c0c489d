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

test('256 and true colours become the nearest of the sixteen by hue, and swallow their numbers', () => {
  assert.deepEqual(parseAnsi(`${ESC}[38;5;196;4mx${ESC}[38;2;1;31;140my${ESC}[38;5;9mz`), [
    { text: 'x', style: 'fg1 underline' },
    { text: 'y', style: 'fg4 underline' },
    { text: 'z', style: 'fg9 underline' },
  ]);
  const named: [red: number, green: number, blue: number, colour: number][] = [
    [255, 0, 0, 1],
    [255, 165, 0, 3],
    [0, 128, 0, 2],
    [0, 139, 139, 6],
    [255, 105, 180, 13],
    [30, 30, 30, 0],
    [250, 250, 250, 15],
  ];
  for (const [red, green, blue, colour] of named) {
    assert.deepEqual(parseAnsi(`${ESC}[38;2;${red};${green};${blue}mx`), [{ text: 'x', style: `fg${colour}` }]);
    assert.deepEqual(parseAnsi(`${ESC}[38:2::${red}:${green}:${blue}mx`), [{ text: 'x', style: `fg${colour}` }]);
  }
});

test('bold, faint, italic, underlined, struck and inverse begin and end, and a ground takes the place of the colour', () => {
  assert.deepEqual(parseAnsi(`${ESC}[1;2;3;4;9;7ma${ESC}[22;23;24;27;29mb`), [
    { text: 'a', style: 'bold faint italic underline struck inverse' },
    { text: 'b', style: '' },
  ]);
  assert.deepEqual(parseAnsi(`${ESC}[31;44ma${ESC}[7mb${ESC}[39mc${ESC}[27md${ESC}[49me${ESC}[4:3;58;5;9mf${ESC}[4:0mg`), [
    { text: 'a', style: 'bg4' },
    { text: 'b', style: 'fg1 inverse' },
    { text: 'c', style: 'fg4 inverse' },
    { text: 'd', style: 'bg4' },
    { text: 'e', style: '' },
    { text: 'f', style: 'underline' },
    { text: 'g', style: '' },
  ]);
});

test('colours that are none, and other numbers, are passed over', () => {
  assert.deepEqual(parseAnsi(`${ESC}[38;5;999;1ma${ESC}[38;11;1;73mb${ESC}[;mc`), [
    { text: 'ab', style: 'bold' },
    { text: 'c', style: '' },
  ]);
});

test('a line of nothing but colour changes has a bounded number of parts, and all of its text', () => {
  const bomb = Array.from({ length: 50_000 }, (_, index) => `${ESC}[3${index % 8}mx`).join('');
  const parts = parseAnsi(bomb);
  assert.ok(parts.length <= 501, `${parts.length} parts`);
  assert.equal(parts.map(({ text }) => text).join(''), 'x'.repeat(50_000));
});

test('cursor moves, titles and torn sequences are never shown', () => {
  assert.equal(plainText(`${ESC}[2K${ESC}]0;title\u0007a${ESC}]8;;http://x${ESC}\\b${ESC}[?25lc${ESC}(Bd${ESC}[`), 'abcd');
  assert.equal(plainText(`end${ESC}`), 'end');
});

test('other control characters show as their pictures', () => {
  assert.equal(plainText('a\u0000b\u0008c\td'), 'a␀b␈c\td');
});
