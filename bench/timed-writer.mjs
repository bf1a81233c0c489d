/**
 * The writer of bench/latency.ts, a process of its own: appends RATE lines a second to FILE, each with one unbuffered write, for
 * SECONDS, and rotates it (rename, create) every ROTATE_SECONDS. A line is `NUMBER NANOSECONDS padding`; the time is that of
 * CLOCK_MONOTONIC just before its write. Prints {"count", "rotatedAt": [numbers of the first lines after a rotation]}.
 *
 *     node timed-writer.mjs FILE RATE SECONDS ROTATE_SECONDS
 */
import { closeSync, openSync, renameSync, writeSync } from 'node:fs';

const LINE_BYTES = 150;
const [path, ...figures] = process.argv.slice(2);
const [rate, seconds, rotateSeconds] = figures.map(Number);
const startedAt = performance.now();
const count = rate * seconds;
const rotatedAt = [];
let file = openSync(path, 'a');
let number = 0;

const timer = setInterval(() => {
  const due = Math.min(count, Math.floor(((performance.now() - startedAt) / 1_000) * rate));
  while (number < due) {
    if (number > 0 && number % (rate * rotateSeconds) === 0) rotate();
    writeSync(file, `${number} ${process.hrtime.bigint()} `.padEnd(LINE_BYTES - 1, 'x').concat('\n'));
    number += 1;
  }
  if (number < count) return;
  clearInterval(timer);
  closeSync(file);
  process.stdout.write(JSON.stringify({ count, rotatedAt }));
}, 1);

function rotate() {
  closeSync(file);
  renameSync(path, `${path}.${rotatedAt.length + 1}`);
  file = openSync(path, 'a');
  rotatedAt.push(number);
}
