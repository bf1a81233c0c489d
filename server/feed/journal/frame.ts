import { crc32 } from 'node:zlib';
import { JOURNAL_CURSOR_LENGTH, readOffset, writeOffset } from './journal-cursor.ts';

/**
 * A frame of a journal is an event as it goes over the wire, behind a comment that checks it:
 *
 *     :CHECKSUM MILLISECONDS[ KEYHASH]
 *     id: CURSOR
 *     event: TYPE          where it has one
 *     data: LINE           for each line of the data
 *
 * The checksum (CRC-32, eight hexadecimal digits) is of all behind it, the empty line included. The id tells where the frame ends.
 */
const CHECKSUM_END = 9;
const TIME_AT = 10;
const TIME_DIGITS = 13;
const PLAIN_HEAD = TIME_AT + TIME_DIGITS;
export const KEY_HASH_LENGTH = 16;
const KEYED_HEAD = PLAIN_HEAD + 1 + KEY_HASH_LENGTH;
const ID = '\nid: ';
const DATA = Buffer.from('\ndata: ');
const EVENT = Buffer.from('\nevent: ');
const MAX_HEAD_BYTES = KEYED_HEAD + ID.length + JOURNAL_CURSOR_LENGTH;
const MIN_FRAME_BYTES = PLAIN_HEAD + ID.length + JOURNAL_CURSOR_LENGTH + DATA.length + 2;
const COLON = 58;
const SPACE = 32;
const LF = 10;
const CR = 13;
const HEX = Buffer.from('0123456789abcdef');

export interface FrameContent {
  readonly data: Buffer;
  readonly type: string | undefined;
  readonly keyHash: string | undefined;
  readonly timeMs: number;
}

/** Room for a frame, not less than it needs. */
export function frameRoom({ data, type }: FrameContent): number {
  const text = type === undefined ? 0 : EVENT.length + 3 * type.length;
  return MAX_HEAD_BYTES + text + DATA.length + data.length + countBreaks(data) * DATA.length + 2;
}

/** Writes the frame of an event at `at`; `offset` is where that is in the journal. Answers the place behind it. */
export function writeFrame(content: FrameContent, epoch: string, offset: number, target: Buffer, at: number): number {
  const { data, type, keyHash, timeMs } = content;
  const key = keyHash === undefined ? '' : ` ${keyHash}`;
  const head = `:00000000 ${timeMs}${key}${ID}j${epoch}0000000000`;
  const idEnd = at + target.write(head, at, 'latin1');
  let place = idEnd;
  if (type !== undefined) {
    place += EVENT.copy(target, place);
    place += target.write(type, place);
  }
  place += DATA.copy(target, place);
  place = writeData(data, target, place);
  target[place] = LF;
  target[place + 1] = LF;
  place += 2;
  writeOffset(offset + place - at, target, idEnd);
  writeHex(crc32(target.subarray(at + CHECKSUM_END, place)), target, at + 1);
  return place;
}

/** The end of the frame at `at`, where there is a whole one that its checksum fits; -1 where there is not. `offset` is that of `at`. */
export function checkFrame(bytes: Buffer, at: number, epoch: string, offset: number): number {
  if (bytes[at] !== COLON || bytes.length - at < MIN_FRAME_BYTES) return -1;
  const idEnd = at + headLength(bytes, at) + ID.length + JOURNAL_CURSOR_LENGTH;
  const length = readOffset(bytes, idEnd) - offset;
  const end = at + length;
  if (!(length >= MIN_FRAME_BYTES) || end > bytes.length || bytes[end - 1] !== LF || bytes[end - 2] !== LF) return -1;
  if (!isAt(bytes, idEnd - JOURNAL_CURSOR_LENGTH - ID.length, `${ID}j${epoch}`)) return -1;
  return readHex(bytes, at + 1) === crc32(bytes.subarray(at + CHECKSUM_END, end)) ? end : -1;
}

/** The parts of a frame that is known to be whole, as places in its bytes. */
export interface FrameParts {
  /** Behind the id. */
  idEnd: number;
  typeStart: number;
  /** As `typeStart` where it has no type. */
  typeEnd: number;
  /** Where the first line of the data begins. */
  dataStart: number;
  end: number;
}

