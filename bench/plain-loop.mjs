/**
 * What bench/tail.ts compares the service with: reads FILE from its start in blocks of 256 KiB into one buffer, and makes of each line
 * a frame `id: OFFSET-HASH`, `data: …`, where HASH is over the 64 bytes before the offset. No socket, no check of UTF-8, no format but
 * this one, nothing else to do. Prints {"count", "seconds", "cpuSeconds"}.
 *
 *     node plain-loop.mjs FILE
 */
import { openSync, readSync } from 'node:fs';

const BLOCK_BYTES = 256 * 1024;
const CONTEXT_BYTES = 64;
const ID = Buffer.from('id: ');
const DATA = Buffer.from('\ndata: ');
const DIGITS = Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_');

const file = openSync(process.argv[2], 'r');
const bytes = Buffer.alloc(CONTEXT_BYTES + 2 * BLOCK_BYTES);
const source = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
/** Room for a block of lines of one byte. */
const target = Buffer.alloc(40 * BLOCK_BYTES);
const startedAt = performance.now();
const cpuBefore = process.cpuUsage();
let count = 0;
/** `bytes[CONTEXT_BYTES]` is this byte of the file, and `left` bytes from there on are of a line that has not ended. */
let offset = 0;
let left = 0;
for (;;) {
  const length = readSync(file, bytes, CONTEXT_BYTES + left, BLOCK_BYTES, offset + left);
  if (length === 0) break;
  const end = CONTEXT_BYTES + left + length;
  const behind = frame(end);
  if (behind === CONTEXT_BYTES) throw new Error('a line is longer than a block');
  bytes.copyWithin(0, behind - CONTEXT_BYTES, end);
  offset += behind - CONTEXT_BYTES;
  left = end - behind;
}
const { user, system } = process.cpuUsage(cpuBefore);
process.stdout.write(
  JSON.stringify({ count, seconds: (performance.now() - startedAt) / 1_000, cpuSeconds: (user + system) / 1e6 }),
);

/** Frames the lines up to `end`; returns where the first begins that has not ended. */
function frame(end) {
  let at = 0;
  let start = CONTEXT_BYTES;
  for (let lf = bytes.indexOf(10, start); lf >= 0 && lf < end; lf = bytes.indexOf(10, start)) {
    const textEnd = lf > start && bytes[lf - 1] === 13 ? lf - 1 : lf;
    at = put(ID, at);
    at = writeNumber(offset + lf + 1 - CONTEXT_BYTES, at);
    at = writeNumber(hash(lf + 1), at);
    at = put(DATA, at);
    at += bytes.copy(target, at, start, textEnd);
    target[at] = 10;
    target[at + 1] = 10;
    at += 2;
    count += 1;
    start = lf + 1;
  }
  return start;
}

function hash(end) {
  let value = 0;
  for (let at = end - CONTEXT_BYTES; at < end; at += 4) {
    value = Math.imul(value ^ source.getInt32(at, true), 0x9e3779b1);
    value ^= value >>> 15;
  }
  return value >>> 0;
}

function put(text, at) {
  for (let index = 0; index < text.length; index += 1) target[at + index] = text[index];
  return at + text.length;
}

function writeNumber(value, at) {
  let rest = value;
  for (let digit = 5; digit >= 0; digit -= 1) {
    target[at + digit] = DIGITS[rest % 64];
    rest = Math.floor(rest / 64);
  }
  return at + 6;
}
