/**
 * Colours of terminals as the nearest of the sixteen that the page has for each theme. A colour as it is named could not be read on
 * one ground or the other: it was chosen for a terminal whose ground nobody knows.
 */

const BLACK = 0;
const WHITE = 7;
const GREY = 8;
const BRIGHT_WHITE = 15;
const BRIGHT = 8;
/** Below this difference of its strongest and weakest part a colour is grey. */
const GREY_CHROMA = 40;
/** Hues in degrees, each up to where the next begins: red, yellow, green, cyan, blue, magenta, red. */
const HUES: readonly (readonly [below: number, colour: number])[] = [
  [18, 1],
  [72, 3],
  [165, 2],
  [200, 6],
  [262, 4],
  [340, 5],
  [361, 1],
];
const CUBE_STEPS = [0, 95, 135, 175, 215, 255];

/** Of the 256: sixteen of the terminal's own, a cube of 6 × 6 × 6, and 24 greys. */
export function cubeColour(index: number): number | undefined {
  if (!Number.isInteger(index) || index < 0 || index > 255) return undefined;
  if (index < 16) return index;
  if (index >= 232) return greyOf(8 + (index - 232) * 10);
  const place = index - 16;
  const step = (divisor: number) => CUBE_STEPS[Math.floor(place / divisor) % 6] ?? 0;
  return trueColour(step(36), step(6), step(1));
}

/** The nearest by hue, since hue is what is meant by a colour; each part is 0 to 255. */
export function trueColour(red: number, green: number, blue: number): number | undefined {
  if (![red, green, blue].every((part) => part >= 0 && part <= 255)) return undefined;
  const most = Math.max(red, green, blue);
  const least = Math.min(red, green, blue);
  const lightness = (most + least) / 2;
  if (most - least < GREY_CHROMA) return greyOf(lightness);
  const hue = hueOf(red, green, blue, most, most - least);
  const colour = HUES.find(([below]) => hue < below)?.[1] ?? 1;
  return lightness > 150 ? colour + BRIGHT : colour;
}

function greyOf(lightness: number): number {
  if (lightness < 64) return BLACK;
  if (lightness < 150) return GREY;
  return lightness < 225 ? WHITE : BRIGHT_WHITE;
}

function hueOf(red: number, green: number, blue: number, most: number, chroma: number): number {
  if (most === red) return (60 * ((green - blue) / chroma) + 360) % 360;
  return most === green ? 60 * (2 + (blue - red) / chroma) : 60 * (4 + (red - green) / chroma);
}
