/** The colours of styles/tokens.css and ansi.css, computed: every text on every ground that it can stand on. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

type Colour = readonly number[];
const AA = 4.5;
const styles = join(import.meta.dirname, '..', '..', 'public', 'styles');
const tokens = readFileSync(join(styles, 'tokens.css'), 'utf8');
const sixteen = Array.from({ length: 16 }, (_, index) => `ansi${index}`);

function colourOf(name: string, theme: 'light' | 'dark'): Colour {
  const [, light, dark] = new RegExp(`--${name}: light-dark\\((#\\w{6}), (#\\w{6})\\)`).exec(tokens) ?? [];
  const hex = theme === 'light' ? light : dark;
  assert.ok(hex, `tokens.css has no --${name}`);
  return [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255);
}

function mix(colour: Colour, ground: Colour, share: number): Colour {
  return colour.map((part, index) => part * share + (ground[index] ?? 0) * (1 - share));
}

/** WCAG 2.2, relative luminance. */
function luminance(colour: Colour): number {
  const [red = 0, green = 0, blue = 0] = colour.map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: Colour, other: Colour): number {
  const [lighter = 0, darker = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (lighter + 0.05) / (darker + 0.05);
}

for (const theme of ['light', 'dark'] as const) {
  const of = (name: string) => colourOf(name, theme);
  const tinted = (level: string) => mix(of(level), of('bg'), 0.08);
  const grounds: [name: string, ground: Colour][] = [
    ['bg', of('bg')],
    ['a row of an error', tinted('error')],
    ['a row of a warning', tinted('warn')],
    ['selection', of('selection')],
  ];

  test(`in the ${theme} theme every colour of text has a contrast of 4.5 on every ground of a row`, () => {
    for (const [name, ground] of grounds)
      for (const text of [...sixteen, 'text', 'dim', 'accent', 'error', 'warn', 'debug'])
        assert.ok(contrast(of(text), ground) >= AA, `${text} on ${name}: ${contrast(of(text), ground).toFixed(2)}`);
  });

  test(`in the ${theme} theme text on the grounds of terminals, inverse text and the filter's finds have it too`, () => {
    const share = Number(/--ansi0\) (\d+)%/.exec(readFileSync(join(styles, 'ansi.css'), 'utf8'))?.[1]) / 100;
    for (const name of sixteen) {
      assert.ok(contrast(of('text'), mix(of(name), of('bg'), share)) >= AA, `text on ${name}`);
      assert.ok(contrast(of('bg'), of(name)) >= AA, `inverse ${name}`);
    }
    assert.ok(contrast(of('text'), of('hit')) >= AA);
    for (let rule = 1; rule <= 6; rule += 1) assert.ok(contrast(of('text'), of(`rule${rule}`)) >= AA, `highlight ${rule}`);
    assert.ok(contrast(of('bg'), of('text')) >= AA);
  });
}
