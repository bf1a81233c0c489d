import { randomBytes } from 'node:crypto';
import type { Cursor } from '../cursor.ts';

const EPOCH_LENGTH = 8;
const OFFSET_DIGITS = 10;
/** All cursors of a journal are as long, so that the length of a frame does not depend on where it is. */
export const JOURNAL_CURSOR_LENGTH = 1 + EPOCH_LENGTH + OFFSET_DIGITS;
export const MAX_OFFSET = 36 ** OFFSET_DIGITS - 1;

const FORM = /^j([A-Za-z0-9_-]{8})([0-9a-z]{10})$/;
const DIGITS = Buffer.from('0123456789abcdefghijklmnopqrstuvwxyz');

/** A place in a journal: behind the first `offset` bytes of it, as they were in the epoch. */
export interface JournalPlace {
  readonly epoch: string;
  readonly offset: number;
}

/** A new identity of what is written from now on: 48 random bits. */
export function newEpoch(): string {
  return randomBytes(6).toString('base64url');
}

export function formatJournalCursor(epoch: string, offset: number): Cursor {
  return `j${epoch}${offset.toString(36).padStart(OFFSET_DIGITS, '0')}` as Cursor;
}

export function parseJournalCursor(cursor: string): JournalPlace | undefined {
  const parts = FORM.exec(cursor);
  return parts === null ? undefined : { epoch: parts[1] ?? '', offset: Number.parseInt(parts[2] ?? '', 36) };
}

/** Writes the digits of `offset` so that they end before `end`. */
export function writeOffset(offset: number, target: Buffer, end: number): void {
  let rest = offset;
  for (let at = end - 1; at >= end - OFFSET_DIGITS; at -= 1) {
    const higher = Math.floor(rest / 36);
    target[at] = DIGITS[rest - higher * 36] as number;
    rest = higher;
  }
}

/** The offset whose digits end before `end`; NaN where they are none. */
export function readOffset(bytes: Buffer, end: number): number {
  let offset = 0;
  for (let at = end - OFFSET_DIGITS; at < end; at += 1) {
    const byte = bytes[at] as number;
    if (byte >= 48 && byte <= 57) offset = offset * 36 + byte - 48;
    else if (byte >= 97 && byte <= 122) offset = offset * 36 + byte - 87;
    else return Number.NaN;
  }
  return offset;
}
