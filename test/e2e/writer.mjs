/**
 * A writer that is a process of its own: appends the bytes of SOURCE to TARGET in writes cut at random bytes.
 *
 *     node writer.mjs SOURCE TARGET SEED MOST_BYTES PAUSE_MS
 *
 * Half way it waits until its standard input ends, so that whoever reads can be sure to read a file that still grows.
 * Each write is 1 to MOST_BYTES bytes long (mostly short ones), and every so often nothing is written for PAUSE_MS, so that a reader
 * comes to look at every kind of unfinished line and character.
 */
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';

const [source, target, seed, mostBytes, pauseMs] = process.argv.slice(2);
const bytes = readFileSync(source);
const file = openSync(target, 'a');
let state = Number(seed);

const half = Math.floor(bytes.length / 2);
write(0, half);
for await (const _ of process.stdin);
write(half, bytes.length);
closeSync(file);

function write(from, until) {
  for (let at = from; at < until; ) {
    const length = Math.ceil(Number(mostBytes) * random() ** 4);
    at += writeSync(file, bytes, at, Math.min(Math.max(1, length), until - at));
    if (random() < 0.02) sleep(Number(pauseMs));
  }
}

/** Knuth's MMIX generator, cut to what doubles hold: any will do here. */
function random() {
  state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
  return state / 2 ** 31;
}

function sleep(ms) {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
