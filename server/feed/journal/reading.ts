import type { Batch } from '../batch.ts';
import type { ReadOptions } from '../log.ts';
import type { Position } from '../position.ts';
import { type Block, blockAt } from './blocks.ts';
import { isMissing } from './files.ts';
import { gapNotice, JournalBatch } from './journal-batch.ts';
import { formatJournalCursor } from './journal-cursor.ts';
import { blocksOf, type Readable, readBlock, readBytes } from './read-blocks.ts';
import { scanFrames } from './scan-frames.ts';
import type { Segment, Segments } from './segments.ts';

/** Everything behind `from` that is committed, block by block. What has been dropped or ruined is a gap. */
export async function* readJournal(
  journal: Readable,
  from: Position,
  { until, signal }: ReadOptions,
): AsyncGenerator<Batch, void, undefined> {
  let at = from.offset;
  while (!signal.aborted) {
    const end = Math.min(until?.offset ?? Number.POSITIVE_INFINITY, journal.segments.head);
    if (at >= end) return;
    for (const batch of await nextBatches(journal, at, end)) {
      if (signal.aborted) return;
      yield batch;
      at = batch.to.offset;
    }
  }
}

/** What is at `at`: the rest of a block, or the news that it cannot be given. Ends at `end` at the latest. */
async function nextBatches(journal: Readable, at: number, end: number): Promise<Batch[]> {
  const { segments } = journal;
  if (at < segments.oldest) return [gap(segments, 'expired', at, Math.min(segments.oldest, end))];
  const segment = segments.at(at);
  if (segment === undefined) return [];
  try {
    return await readSegment(journal, segment, at, Math.min(end, segment.end));
  } catch (error) {
    // It has been dropped meanwhile: the next look finds that.
    if (isMissing(error) && segments.at(at) !== segment) return [];
    if (!isMissing(error) && (error as NodeJS.ErrnoException).code !== 'EIO') throw error;
    return [gap(segments, 'unreadable', at, Math.min(end, segment.end))];
  }
}

async function readSegment(journal: Readable, segment: Segment, at: number, end: number): Promise<Batch[]> {
  const { segments, pool } = journal;
  const blocks = await blocksOf(journal, segment);
  const index = blockAt(blocks, at);
  // The end of the segment is missing.
  if (index < 0) return [gap(segments, 'unreadable', at, end)];
  const block = { ...(blocks[index] as Block) };
  const to = Math.min(block.end, end);
  const bytes = await readBlock(pool, segment, block);
  if (bytes !== undefined) return [new JournalBatch(bytes.subarray(at - block.start, to - block.start), segment.epoch, at)];
  if (block.count === 0) return [gap(segments, 'unreadable', at, to)];
  return readRuin(journal, segment, at, to);
}

/** Gives what is still whole of a block. */
async function readRuin({ segments, pool }: Readable, segment: Segment, at: number, end: number): Promise<Batch[]> {
  const bytes = await readBytes(pool, segment, at, end);
  const { blocks } = await scanFrames(bytes, segment.epoch, at);
  const batches: Batch[] = [];
  let reached = at;
  for (const { start, end: blockEnd, count } of blocks) {
    if (count === 0) continue;
    if (start > reached) batches.push(gap(segments, 'unreadable', reached, start));
    batches.push(new JournalBatch(bytes.subarray(start - at, blockEnd - at), segment.epoch, start));
    reached = blockEnd;
  }
  if (reached < end) batches.push(gap(segments, 'unreadable', reached, end));
  return batches;
}

function gap(segments: Segments, reason: 'expired' | 'unreadable', from: number, to: number): Batch {
  return gapNotice(reason, from, to, formatJournalCursor(segments.epochAt(to), to));
}
