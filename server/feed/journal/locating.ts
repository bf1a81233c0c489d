import type { Cursor } from '../cursor.ts';
import type { Extent, Gap, Located, Start } from '../log.ts';
import { type Block, blockAt } from './blocks.ts';
import { type FrameParts, findParts, timeOf } from './frame.ts';
import { placeAt } from './journal-batch.ts';
import { formatJournalCursor, parseJournalCursor } from './journal-cursor.ts';
import { blocksOf, type Readable, readBlock, readBytes } from './read-blocks.ts';
import type { Segment } from './segments.ts';

const LF = 10;

export async function locateIn(journal: Readable, start: Start): Promise<Located> {
  const { oldest, head } = journal.segments;
  switch (start.at) {
    case 'head':
      return located(journal, head, 'head');
    case 'oldest':
      return located(journal, oldest, 'oldest');
    case 'last':
      return located(journal, await eventsBack(journal, head, start.count), 'last');
    case 'time':
      return locateTime(journal, start.ms);
    case 'byte':
      return locateByte(journal, start.byte);
    case 'cursor':
      return locateCursor(journal, start.cursor);
    case 'before':
      return locatePage(journal, start.cursor, start.count);
  }
}

function located({ segments }: Readable, offset: number, by: string): Located {
  return { position: placeAt(offset), cursor: formatJournalCursor(segments.epochAt(offset), offset), by };
}

function afterGap(journal: Readable, gap: Gap, offset = journal.segments.oldest): Located {
  return { ...located(journal, offset, 'gap'), gap };
}

async function locateCursor(journal: Readable, cursor: Cursor): Promise<Located> {
  const { segments } = journal;
  const place = parseJournalCursor(cursor);
  const range = place === undefined ? undefined : segments.rangeOf(place.epoch);
  if (place === undefined || range === undefined) return afterGap(journal, { reason: 'unknown', bytes: null, events: null });
  const { offset } = place;
  // What was shown there has been lost with the power; all that has come since lies behind the end of that epoch.
  if (offset > range.end && place.epoch !== segments.epoch)
    return afterGap(journal, { reason: 'restarted', bytes: offset - range.end, events: null }, range.end);
  if (offset < segments.oldest) return afterGap(journal, { reason: 'expired', bytes: segments.oldest - offset, events: null });
  const isWithin = offset >= range.start && offset <= range.end;
  if (isWithin && (await isFrameEnd(journal, offset))) return located(journal, offset, 'resumed');
  const behindRuin = isWithin ? await endOfRuin(journal, offset) : undefined;
  if (behindRuin === undefined) return afterGap(journal, { reason: 'unknown', bytes: null, events: null });
  return afterGap(journal, { reason: 'unreadable', bytes: behindRuin - offset, events: null }, behindRuin);
}

/** Where the events go on behind a place whose own cannot be read; undefined where they can. */
async function endOfRuin(journal: Readable, offset: number): Promise<number | undefined> {
  const segment = journal.segments.before(offset);
  if (segment === undefined) return undefined;
  const blocks = await blocksOf(journal, segment);
  const block = blocks[blockAt(blocks, offset - 1)];
  if (block === undefined) return segment.end;
  const { end } = block;
  return (await readBlock(journal.pool, segment, { ...block })) === undefined ? end : undefined;
}

/** Between frames there is an empty line, and nowhere else. */
async function isFrameEnd({ segments, pool }: Readable, offset: number): Promise<boolean> {
  const segment = segments.before(offset);
  if (segment === undefined) return true;
  const before = await readBytes(pool, segment, offset - 2, offset).catch(() => Buffer.alloc(0));
  return before[0] === LF && before[1] === LF;
}

async function locatePage(journal: Readable, cursor: Cursor | 'head', count: number): Promise<Located> {
  const { segments } = journal;
  const end = cursor === 'head' ? located(journal, segments.head, 'head') : await locateCursor(journal, cursor);
  const page = (first: number) => ({ end: end.position, isOldest: first <= segments.oldest });
  if (end.gap !== undefined) return { ...end, page: page(end.position.offset) };
  const first = await eventsBack(journal, end.position.offset, count);
  return { ...located(journal, first, 'before'), page: page(first), extent: extentOf(journal, first, end.position.offset) };
}

function extentOf({ segments }: Readable, from: number, until?: number): Extent {
  const { oldest, head } = segments;
  return { from: from - oldest, ...(until === undefined ? {} : { until: until - oldest }), of: head - oldest };
}

