import type { FilePool } from './file-pool.ts';
import { type Files, isMissing } from './files.ts';
import type { KeyUse } from './scan-frames.ts';
import { scanFrames } from './scan-frames.ts';
import { parseSegmentName, type Segment } from './segments.ts';

/** What a folder holds after a stop of whatever kind. */
export interface Recovered {
  readonly segments: Segment[];
  /** Keys of the segment that is written to. */
  readonly keys: KeyUse[];
  readonly lastMs: number;
}

/**
 * Finds the segments in a folder and cuts off what a crash has left behind the last whole frame. Only the newest segment is looked
 * into. With `isDurable`, what is found outlasts a power cut from now on: readers are about to see it.
 */
export async function recover(folder: string, files: Files, pool: FilePool, isDurable: boolean): Promise<Recovered> {
  const segments = await listSegments(folder, files);
  for (const [index, segment] of segments.entries()) segment.end = segments[index + 1]?.base ?? segment.base;
  const last = segments.at(-1);
  if (last === undefined) return { segments, keys: [], lastMs: 0 };
  const { keys, lastMs } = await recoverLast(last, pool, isDurable);
  if (isDurable) await files.syncFolder(folder);
  return { segments, keys, lastMs };
}

export async function listSegments(folder: string, files: Files): Promise<Segment[]> {
  const names = await files.list(folder).catch((error: unknown) => {
    if (isMissing(error)) return [];
    throw error;
  });
  return names.flatMap((name) => parseSegmentName(folder, name) ?? []).sort((a, b) => a.base - b.base);
}

async function recoverLast(last: Segment, pool: FilePool, isDurable: boolean): Promise<Omit<Recovered, 'segments'>> {
  return pool.use(last.path, async (file) => {
    const bytes = Buffer.allocUnsafe(await file.size());
    const filled = await file.read(bytes, 0);
    const { blocks, keys, end, lastMs } = await scanFrames(bytes.subarray(0, filled), last.epoch, last.base);
    last.blocks = blocks;
    last.end = end;
    if (end - last.base < bytes.length) await file.truncate(end - last.base);
    if (isDurable) await file.sync();
    return { keys, lastMs };
  });
}
