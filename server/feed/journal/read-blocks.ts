import { crc32 } from 'node:zlib';
import type { Block } from './blocks.ts';
import type { FilePool } from './file-pool.ts';
import { type Contents, scanFrames } from './scan-frames.ts';
import type { Segment } from './segments.ts';

/** Reads `[start, end)` of a segment; what the file does not have is missing at the end. */
export async function readBytes(pool: FilePool, segment: Segment, start: number, end: number): Promise<Buffer> {
  const target = Buffer.allocUnsafe(end - start);
  const filled = await pool.use(segment.path, (file) => file.read(target, start - segment.base));
  return target.subarray(0, filled);
}

/** The blocks of a segment that is no longer written to. */
export async function blocksOf(pool: FilePool, segment: Segment): Promise<readonly Block[]> {
  segment.blocks ??= (await scanSegment(pool, segment, segment.end)).blocks;
  return segment.blocks;
}

/** Goes through the frames of a segment up to `end`. What lies behind its last frame is not in the blocks. */
export async function scanSegment(pool: FilePool, segment: Segment, end: number): Promise<Contents> {
  return scanFrames(await readBytes(pool, segment, segment.base, end), segment.epoch, segment.base);
}

/** The bytes of a block, or undefined where they are not what was written. */
export async function readBlock(pool: FilePool, segment: Segment, block: Block): Promise<Buffer | undefined> {
  const { start, end, checksum, count } = block;
  if (count === 0) return undefined;
  const bytes = await readBytes(pool, segment, start, end);
  return bytes.length === end - start && crc32(bytes) === checksum ? bytes : undefined;
}
