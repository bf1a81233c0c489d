import { isUtf8 } from 'node:buffer';

const CONTINUES = 0x80;

/** Where bytes stop being well-formed UTF-8 (Unicode 15, table 3-7): the offset of the first byte of what is not; undefined where all is. */
export function firstBadByte(bytes: Buffer): number | undefined {
  if (isUtf8(bytes)) return undefined;
  let at = 0;
  while (at < bytes.length) {
    const length = sequenceLength(bytes, at);
    if (length === 0) return at;
    at += length;
  }
  return undefined;
}

/** The length of the character at `at`; 0 where there is none. */
function sequenceLength(bytes: Buffer, at: number): number {
  const first = bytes[at] as number;
  if (first < 0x80) return 1;
  if (first < 0xc2 || first > 0xf4) return 0;
  const length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  const [least, most] = secondByteRange(first);
  const second = bytes[at + 1] ?? 0;
  if (second < least || second > most) return 0;
  for (let index = 2; index < length; index += 1) if (((bytes[at + index] ?? 0) & 0xc0) !== CONTINUES) return 0;
  return length;
}

/** No overlong forms, no halves of surrogate pairs, nothing beyond U+10FFFF. */
function secondByteRange(first: number): readonly [least: number, most: number] {
  if (first === 0xe0) return [0xa0, 0xbf];
  if (first === 0xed) return [CONTINUES, 0x9f];
  if (first === 0xf0) return [0x90, 0xbf];
  if (first === 0xf4) return [CONTINUES, 0x8f];
  return [CONTINUES, 0xbf];
}
