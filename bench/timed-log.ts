import { closeSync, createReadStream, createWriteStream, ftruncateSync, openSync, writeSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';

const LINE_BYTES = 150;
const LINES_A_WRITE = 10_000;
const BEGIN_MS = Date.UTC(2026, 0, 1);
const MS_A_LINE = 10;

/** The time that line `number` tells. */
export function timeOf(number: number): string {
  return new Date(BEGIN_MS + number * MS_A_LINE).toISOString();
}

/** Writes `lines` lines of 150 bytes, each with its time, behind a hole of `holeBytes` (which takes no room on disk). */
export function writeTimedLog(path: string, lines: number, holeBytes = 0): void {
  const file = openSync(path, 'w');
  if (holeBytes > 0) {
    ftruncateSync(file, holeBytes);
    writeSync(file, '\n', holeBytes - 1);
  }
  for (let first = 0, at = holeBytes; first < lines; first += LINES_A_WRITE) {
    const block: string[] = [];
    for (let number = first; number < Math.min(lines, first + LINES_A_WRITE); number += 1) block.push(line(number));
    at += writeSync(file, block.join(''), at);
  }
  closeSync(file);
}

export async function compress(path: string, archive: string): Promise<void> {
  await pipeline(createReadStream(path, { highWaterMark: 1024 * 1024 }), createGzip({ level: 1 }), createWriteStream(archive));
}

/** How many lines have so many MiB. */
export function linesOf(mib: number): number {
  return Math.floor((mib * 1024 * 1024) / LINE_BYTES);
}

function line(number: number): string {
  const text = `${timeOf(number)} GET /articles/${number % 977}?page=${number} 200 ${(number * 2_654_435_761) % 4_294_967_296} `;
  return `${text.padEnd(LINE_BYTES - 1, 'abcdefghij ')}\n`;
}
