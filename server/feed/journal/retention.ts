import { join } from 'node:path';
import type { Durability } from './durability.ts';
import { type Files, isMissing, writeSmallFile } from './files.ts';
import { indexPath, keysPath } from './index-file.ts';
import { contentsOf, type Readable } from './read-blocks.ts';
import type { SegmentLimits, SegmentWriter } from './segment-writer.ts';
import type { Segment } from './segments.ts';

/** What of a feed is kept: the oldest segments are dropped while there is more. */
export interface Retention {
  readonly maxBytes: number;
  readonly maxAgeMs: number;
  /** Null: as many as there are. */
  readonly maxEvents: number | null;
}

export const DEFAULT_RETENTION: Retention = { maxBytes: 64 * 1024 * 1024, maxAgeMs: 7 * 24 * 60 * 60 * 1000, maxEvents: null };
const FILE = 'retention.json';
/** What is dropped at once is about such a part of what is kept. */
const PARTS = 8;

/** What was set for a feed; `otherwise` where nothing was. */
export async function loadRetention(files: Files, folder: string, otherwise: Retention): Promise<Retention> {
  const path = join(folder, FILE);
  try {
    return { ...otherwise, ...JSON.parse((await files.read(path)).toString()) };
  } catch (error) {
    if (isMissing(error)) return otherwise;
    if (!(error instanceof SyntaxError)) throw error;
    throw new Error(`${path} is not JSON any more: remove it, and set again what is to be kept of the feed`, { cause: error });
  }
}

/** The old one or the new one is there, whatever happens. */
export async function saveRetention(files: Files, folder: string, retention: Retention): Promise<void> {
  await writeSmallFile(files, join(folder, FILE), Buffer.from(JSON.stringify(retention)), true);
}

/** Segments are so short that whole ones can be dropped. */
export function limitsOf({ maxBytes, maxEvents }: Retention, segmentBytes: number): SegmentLimits {
  return {
    maxBytes: Math.min(segmentBytes, Math.max(1, Math.floor(maxBytes / PARTS))),
    maxEvents: maxEvents === null ? Number.POSITIVE_INFINITY : Math.max(1, Math.floor(maxEvents / PARTS)),
  };
}

export interface RetainingJournal extends Readable {
  readonly writer: SegmentWriter;
  readonly durability: Durability;
}

/** Drops the oldest segments while there is more than is to be kept. The newest events stay, unless they are too old. */
export async function retain(journal: RetainingJournal, retention: Retention, nowMs: number): Promise<void> {
  const { segments } = journal;
  for (let first = segments.list[0]; first !== undefined; first = segments.list[0]) {
    const isTooOld = nowMs - (await contentsOf(journal, first)).lastMs > retention.maxAgeMs;
    if (first === segments.last) {
      if (!isTooOld || first.end === first.base) return;
      await journal.writer.begin();
    } else if (!isTooOld && segments.head - first.base <= retention.maxBytes && !(await hasMore(journal, retention.maxEvents))) {
      return;
    }
    await drop(journal, first);
  }
}

async function hasMore(journal: Readable, maxEvents: number | null): Promise<boolean> {
  if (maxEvents === null) return false;
  let events = 0;
  for (const segment of journal.segments.list)
    for (const { count } of (await contentsOf(journal, segment)).blocks) events += count;
  return events > maxEvents;
}

/** From now on it is not there for readers, who find that out when they come to it. */
async function drop({ segments, files, pool, durability, ...rest }: RetainingJournal, segment: Segment): Promise<void> {
  const { lastMs } = await contentsOf({ files, pool, ...rest }, segment);
  segments.list.shift();
  segments.droppedMs = lastMs;
  durability.forget(segment);
  await pool.forget(segment.path);
  for (const path of [segment.path, indexPath(segment), keysPath(segment)])
    await files.unlink(path).catch((error: unknown) => {
      if (!isMissing(error)) throw error;
    });
}