/** Fills `parts` with those of the frame at `at`, which is at `offset` in the journal. */
export function findParts(bytes: Buffer, at: number, offset: number, parts: FrameParts): void {
  const idEnd = at + headLength(bytes, at) + ID.length + JOURNAL_CURSOR_LENGTH;
  parts.idEnd = idEnd;
  parts.end = at + readOffset(bytes, idEnd) - offset;
  const hasType = bytes[idEnd + 1] === EVENT[1];
  parts.typeStart = idEnd + (hasType ? EVENT.length : 0);
  parts.typeEnd = hasType ? bytes.indexOf(LF, parts.typeStart) : parts.typeStart;
  parts.dataStart = parts.typeEnd + DATA.length;
}

export function timeOf(bytes: Buffer, at: number): number {
  let ms = 0;
  for (let place = at + TIME_AT; place < at + PLAIN_HEAD; place += 1) ms = ms * 10 + (bytes[place] as number) - 48;
  return ms;
}

export function keyHashOf(bytes: Buffer, at: number): string | undefined {
  return headLength(bytes, at) === PLAIN_HEAD ? undefined : bytes.toString('latin1', at + PLAIN_HEAD + 1, at + KEYED_HEAD);
}

/** Copies data out of a frame, its lines joined with LF; answers the place behind it in `target`. */
export function joinLines(bytes: Buffer, from: number, to: number, target: Buffer, at: number): number {
  let place = at;
  for (let start = from; ; ) {
    const found = bytes.indexOf(LF, start);
    const end = found < 0 || found > to ? to : found;
    place += bytes.copy(target, place, start, end);
    if (end === to) return place;
    target[place] = LF;
    place += 1;
    start = end + DATA.length;
  }
}

/** The first frame at `at` or later in `bytes` that fits its checksum; `bytes.length` where there is none. */
export function nextFrame(bytes: Buffer, at: number, epoch: string, offset: number): number {
  let place = bytes.indexOf(COLON, at);
  while (place >= 0 && checkFrame(bytes, place, epoch, offset + place - at) < 0) place = bytes.indexOf(COLON, place + 1);
  return place < 0 ? bytes.length : place;
}

function headLength(bytes: Buffer, at: number): number {
  return bytes[at + PLAIN_HEAD] === SPACE ? KEYED_HEAD : PLAIN_HEAD;
}

function countBreaks(data: Buffer): number {
  let count = 0;
  for (let at = data.indexOf(LF); at >= 0; at = data.indexOf(LF, at + 1)) count += 1;
  for (let at = data.indexOf(CR); at >= 0; at = data.indexOf(CR, at + 1)) count += 1;
  return count;
}

/** CRLF, CR and LF each begin another line of data. */
function writeData(data: Buffer, target: Buffer, at: number): number {
  if (!data.includes(LF) && !data.includes(CR)) return at + data.copy(target, at);
  let place = at;
  for (let index = 0; index < data.length; index += 1) {
    const byte = data[index] as number;
    if (byte === LF || byte === CR) {
      if (byte === CR && data[index + 1] === LF) index += 1;
      place += DATA.copy(target, place);
    } else {
      target[place] = byte;
      place += 1;
    }
  }
  return place;
}

function isAt(bytes: Buffer, at: number, text: string): boolean {
  for (let index = 0; index < text.length; index += 1) if (bytes[at + index] !== text.charCodeAt(index)) return false;
  return true;
}

function writeHex(value: number, target: Buffer, at: number): void {
  for (let digit = 0; digit < 8; digit += 1) target[at + digit] = HEX[(value >>> (28 - 4 * digit)) & 15] as number;
}

/** -1 where there are no eight hexadecimal digits as we write them. */
function readHex(bytes: Buffer, at: number): number {
  let value = 0;
  for (let place = at; place < at + 8; place += 1) {
    const digit = HEX.indexOf(bytes[place] as number);
    if (digit < 0) return -1;
    value = value * 16 + digit;
  }
  return value;
}
