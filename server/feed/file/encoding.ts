import { isUtf8 } from 'node:buffer';

/** What a file's byte order mark says. Without one it is UTF-8, whatever its bytes are. */
export type Encoding = 'utf8' | 'utf16le' | 'utf16be';

const MARKS: readonly (readonly [encoding: Encoding, mark: Buffer])[] = [
  ['utf8', Buffer.from([0xef, 0xbb, 0xbf])],
  ['utf16le', Buffer.from([0xff, 0xfe])],
  ['utf16be', Buffer.from([0xfe, 0xff])],
];

const REPLACEMENT = '\ufffd';
/** A continuation byte of UTF-8 in a view stands for the second half of a surrogate pair: nothing is cut before either. */
const CONTINUATION = 0x80;

/** The encoding of content that begins with `head`, and the length of its byte order mark. */
export function encodingOf(head: Buffer): { readonly encoding: Encoding; readonly markBytes: number } {
  const found = MARKS.find(([, mark]) => head.subarray(0, mark.length).equals(mark));
  return found === undefined ? { encoding: 'utf8', markBytes: 0 } : { encoding: found[0], markBytes: found[1].length };
}

/** Bytes of the unit that lines are made of. */
export function unitBytesOf(encoding: Encoding): 1 | 2 {
  return encoding === 'utf8' ? 1 : 2;
}

/**
 * One byte for each unit of `bytes[start, end)`, so that all encodings are scanned alike: ASCII as it is, anything else as `x`.
 * UTF-8 is as it is. A last half unit counts as one.
 */
export function unitsOf(bytes: Buffer, start: number, end: number, encoding: Encoding): Buffer {
  if (encoding === 'utf8') return bytes.subarray(start, end);
  const view = Buffer.allocUnsafe(Math.ceil((end - start) / 2)).fill('x');
  const [low, high] = encoding === 'utf16le' ? [0, 1] : [1, 0];
  for (let unit = 0, at = start; at + 1 < end; unit += 1, at += 2) {
    const top = bytes[at + high] as number;
    const bottom = bytes[at + low] as number;
    if (top === 0 && bottom < 0x80) view[unit] = bottom;
    else if ((top & 0xfc) === 0xdc) view[unit] = CONTINUATION;
  }
  return view;
}

/** The same text as well-formed UTF-8: what is not well-formed becomes U+FFFD, as the WHATWG Encoding Standard says. */
export function toUtf8(raw: Buffer, encoding: Encoding): Buffer {
  if (encoding === 'utf8') return isUtf8(raw) ? raw : Buffer.from(raw.toString('utf8'), 'utf8');
  return Buffer.from(textOf(raw, encoding), 'utf8');
}

/** The text of bytes that are not all there yet: a character that is cut at their end is left out until the rest has come. */
export function textSoFar(raw: Buffer, encoding: Encoding): string {
  if (encoding === 'utf8') return new TextDecoder('utf-8', { ignoreBOM: true }).decode(raw, { stream: true });
  return textOf(raw.subarray(0, raw.length & ~1), encoding)
    .replace(/[\ud800-\udbff]$/, '')
    .toWellFormed();
}

/** The text of UTF-16 bytes. Lone surrogates are left for the next encoder to replace. */
function textOf(raw: Buffer, encoding: Encoding): string {
  const whole = raw.length & ~1;
  const units = raw.subarray(0, whole);
  const text = (encoding === 'utf16le' ? units : Buffer.from(units).swap16()).toString('utf16le');
  return whole === raw.length ? text : text + REPLACEMENT;
}
