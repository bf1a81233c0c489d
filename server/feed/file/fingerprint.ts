import { createHash } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import { viewOf } from '../byte-view.ts';

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

const PRIME_1 = 0x9e3779b1;
const PRIME_2 = 0x85ebca77;
const PRIME_3 = 0xc2b2ae3d;

/**
 * Writes 36 bits of hash over the `length` bytes (at most 64; fewer count as if NULs stood before them) that end at `end` of `bytes`,
 * as 6 base64url digits. The four lanes of XXH32 (github.com/Cyan4973/xxHash), seed 0, folded twice: this runs for every line that is
 * read, and lanes do not wait for each other.
 */
export function writeContextHash(bytes: DataView, end: number, length: number, target: Uint8Array, at: number): number {
  const source = length < CONTEXT_BYTES ? padded(bytes, end, length) : bytes;
  const start = length < CONTEXT_BYTES ? 0 : end - CONTEXT_BYTES;
  let a = (PRIME_1 + PRIME_2) | 0;
  let b = PRIME_2 | 0;
  let c = 0;
  let d = -PRIME_1 | 0;
  for (let place = start; place < start + CONTEXT_BYTES; place += 16) {
    a = mixed(a, source.getInt32(place, true));
    b = mixed(b, source.getInt32(place + 4, true));
    c = mixed(c, source.getInt32(place + 8, true));
    d = mixed(d, source.getInt32(place + 12, true));
  }
  let high = (rotated(a, 1) + rotated(b, 7) + rotated(c, 12) + rotated(d, 18) + length) | 0;
  high = Math.imul(high ^ (high >>> 15), PRIME_2);
  high = Math.imul(high ^ (high >>> 13), PRIME_3);
  high ^= high >>> 16;
  const low = Math.imul(rotated(a, 18) ^ rotated(b, 12) ^ rotated(c, 7) ^ rotated(d, 1), PRIME_1) >>> 28;
  target[at] = DIGITS[(high >>> 26) & 63] as number;
  target[at + 1] = DIGITS[(high >>> 20) & 63] as number;
  target[at + 2] = DIGITS[(high >>> 14) & 63] as number;
  target[at + 3] = DIGITS[(high >>> 8) & 63] as number;
  target[at + 4] = DIGITS[(high >>> 2) & 63] as number;
  target[at + 5] = DIGITS[((high & 3) << 4) | low] as number;
  return at + 6;
}

function mixed(lane: number, word: number): number {
  return Math.imul(rotated((lane + Math.imul(word, PRIME_2)) | 0, 13), PRIME_1);
}

function rotated(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}

function padded(bytes: DataView, end: number, length: number): DataView {
  const context = new DataView(new ArrayBuffer(CONTEXT_BYTES));
  for (let index = 1; index <= length; index += 1) context.setUint8(CONTEXT_BYTES - index, bytes.getUint8(end - index));
  return context;
}

/** The same hash as text. */
export function hashContext(bytes: Buffer, end: number, length: number): string {
  const target = Buffer.allocUnsafe(6);
  writeContextHash(viewOf(bytes), end, length, target, 0);
  return target.toString('latin1');
}

/** Writes `value`, less than 2^24, as 4 base64url digits. */
export function writeFourDigits(value: number, target: Uint8Array, at: number): void {
  target[at] = DIGITS[(value >>> 18) & 63] as number;
  target[at + 1] = DIGITS[(value >>> 12) & 63] as number;
  target[at + 2] = DIGITS[(value >>> 6) & 63] as number;
  target[at + 3] = DIGITS[value & 63] as number;
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
