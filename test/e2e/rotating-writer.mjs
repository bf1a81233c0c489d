/**
 * A writer that rotates as log rotators do: renames its file while it is written, goes on in the old one for a moment, then makes
 * the new one. Lines are numbered over all files.
 *
 *     node rotating-writer.mjs FILE ROTATIONS LINES_A_FILE
 *
 * The files are FILE.1 (the oldest), FILE.2, ... and at last FILE itself.
 */
import { closeSync, openSync, renameSync, writeSync } from 'node:fs';

const [path, rotations, linesAFile] = process.argv.slice(2);
let number = 0;

for (let rotation = 1; rotation <= Number(rotations) + 1; rotation += 1) {
  const file = openSync(path, 'a');
  for (let line = 0; line < Number(linesAFile); line += 1) write(file, 2);
  if (rotation <= Number(rotations)) renameSync(path, `${path}.${rotation}`);
  for (let line = 0; line < 20; line += 1) write(file, 5);
  closeSync(file);
  sleep(20);
}

function write(file, pauseMs) {
  number += 1;
  writeSync(file, `${number} of the rotating writer\n`);
  sleep(pauseMs);
}

function sleep(ms) {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
