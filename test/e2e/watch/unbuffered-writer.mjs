/** Appends numbered lines, one write each: `node unbuffered-writer.mjs FILE LINES-A-SECOND SECONDS`. Prints how many it wrote. */
import { closeSync, openSync, writeSync } from 'node:fs';

const [file, rate, seconds] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])];
const out = openSync(file, 'a');
const startedAt = performance.now();
let written = 0;

function turn() {
  const elapsedMs = performance.now() - startedAt;
  const due = Math.min((elapsedMs / 1_000) * rate, rate * seconds);
  for (; written < due; written += 1) writeSync(out, `line ${written}\n`);
  if (elapsedMs < seconds * 1_000) return setTimeout(turn, 1);
  closeSync(out);
  process.stdout.write(String(written));
}
turn();
