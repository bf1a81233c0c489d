/**
 * The writer of bench/tail.ts, a process of its own: appends RATE lines a second to FILE for SECONDS, LINES_A_WRITE of them in each
 * write. A line is 150 bytes, `NUMBER NANOSECONDS padding` and CRLF; the time is that of CLOCK_MONOTONIC just before its write.
 * Prints {"count", "lateMs"}: how many lines, and how far behind its schedule it was at worst.
 *
 *     node burst-writer.mjs FILE RATE SECONDS LINES_A_WRITE
 */
import { closeSync, openSync, writeSync } from 'node:fs';

const LINE_BYTES = 150;
const ZERO = 48;
const [path, ...figures] = process.argv.slice(2);
const [rate, seconds, linesAWrite] = figures.map(Number);
const count = Math.floor((rate * seconds) / linesAWrite) * linesAWrite;
const buffer = Buffer.alloc(linesAWrite * LINE_BYTES);
const file = openSync(path, 'a');
let number = 0;
let lateMs = 0;
const startedAt = performance.now();

const timer = setInterval(() => {
  const elapsedMs = performance.now() - startedAt;
  const due = Math.min(count, Math.floor((elapsedMs / 1_000) * rate));
  while (number + linesAWrite <= due) write();
  lateMs = Math.max(lateMs, performance.now() - startedAt - (number / rate) * 1_000);
  if (number < count) return;
  clearInterval(timer);
  closeSync(file);
  process.stdout.write(JSON.stringify({ count, lateMs }));
}, 1);

function write() {
  const now = Number(process.hrtime.bigint());
  for (let at = 0; at < buffer.length; at += LINE_BYTES) {
    let end = writeNumber(number, at);
    buffer[end] = 32;
    end = writeNumber(now, end + 1);
    buffer[end] = 32;
    buffer.fill(0x78, end + 1, at + LINE_BYTES - 2);
    buffer[at + LINE_BYTES - 2] = 13;
    buffer[at + LINE_BYTES - 1] = 10;
    number += 1;
  }
  writeSync(file, buffer);
}

function writeNumber(value, at) {
  let digits = 1;
  for (let limit = 10; value >= limit; limit *= 10) digits += 1;
  let rest = value;
  for (let index = at + digits - 1; index >= at; index -= 1) {
    const quotient = Math.floor(rest / 10);
    buffer[index] = ZERO + rest - quotient * 10;
    rest = quotient;
  }
  return at + digits;
}
