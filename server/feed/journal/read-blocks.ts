import { crc32 } from 'node:zlib';
import type { Block } from './blocks.ts';
import type { FilePool } from './file-pool.ts';
import type { Files } from './files.ts';
import { loadIndex, loadKeys, saveIndex } from './index-file.ts';
import { type Contents, type KeyUse, scanFrames } from './scan-frames.ts';
import type { Segment, Segments } from './segments.ts';

/** What is needed to read a journal. */
export interface Readable {
  readonly segments: Segments;
  readonly files: Files;
  readonly pool: FilePool;
}

/** Reads `[start, end)` of a segment; what the file does not have is missing at the end. */
export async function readBytes(pool: FilePool, segment: Segment, start: number, end: number): Promise<Buffer> {
  const target = Buffer.allocUnsafe(end - start);
  const filled = await pool.use(segment.path, (file) => file.read(target, start - segment.base));
  return target.subarray(0, filled);
}

/** What a segment holds: from its index, or by going through it. Of one that is written to, it grows with what is. */
export function contentsOf(readable: Omit<Readable, 'segments'>, segment: Segment): Promise<Contents> {
  segment.contents ??= loadContents(readable, segment).catch((error: unknown) => {
    segment.contents = undefined;
    throw error;
  });
  return segment.contents;
}

export async function blocksOf(readable: Omit<Readable, 'segments'>, segment: Segment): Promise<readonly Block[]> {
  return (await contentsOf(readable, segment)).blocks;
}

/** The keys that were used in a segment. */
export async function keysOf(readable: Omit<Readable, 'segments'>, segment: Segment): Promise<readonly KeyUse[]> {
  const contents = await contentsOf(readable, segment);
  if (contents.keys !== undefined) return contents.keys;
  const { end } = contents;
  const loaded = (await loadKeys(readable.files, segment, end)) ?? (await scanUpTo(readable.pool, segment, end)).keys ?? [];
  // It may have grown meanwhile.
  contents.keys ??= [...loaded];
  return contents.keys;
}

async function loadContents({ files, pool }: Omit<Readable, 'segments'>, segment: Segment): Promise<Contents> {
  const { end } = segment;
  const known = await loadIndex(files, segment);
  if (known?.end === end) return known;
  const scanned = await scanUpTo(pool, segment, end);
  // Not to have it costs time, no more.
  await saveIndex(files, segment, scanned).catch(() => undefined);
  return scanned;
}

async function scanUpTo(pool: FilePool, segment: Segment, end: number): Promise<Contents> {
  return scanFrames(await readBytes(pool, segment, segment.base, end), segment.epoch, segment.base);
}

/** The bytes of a block, or undefined where they are not what was written. */
export async function readBlock(pool: FilePool, segment: Segment, block: Block): Promise<Buffer | undefined> {
  const { start, end, checksum, count } = block;
  if (count === 0) return undefined;
  const bytes = await readBytes(pool, segment, start, end);
  return bytes.length === end - start && crc32(bytes) === checksum ? bytes : undefined;
}
