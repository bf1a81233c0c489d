import { createHash } from 'node:crypto';
import type { BigIntStats } from 'node:fs';

/** At most this many bytes of a file's head are hashed into a cursor. */
export const HEAD_BYTES = 1024;
/** This many bytes before a position are hashed into its cursor and compared again at each look. */
export const CONTEXT_BYTES = 64;

const HEAD_HASH_CHARS = 12;
const HINT_CHARS = 5;
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const DIGITS = Buffer.from(ALPHABET, 'latin1');

/** 72 bits of SHA-256 over a file's first bytes, in base64url. */
export function hashHead(head: Buffer): string {
  return createHash('sha256').update(head).digest('base64url').slice(0, HEAD_HASH_CHARS);
}

/**
 * 30 bits that tell two files with equal content apart. Inodes are reused at once, birth times are not; device numbers change
 * over reboots and containers, so they are left out.
 */
export function hashIdentity(stats: Pick<BigIntStats, 'ino' | 'birthtimeNs'>): string {
  return createHash('sha256').update(`${stats.ino}:${stats.birthtimeNs}`).digest('base64url').slice(0, HINT_CHARS);
}

const scratch = Buffer.alloc(CONTEXT_BYTES);

/**
 * Writes 36 bits of hash over the `length` bytes (at most 64) that end at `end` of `bytes`, as 6 base64url digits.
 * Two multiply-xorshift lanes over 32-bit words: 16 steps a line, since this runs for every line that is read.
 */
export function writeContextHash(bytes: Buffer, end: number, length: number, target: Buffer, at: number): number {
  let source = bytes;
  let start = end - CONTEXT_BYTES;
  if (length < CONTEXT_BYTES) {
    scratch.fill(0);
    bytes.copy(scratch, CONTEXT_BYTES - length, end - length, end);
    source = scratch;
    start = 0;
  }
  let high = length | 0;
  let low = 0x27d4eb2f;
  for (let index = start; index < start + CONTEXT_BYTES; index += 4) {
    const word =
      (source[index] as number) |
      ((source[index + 1] as number) << 8) |
      ((source[index + 2] as number) << 16) |
      ((source[index + 3] as number) << 24);
    high = Math.imul(high ^ word, 0x9e3779b1);
    high ^= high >>> 15;
    low = Math.imul(low + word, 0x85ebca6b);
    low = (low << 13) | (low >>> 19);
  }
  high = Math.imul(high ^ low, 0xc2b2ae35);
  high ^= high >>> 16;
  low ^= low >>> 15;
  const digits = target;
  digits[at] = DIGITS[(high >>> 26) & 63] as number;
  digits[at + 1] = DIGITS[(high >>> 20) & 63] as number;
  digits[at + 2] = DIGITS[(high >>> 14) & 63] as number;
  digits[at + 3] = DIGITS[(high >>> 8) & 63] as number;
  digits[at + 4] = DIGITS[(high >>> 2) & 63] as number;
  digits[at + 5] = DIGITS[((high & 3) << 4) | (low & 15)] as number;
  return at + 6;
}

/** The same hash as text. */
export function hashContext(bytes: Buffer, end: number, length: number): string {
  const target = Buffer.allocUnsafe(6);
  writeContextHash(bytes, end, length, target, 0);
  return target.toString('latin1');
}

/** Writes `value` as `count` base64url digits, the most significant first. */
export function writeDigits(value: number, count: number, target: Buffer, at: number): number {
  let rest = value;
  for (let index = at + count - 1; index >= at; index -= 1) {
    const quotient = Math.floor(rest / 64);
    target[index] = DIGITS[rest - quotient * 64] as number;
    rest = quotient;
  }
  return at + count;
}

/** The number that `digits` write, or undefined where they are not base64url digits. */
export function readDigits(digits: string): number | undefined {
  let value = 0;
  for (const digit of digits) {
    const index = ALPHABET.indexOf(digit);
    if (index < 0) return undefined;
    value = value * 64 + index;
  }
  return value;
}
