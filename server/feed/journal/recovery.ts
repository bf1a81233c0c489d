import { join } from 'node:path';
import { type DurabilityOptions, type Marker, readMarker, unmark } from './durability.ts';
import type { FilePool } from './file-pool.ts';
import { type Files, isMissing, openAnew } from './files.ts';
import { loadIndex } from './index-file.ts';
import { newEpoch } from './journal-cursor.ts';
import { type Contents, emptyContents, scanFrames } from './scan-frames.ts';
import { parseSegmentName, type Segment, segmentName } from './segments.ts';

/** What a folder holds after a stop of whatever kind. */
export interface Recovered {
  readonly segments: Segment[];
  /** When the newest event was appended; 0 where there is none. */
  readonly lastMs: number;
  readonly isMarked: boolean;
}

/**
 * Finds the segments in a folder and cuts off what a crash has left behind the last whole frame. Only the newest segment is looked
 * into, and of that only what its index does not tell. Readers are about to see what is found, so it is made durable first.
 */
export async function recover(options: DurabilityOptions): Promise<Recovered> {
  const { folder, files, pool, fsync, bootId } = options;
  const segments = await listSegments(folder, files);
  const last = segments.at(-1);
  if (last === undefined) return { segments, lastMs: 0, isMarked: false };
  const marker = await readMarker(folder, files, bootId);
  let { lastMs } = await recoverLast(last, files, pool);
  const before = segments.at(-2);
  if (lastMs === 0 && before !== undefined) lastMs = (await loadIndex(files, before))?.lastMs ?? 0;
  await makeDurable(segments, options, marker);
  if (marker === 'another boot') await beginEpoch(segments, folder, files);
  const isMarked = marker === 'this boot' && fsync !== 'always';
  if (marker !== 'none' && !isMarked) await unmark(folder, files);
  return { segments, lastMs, isMarked };
}

/** The segments in a folder, oldest first. Where the last one ends is not known yet. */
export async function listSegments(folder: string, files: Files): Promise<Segment[]> {
  const names = await files.list(folder).catch((error: unknown) => {
    if (isMissing(error)) return [];
    throw error;
  });
  const segments = names.flatMap((name) => parseSegmentName(folder, name) ?? []).sort((a, b) => a.base - b.base);
  for (const [index, segment] of segments.entries()) segment.end = segments[index + 1]?.base ?? segment.base;
  return segments;
}

async function recoverLast(last: Segment, files: Files, pool: FilePool): Promise<Contents> {
  const known = await loadIndex(files, last);
  return pool.use(last.path, async (file) => {
    const size = await file.size();
    const contents = known !== undefined && known.end - last.base <= size ? known : emptyContents(last.base);
    const from = contents.end - last.base;
    const bytes = Buffer.allocUnsafe(size - from);
    const filled = await file.read(bytes, from);
    const hasAllKeys = contents.keys !== undefined;
    await scanFrames(bytes.subarray(0, filled), last.epoch, contents.end, contents);
    // Those of the part that the index tells of are in a file of that part.
    if (!hasAllKeys && from + last.base !== contents.end) return rescan();
    return keep(contents);

    async function rescan(): Promise<Contents> {
      const all = Buffer.allocUnsafe(size);
      return keep(await scanFrames(all.subarray(0, await file.read(all, 0)), last.epoch, last.base));
    }

    async function keep(found: Contents): Promise<Contents> {
      last.end = found.end;
      last.contents = Promise.resolve(found);
      if (found.end - last.base < size) await file.truncate(found.end - last.base);
      return found;
    }
  });
}

/** After a run that did not make all durable, any segment may be in need of it. */
async function makeDurable(
  segments: readonly Segment[],
  { folder, files, pool }: DurabilityOptions,
  marker: Marker,
): Promise<void> {
  for (const segment of marker === 'none' ? segments.slice(-1) : segments) await pool.use(segment.path, (file) => file.sync());
  await files.syncFolder(folder);
}

/** What readers have seen behind the end may be gone: what is written there from now on has other cursors. */
async function beginEpoch(segments: Segment[], folder: string, files: Files): Promise<void> {
  const last = segments.at(-1) as Segment;
  const epoch = newEpoch();
  const made = { base: last.end, epoch, path: join(folder, segmentName(last.end, epoch)), end: last.end };
  await (await openAnew(files, made.path)).close();
  if (last.end === last.base) {
    segments.pop();
    await files.unlink(last.path);
  }
  segments.push({ ...made, contents: Promise.resolve(emptyContents(last.end)) });
  await files.syncFolder(folder);
}
