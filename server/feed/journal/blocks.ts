import { crc32 } from 'node:zlib';
import { timeOf } from './frame.ts';

/** Frames that are read, checked and given together. Only a frame that is longer makes a longer block. */
const MAX_BLOCK_BYTES = 256 * 1024;

/** A run of whole frames in a segment, or of what is none. Places are offsets in the journal. */
export interface Block {
  readonly start: number;
  end: number;
  /** CRC-32 of all its bytes: one look at a block tells that all its frames are as they were written. */
  checksum: number;
  /** Events; 0 in a run that holds no whole frame. */
  count: number;
  /** When its first event was appended, ms since the epoch. */
  readonly firstMs: number;
}

/** Adds frames that follow one another: those of `bytes` from `at` to each of `ends`, of which the first is at `offset`. */
export function addFrames(blocks: Block[], bytes: Buffer, at: number, ends: readonly number[], offset: number): void {
  let index = 0;
  let from = at;
  while (index < ends.length) {
    const block = openBlock(blocks, offset + from - at, (ends[index] as number) - from, () => timeOf(bytes, from));
    const start = from;
    do {
      from = ends[index] as number;
      block.end = offset + from - at;
      block.count += 1;
      index += 1;
    } while (index < ends.length && block.end + (ends[index] as number) - from - block.start <= MAX_BLOCK_BYTES);
    block.checksum = crc32(bytes.subarray(start, from), block.checksum);
  }
}

/** Adds a run of bytes that are no frames: they are never given. */
export function addRuin(blocks: Block[], start: number, end: number): void {
  blocks.push({ start, end, checksum: 0, count: 0, firstMs: blocks.at(-1)?.firstMs ?? 0 });
}

/** The number of the block that `offset` lies in; -1 where it lies in none. */
export function blockAt(blocks: readonly Block[], offset: number): number {
  let low = 0;
  let high = blocks.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((blocks[middle] as Block).end <= offset) low = middle + 1;
    else high = middle;
  }
  return low < blocks.length && (blocks[low] as Block).start <= offset ? low : -1;
}

function openBlock(blocks: Block[], start: number, length: number, firstMs: () => number): Block {
  const last = blocks.at(-1);
  if (last !== undefined && last.count > 0 && last.end + length - last.start <= MAX_BLOCK_BYTES) return last;
  const block = { start, end: start, checksum: 0, count: 0, firstMs: firstMs() };
  blocks.push(block);
  return block;
}
