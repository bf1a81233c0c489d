/** A stretch of text in one style; `style` is a list of class names, empty for plain text. */
export interface StyledText {
  readonly text: string;
  readonly style: string;
}

const ESC = '\u001b';
const BEL = '\u0007';
const CSI = String.raw`\[([0-?]*)[ -/]*([@-~])`;
const OSC = String.raw`\][^${BEL}${ESC}]*(?:${BEL}|${ESC}\\|$)`;
const STRING = String.raw`[PX^_][^${ESC}]*(?:${ESC}\\|$)`;
const OTHER = '[ -/]*[0-~]';
/** A sequence that the end of the line has torn counts as well (ECMA-48 §5.4 names the ranges). */
const SEQUENCE = new RegExp(`${ESC}(?:${CSI}|${OSC}|${STRING}|${OTHER}|$)`, 'g');
const INVISIBLE = /(?![\t\n])\p{Cc}/gu;

interface Pen {
  colour: number | undefined;
  ground: number | undefined;
  bold: boolean;
  dim: boolean;
  italic: boolean;
  underline: boolean;
  inverse: boolean;
}

/** True where the text has something that `parseAnsi` would take out. */
export function hasAnsi(text: string): boolean {
  return text.includes(ESC);
}

/** The text as it reads: no escape sequences, other control characters as their pictures (`␀`). */
export function plainText(text: string): string {
  return showControls(hasAnsi(text) ? text.replace(SEQUENCE, '') : text);
}

/** Splits at SGR sequences and drops all others; what a terminal would colour has class names of our sixteen colours. */
export function parseAnsi(text: string): StyledText[] {
  if (!hasAnsi(text)) return [{ text: showControls(text), style: '' }];
  const pen = newPen();
  const parts: StyledText[] = [];
  let from = 0;
  const push = (until: number) => {
    if (until > from) parts.push({ text: showControls(text.slice(from, until)), style: classesOf(pen) });
  };
  for (const match of text.matchAll(SEQUENCE)) {
    push(match.index);
    from = match.index + match[0].length;
    if (match[2] === 'm') applySgr(pen, match[1] ?? '');
  }
  push(text.length);
  return parts;
}

function showControls(text: string): string {
  return text.replace(INVISIBLE, (character) => {
    const code = character.charCodeAt(0);
    if (code < 0x20) return String.fromCharCode(0x2400 + code);
    return code === 0x7f ? '\u2421' : '\ufffd';
  });
}

function newPen(): Pen {
  return { colour: undefined, ground: undefined, bold: false, dim: false, italic: false, underline: false, inverse: false };
}

function applySgr(pen: Pen, parameters: string): void {
  const codes = parameters.split(/[;:]/).map(Number);
  for (let index = 0; index < codes.length; index += 1) {
    const code = codes[index] ?? 0;
    if (code === 38 || code === 48) index += applyExtended(pen, code, codes.slice(index + 1));
    else applyCode(pen, code);
  }
}

/** 256 colours: the first sixteen are ours, the others and true colours stay plain. Returns how many codes it took. */
function applyExtended(pen: Pen, code: number, rest: number[]): number {
  const colour = rest[0] === 5 && (rest[1] ?? 16) < 16 ? rest[1] : undefined;
  if (code === 38) pen.colour = colour;
  else pen.ground = colour;
  return rest[0] === 5 ? 2 : 4;
}

function applyCode(pen: Pen, code: number): void {
  if (code === 0) Object.assign(pen, newPen());
  else if (code === 1) pen.bold = true;
  else if (code === 2) pen.dim = true;
  else if (code === 3) pen.italic = true;
  else if (code === 4) pen.underline = true;
  else if (code === 7) pen.inverse = true;
  else if (code === 22) Object.assign(pen, { bold: false, dim: false });
  else if (code === 23) pen.italic = false;
  else if (code === 24) pen.underline = false;
  else if (code === 27) pen.inverse = false;
  else if (code === 39) pen.colour = undefined;
  else if (code === 49) pen.ground = undefined;
  else applyColour(pen, code);
}

function applyColour(pen: Pen, code: number): void {
  if (code >= 30 && code <= 37) pen.colour = code - 30;
  else if (code >= 90 && code <= 97) pen.colour = code - 82;
  else if (code >= 40 && code <= 47) pen.ground = code - 40;
  else if (code >= 100 && code <= 107) pen.ground = code - 92;
}

function classesOf(pen: Pen): string {
  const classes: string[] = [];
  if (pen.colour !== undefined) classes.push(`fg${pen.colour}`);
  if (pen.ground !== undefined) classes.push(`bg${pen.ground}`);
  if (pen.bold) classes.push('bold');
  if (pen.dim) classes.push('faint');
  if (pen.italic) classes.push('italic');
  if (pen.underline) classes.push('underline');
  if (pen.inverse) classes.push('inverse');
  return classes.join(' ');
}
