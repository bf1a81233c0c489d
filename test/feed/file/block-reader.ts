import assert from 'node:assert/strict';
import { open } from 'node:fs/promises';
import type { Batch } from '../../../server/feed/batch.ts';

const MAX_BYTES = 256 * 1024;
export const MEGABYTE = 1024 * 1024;
/** By so much memory may grow, however long lines are. */
export const MAX_GROWTH_BYTES = 96 * MEGABYTE;

/** A block of text, of which a character lies across nearly every place where a line could be cut. */
export const block = Buffer.from('0123456789 ü€😀 '.repeat(MEGABYTE / 10)).subarray(0, MEGABYTE - 3);

/** Checks the pieces of lines that are made of `block`s, without keeping them. */
export class BlockReader {
  lines = 0;
  bytes = 0;
  highestRss = 0;
  #at = 0;

  batch(batch: Batch): void {
    assert.equal(batch.kind, 'events');
    if (batch.kind !== 'events') return;
    for (let index = 0; index < batch.count; index += 1)
      this.#take(batch.bytes, batch.starts[index] ?? 0, batch.ends[index] ?? 0, batch.isCut(index));
    this.highestRss = Math.max(this.highestRss, process.memoryUsage().rss);
  }

  #take(bytes: Buffer, start: number, end: number, isCut: boolean): void {
    assert.ok(end - start <= MAX_BYTES);
    for (let at = start; at < end; ) {
      const place = this.#at % block.length;
      const length = Math.min(block.length - place, end - at);
      assert.ok(bytes.compare(block, place, place + length, at, at + length) === 0, `byte ${this.#at} of line ${this.lines}`);
      at += length;
      this.#at += length;
    }
    this.bytes += end - start;
    if (isCut) return;
    this.lines += 1;
    this.#at = 0;
  }
}

/** Appends a line of so many blocks. */
export async function writeLine(path: string, blocks: number): Promise<void> {
  const file = await open(path, 'a');
  for (let count = 0; count < blocks; count += 1) await file.write(block);
  await file.write('\n');
  await file.close();
}
