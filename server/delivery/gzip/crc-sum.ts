import { crc32 } from 'node:zlib';

/** What the end of a gzip stream must know of a stretch of it: known of two, it is known of both together without their bytes. */
export interface CrcSum {
  readonly crc: number;
  readonly length: number;
  /** By this the CRC of what stands before is multiplied: x to the power of the stretch's bits. */
  readonly shift: number;
}

/** The polynomial of CRC-32 (RFC 1952 §8), lowest power in the highest bit; so 1 is the highest bit. */
const POLYNOMIAL = 0xedb88320;
const ONE = 1 << 31;
const X = 1 << 30;
/** x to the power of 2 to the power of the index. */
const SQUARES = squaresOf(X, 32);
const BYTE = 3;

export const NO_BYTES: CrcSum = { crc: 0, length: 0, shift: ONE };

export function sumOf(bytes: Uint8Array): CrcSum {
  return { crc: crc32(bytes), length: bytes.length, shift: shiftOver(bytes.length) };
}

/** The CRC-32 of what has `crc` with `next` behind it. */
export function crcWith(crc: number, next: CrcSum): number {
  return multiply(next.shift, crc) ^ next.crc;
}

export function joined(first: CrcSum, second: CrcSum): CrcSum {
  return {
    crc: crcWith(first.crc, second),
    length: first.length + second.length,
    shift: multiply(first.shift, second.shift),
  };
}

function shiftOver(bytes: number): number {
  let shift = ONE;
  for (let [left, power] = [bytes, BYTE]; left > 0; left = Math.floor(left / 2), power += 1)
    if (left % 2 === 1) shift = multiply(SQUARES[power % SQUARES.length] as number, shift);
  return shift;
}

/** Of polynomials over GF(2), modulo that of the CRC; some 50 ns, since it is done for each write to each reader. */
function multiply(a: number, b: number): number {
  let product = 0;
  for (let [left, shifted] = [a, b]; left !== 0; left <<= 1) {
    product ^= shifted & (left >> 31);
    shifted = (shifted >>> 1) ^ (POLYNOMIAL & -(shifted & 1));
  }
  return product;
}

function squaresOf(first: number, count: number): readonly number[] {
  const squares = [first];
  while (squares.length < count) squares.push(multiply(squares.at(-1) as number, squares.at(-1) as number));
  return squares;
}
