import { crc32 } from 'node:zlib';
import type { Block } from './blocks.ts';
import { type Files, writeSmallFile } from './files.ts';
import type { Contents, KeyUse } from './scan-frames.ts';
import type { Segment } from './segments.ts';

/**
 * What a segment holds up to a place in it, in a file beside it, so that it need not be gone through again. A segment only grows, so
 * what is told of its first bytes stays true. An index that is missing, torn or wrong is made anew from the segment.
 */
interface StoredIndex {
  readonly end: number;
  readonly lastMs: number;
  readonly blocks: readonly (readonly [start: number, end: number, checksum: number, count: number, firstMs: number])[];
  readonly keyCount: number;
}

interface StoredKeys {
  readonly end: number;
  readonly keys: readonly (readonly [hash: string, offset: number, timeMs: number])[];
}

export function indexPath(segment: Segment): string {
  return segment.path.replace(/sse$/, 'index');
}

export function keysPath(segment: Segment): string {
  return segment.path.replace(/sse$/, 'keys');
}

export async function saveIndex(files: Files, segment: Segment, contents: Contents): Promise<void> {
  const { end, lastMs, keys } = contents;
  const blocks = contents.blocks.map((block) => [block.start, block.end, block.checksum, block.count, block.firstMs] as const);
  if (keys !== undefined && keys.length > 0) {
    const stored: StoredKeys = { end, keys: keys.map(({ hash, offset, timeMs }) => [hash, offset, timeMs] as const) };
    await writeSmallFile(files, keysPath(segment), sealed(stored));
  }
  const index: StoredIndex = { end, lastMs, blocks, keyCount: contents.keyCount };
  await writeSmallFile(files, indexPath(segment), sealed(index));
}

/** Without the keys, which few ask for; undefined where there is none that can be trusted. */
export async function loadIndex(files: Files, segment: Segment): Promise<Contents | undefined> {
  const index = await opened<StoredIndex>(files, indexPath(segment));
  if (index === undefined) return undefined;
  const blocks = index.blocks.map(([start, end, checksum, count, firstMs]): Block => ({ start, end, checksum, count, firstMs }));
  const { end, lastMs, keyCount } = index;
  return { blocks, end, lastMs, keyCount, keys: keyCount === 0 ? [] : undefined };
}

/** The keys that were used up to `end`; undefined where that is not known. */
export async function loadKeys(files: Files, segment: Segment, end: number): Promise<KeyUse[] | undefined> {
  const stored = await opened<StoredKeys>(files, keysPath(segment));
  return stored?.end === end ? stored.keys.map(([hash, offset, timeMs]) => ({ hash, offset, timeMs })) : undefined;
}

/** JSON behind its checksum. */
function sealed(value: object): Buffer {
  const json = Buffer.from(JSON.stringify(value));
  return Buffer.concat([Buffer.from(`${crc32(json)} `), json]);
}

async function opened<Value>(files: Files, path: string): Promise<Value | undefined> {
  const bytes = await files.read(path).catch(() => undefined);
  const space = bytes?.indexOf(' ') ?? -1;
  if (bytes === undefined || space < 0) return undefined;
  const json = bytes.subarray(space + 1);
  return Number(bytes.toString('latin1', 0, space)) === crc32(json) ? (JSON.parse(json.toString()) as Value) : undefined;
}