async function locateByte(journal: Readable, byte: number): Promise<Located> {
  const { oldest, head } = journal.segments;
  const found = await firstFrameFrom(journal, Math.min(oldest + byte, head));
  return { ...located(journal, found, 'byte'), extent: extentOf(journal, found) };
}

/** Where the first frame begins that does so at `offset` or behind it. */
async function firstFrameFrom(journal: Readable, offset: number): Promise<number> {
  const segment = journal.segments.at(offset);
  if (segment === undefined || segment.base === offset) return offset;
  const blocks = await blocksOf(journal, segment);
  const found = blocks[blockAt(blocks, offset)];
  if (found === undefined) return segment.end;
  const block = { ...found };
  return (await frameStarts(journal, segment, block, block.end)).find((start) => start >= offset) ?? block.end;
}

/** The place before the last `count` events before `end`, or the oldest there is. */
async function eventsBack(journal: Readable, end: number, count: number): Promise<number> {
  let missing = count;
  let at = end;
  const { list } = journal.segments;
  for (let index = list.length - 1; index >= 0 && missing > 0; index -= 1) {
    const segment = list[index] as Segment;
    if (segment.base >= at) continue;
    const blocks = await blocksOf(journal, segment);
    for (let number = blocks.length - 1; number >= 0 && missing > 0; number -= 1) {
      const block = { ...(blocks[number] as Block) };
      if (block.start >= at) continue;
      if (block.end <= at && block.count <= missing) {
        missing -= block.count;
        at = block.start;
        continue;
      }
      const starts = await frameStarts(journal, segment, block, at);
      at = starts.at(-missing) ?? block.start;
      missing -= Math.min(missing, starts.length);
    }
    if (missing > 0) at = segment.base;
  }
  return missing > 0 ? journal.segments.oldest : at;
}

/** The places in the journal where the frames of a block begin that lie before `end`. */
async function frameStarts({ pool }: Readable, segment: Segment, block: Block, end: number): Promise<number[]> {
  const bytes = await readBlock(pool, segment, block);
  const starts: number[] = [];
  if (bytes === undefined) return starts;
  const parts: FrameParts = { idEnd: 0, typeStart: 0, typeEnd: 0, dataStart: 0, end: 0 };
  for (let at = 0; block.start + at < Math.min(end, block.end); at = parts.end) {
    findParts(bytes, at, block.start + at, parts);
    starts.push(block.start + at);
  }
  return starts;
}

/** The first event that was appended at `ms` or later. Times never go back within a journal. */
async function locateTime(journal: Readable, ms: number): Promise<Located> {
  const { segments, pool } = journal;
  const index = await lastSegmentBefore(journal, ms);
  if (index < 0) {
    // What came before the oldest may have been of that time.
    const isPerhapsDropped = segments.oldest > 0 && (segments.droppedMs ?? ms) >= ms;
    if (isPerhapsDropped) return afterGap(journal, { reason: 'expired', bytes: null, events: null });
    return located(journal, segments.oldest, 'time');
  }
  const segment = segments.list[index] as Segment;
  const blocks = await blocksOf(journal, segment);
  const block = { ...(blocks.findLast(({ firstMs }) => firstMs < ms) as Block) };
  const bytes = await readBlock(pool, segment, block);
  if (bytes === undefined) return located(journal, block.end, 'time');
  for (const start of await frameStarts(journal, segment, block, block.end))
    if (timeOf(bytes, start - block.start) >= ms) return located(journal, start, 'time');
  return located(journal, block.end, 'time');
}

/** The number of the last segment whose first event is before `ms`; -1 where all are later. */
async function lastSegmentBefore(journal: Readable, ms: number): Promise<number> {
  const { list } = journal.segments;
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const [first] = await blocksOf(journal, list[middle] as Segment);
    if (first !== undefined && first.firstMs < ms) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** The bytes of the frame that ends at `offset`; undefined where it cannot be read. */
export async function frameBefore(journal: Readable, offset: number): Promise<{ bytes: Buffer; start: number } | undefined> {
  const segment = journal.segments.before(offset);
  if (segment === undefined) return undefined;
  const blocks = await blocksOf(journal, segment);
  const found = blocks[blockAt(blocks, offset - 1)];
  if (found === undefined) return undefined;
  const block = { ...found };
  const bytes = await readBlock(journal.pool, segment, block);
  const start = (await frameStarts(journal, segment, block, offset)).at(-1);
  if (bytes === undefined || start === undefined) return undefined;
  return { bytes: bytes.subarray(start - block.start, offset - block.start), start };
}
