/**
 * A writer that goes on whatever happens: appends numbered lines to FILE, in writes cut at random bytes, until its standard input ends; then
 * it finishes the line it is in.
 *
 *     node endless-writer.mjs FILE SEED
 */
import { closeSync, openSync, writeSync } from 'node:fs';

const [path, seed] = process.argv.slice(2);
const file = openSync(path, 'a');
let state = Number(seed);
let number = 0;
let pending = Buffer.alloc(0);
let isEnding = false;

process.stdin.resume().on('end', () => {
  isEnding = true;
});
write();

/** One write and, three milliseconds later, the next, which leaves the machine to those who read. */
function write() {
  while (pending.length < 100) pending = Buffer.concat([pending, line()]);
  if (isEnding) return finish();
  const length = 1 + Math.floor(random() * 60);
  writeSync(file, pending, 0, length);
  pending = pending.subarray(length);
  setTimeout(write, 3);
}

function finish() {
  writeSync(file, pending);
  closeSync(file);
}

function line() {
  number += 1;
  return Buffer.from(`${number} ${'é😀-'.repeat(Math.floor(random() * 20))}${random() < 0.1 ? '\r\n' : '\n'}`);
}

function random() {
  state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
  return state / 2 ** 31;
}
