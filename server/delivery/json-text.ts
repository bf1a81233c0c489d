import type { ByteSink } from './byte-sink.ts';

/** A byte becomes at most so many in JSON: `\u0000`. */
export const MAX_JSON_BYTES = 6;

const LF = 10;
const CR = 13;
const BACKSLASH = 0x5c;
const DIGITS = Buffer.from('0123456789abcdef');
/** How JSON.stringify escapes each byte: 0 not at all, `u` by its number, else by a backslash and this letter (RFC 8259 §7). */
const ESCAPES = new Uint8Array(256).fill(0x75, 0, 0x20);
for (const [byte, letter] of Object.entries({ 8: 'b', 9: 't', 10: 'n', 12: 'f', 13: 'r', 34: '"', 92: '\\' }))
  ESCAPES[Number(byte)] = letter.charCodeAt(0);

/**
 * Writes `bytes[start, end)`, well-formed UTF-8, as the inside of a JSON string; CRLF and CR become LF first. There is room for
 * MAX_JSON_BYTES times as much. Four bytes at a time where none of them is escaped.
 */
export function writeJsonText(bytes: Buffer, view: DataView, start: number, end: number, sink: ByteSink): void {
  const { bytes: target, view: words } = sink;
  let { at } = sink;
  let place = start;
  while (place < end) {
    const word = place + 4 <= end ? view.getInt32(place, true) : 0;
    if (!needsEscape(word)) {
      words.setInt32(at, word, true);
      at += 4;
      place += 4;
      continue;
    }
    const stop = Math.min(end, place + 4);
    for (; place < stop; place += 1) {
      const byte = bytes[place] as number;
      // Of CRLF only the LF is written.
      if (byte === CR && place + 1 < end && bytes[place + 1] === LF) continue;
      at = writeByte(byte === CR ? LF : byte, target, at);
    }
  }
  sink.at = at;
}

/** Whether one of four bytes is below 0x20, a quote or a backslash (graphics.stanford.edu/~seander/bithacks.html#HasLessInWord). */
function needsEscape(word: number): boolean {
  const quote = word ^ 0x22222222;
  const backslash = word ^ 0x5c5c5c5c;
  const found = ((word - 0x20202020) & ~word) | ((quote - 0x01010101) & ~quote) | ((backslash - 0x01010101) & ~backslash);
  return (found & 0x80808080) !== 0;
}

function writeByte(byte: number, target: Buffer, at: number): number {
  const letter = ESCAPES[byte] as number;
  if (letter === 0) {
    target[at] = byte;
    return at + 1;
  }
  target[at] = BACKSLASH;
  target[at + 1] = letter;
  if (letter !== 0x75) return at + 2;
  target[at + 2] = target[at + 3] = DIGITS[0] as number;
  target[at + 4] = DIGITS[byte >> 4] as number;
  target[at + 5] = DIGITS[byte & 15] as number;
  return at + 6;
}
