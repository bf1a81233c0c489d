import { applySgr, classesOf, newPen } from './sgr.ts';
import { showControls } from './unseen.ts';

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
/** A line of nothing but colour changes would be an element for each of its characters: what comes after so many stays plain. */
export const MAX_STYLED_PARTS = 500;

/** True where the text has something that `parseAnsi` would take out. */
export function hasAnsi(text: string): boolean {
  return text.includes(ESC);
}

/** The text as it reads: no escape sequences, other control characters as their pictures (`␀`). */
export function plainText(text: string): string {
  return showControls(hasAnsi(text) ? text.replace(SEQUENCE, '') : text);
}

/** The text that is filtered and judged: as it is written, but for escape sequences. */
export function readable(text: string): string {
  return hasAnsi(text) ? plainText(text) : text;
}

/** Splits at SGR sequences and drops all others; what a terminal would colour has class names of our sixteen colours. */
export function parseAnsi(text: string): StyledText[] {
  if (!hasAnsi(text)) return [{ text: showControls(text), style: '' }];
  const pen = newPen();
  const parts: { text: string; style: string }[] = [];
  let from = 0;
  const push = (until: number) => {
    if (until > from) add(parts, showControls(text.slice(from, until)), classesOf(pen));
  };
  for (const match of text.matchAll(SEQUENCE)) {
    push(match.index);
    if (parts.length === MAX_STYLED_PARTS) return [...parts, { text: plainText(text.slice(match.index)), style: '' }];
    from = match.index + match[0].length;
    if (match[2] === 'm') applySgr(pen, match[1] ?? '');
  }
  push(text.length);
  return parts;
}

/** What looks like the part before is one with it. */
function add(parts: { text: string; style: string }[], text: string, style: string): void {
  const last = parts.at(-1);
  if (last?.style === style) last.text += text;
  else parts.push({ text, style });
}
