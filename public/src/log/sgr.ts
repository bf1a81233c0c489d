import { cubeColour, trueColour } from './terminal-colour.ts';

/** How a terminal would write at this place of a line; colours are numbers of our sixteen. */
export interface Pen {
  colour: number | undefined;
  ground: number | undefined;
  bold: boolean;
  faint: boolean;
  italic: boolean;
  underline: boolean;
  struck: boolean;
  inverse: boolean;
}

export function newPen(): Pen {
  return {
    colour: undefined,
    ground: undefined,
    bold: false,
    faint: false,
    italic: false,
    underline: false,
    struck: false,
    inverse: false,
  };
}

/** Takes in the parameters of one SGR sequence: `1;31`, `38;5;208`, `38;2;255;128;0`, and the same with colons (ITU T.416). */
export function applySgr(pen: Pen, parameters: string): void {
  const fields = parameters.split(';');
  for (let index = 0; index < fields.length; index += 1) {
    const [code = 0, ...own] = (fields[index] ?? '').split(':').map(Number);
    if (code !== 38 && code !== 48 && code !== 58) applyCode(pen, code, own);
    else if (own.length > 0) setColour(pen, code, withoutSpace(own));
    else index += setColour(pen, code, fields.slice(index + 1, index + 5).map(Number));
  }
}

/** The class names that draw it. A ground takes the colour's place, and inverse is a ground too: styles/ansi.css has the reason. */
export function classesOf(pen: Pen): string {
  const { colour, ground } = pen;
  const front = colour === undefined ? '' : `fg${colour}`;
  const back = ground === undefined ? '' : `fg${ground}`;
  const classes = pen.inverse ? [front || back] : [ground === undefined ? front : `bg${ground}`];
  if (pen.bold) classes.push('bold');
  if (pen.faint && front === '' && back === '') classes.push('faint');
  if (pen.italic) classes.push('italic');
  if (pen.underline) classes.push('underline');
  if (pen.struck) classes.push('struck');
  if (pen.inverse) classes.push('inverse');
  return classes.filter((name) => name !== '').join(' ');
}

/** `38:2:SPACE:r:g:b` has a colour space before the colour, which nobody fills in. */
function withoutSpace(own: readonly number[]): number[] {
  return own[0] === 2 && own.length > 4 ? [2, ...own.slice(2)] : [...own];
}

/** Returns how many fields the colour took. 58 is the colour of the underline, which is that of the text here. */
function setColour(pen: Pen, code: number, [form, ...rest]: number[]): number {
  if (form !== 2 && form !== 5) return 0;
  const colour = form === 5 ? cubeColour(rest[0] ?? 0) : trueColour(rest[0] ?? 0, rest[1] ?? 0, rest[2] ?? 0);
  if (code === 38) pen.colour = colour;
  if (code === 48) pen.ground = colour;
  return form === 5 ? 2 : 4;
}

function applyCode(pen: Pen, code: number, own: readonly number[]): void {
  if (code === 0) Object.assign(pen, newPen());
  else if (code === 1) pen.bold = true;
  else if (code === 2) pen.faint = true;
  else if (code === 3) pen.italic = true;
  else if (code === 4) pen.underline = own[0] !== 0;
  else if (code === 7) pen.inverse = true;
  else if (code === 9) pen.struck = true;
  else if (code === 21) pen.underline = true;
  else applyEnd(pen, code);
}

function applyEnd(pen: Pen, code: number): void {
  if (code === 22) Object.assign(pen, { bold: false, faint: false });
  else if (code === 23) pen.italic = false;
  else if (code === 24) pen.underline = false;
  else if (code === 27) pen.inverse = false;
  else if (code === 29) pen.struck = false;
  else if (code === 39) pen.colour = undefined;
  else if (code === 49) pen.ground = undefined;
  else applyNumbered(pen, code);
}

function applyNumbered(pen: Pen, code: number): void {
  if (code >= 30 && code <= 37) pen.colour = code - 30;
  else if (code >= 90 && code <= 97) pen.colour = code - 82;
  else if (code >= 40 && code <= 47) pen.ground = code - 40;
  else if (code >= 100 && code <= 107) pen.ground = code - 92;
}
