import type { Batch, Notice } from '../batch.ts';
import { joinParts, type Rewritten } from './container-events.ts';
import { FileBatch } from './file-batch.ts';
import type { Chunk, Generation } from './generation.ts';
import { LF, type Lines, type LineTable } from './line-scan.ts';
import { scanText, type TextScanOptions } from './text-scan.ts';

export interface DecodeOptions extends TextScanOptions {
  /** The time for events that are read as they come; null for history. */
  readonly readAt: number | null;
  /** No event that ends behind this offset is given. */
  readonly until: number;
}

export interface Decoded {
  readonly batches: Batch[];
  /** Where NULs begin behind what has been given that go on to the end of the chunk. */
  readonly openHole: number | undefined;
}

/** The events of a chunk, and between them the holes: they depend on the bytes of the file alone, not on where the chunk ends. */
export function decodeChunk(generation: Generation, chunk: Chunk, options: DecodeOptions): Decoded {
  const last = placeOf(chunk, options.until);
  const batches: Batch[] = [];
  for (let at = chunk.start; ; ) {
    const { lines, hole } = scanText(chunk, at, generation.form, options);
    const isHoleNext = hole?.start === (lines.count === 0 ? at : lines.nexts[lines.count - 1]);
    const isEnd = options.final || (isHoleNext && (options.isHoleKnown || hole?.end !== undefined));
    const batch = batchOf(generation, chunk, { at, lines, isEnd, last }, options.readAt);
    if (batch !== undefined) {
      batches.push(batch);
      at = placeOf(chunk, batch.to.offset);
      const nuls = nulsBefore(lines, at);
      if (nuls > 0) batches.push(skippedNuls(generation, batch.to.offset, batch.to.offset, nuls));
    }
    if (hole === undefined || hole.end === undefined || hole.start !== at || hole.end > last)
      return { batches, openHole: hole?.end === undefined ? hole?.start : undefined };
    batches.push(skippedHole(generation, offsetOf(chunk, at), offsetOf(chunk, hole.end)));
    at = hole.end;
  }
}

/** Beyond a hole: what of it are NULs is told, a byte order mark before them is not. */
export function skippedHole(generation: Generation, from: number, to: number): Notice {
  return skippedNuls(generation, from, to, to - nulsFrom(generation, from));
}

/** Where the NULs of a hole at `offset` begin. */
export function nulsFrom({ form }: Generation, offset: number): number {
  return offset === 0 ? form.markBytes : offset;
}

function skippedNuls({ ordinal }: Generation, from: number, to: number, bytes: number): Notice {
  const place = (offset: number) => ({ generation: ordinal, offset });
  return { kind: 'notice', from: place(from), to: place(to), type: 'feed.skipped', data: { reason: 'nul', bytes } };
}

interface Found {
  readonly at: number;
  readonly lines: LineTable;
  /** Nothing that comes later can belong to these lines. */
  readonly isEnd: boolean;
  readonly last: number;
}

function batchOf(generation: Generation, chunk: Chunk, found: Found, readAt: number | null): FileBatch | undefined {
  const { ordinal, head, cursors, form } = generation;
  const events = eventsOf(generation, chunk, found);
  const count = countBefore(events, found.last);
  if (count === 0) return undefined;
  const offset = offsetOf(chunk, found.at);
  const { encoding } = form;
  const stretch = { generation: ordinal, bytes: chunk.bytes, start: found.at, offset, head, cursors, encoding };
  return new FileBatch(stretch, count === events.count ? events : { ...events, count }, readAt);
}

function eventsOf({ form }: Generation, { bytes, offset }: Chunk, { at, lines, isEnd }: Found): Lines | Rewritten {
  if (form.wrapping === undefined) return lines;
  const isLineStart = (at === 0 && offset === 0) || bytes[at - 1] === LF || bytes[at - 1] === 0;
  return joinParts(bytes, lines, { wrapping: form.wrapping, isLineStart, final: isEnd });
}

function countBefore({ count, nexts }: Lines, last: number): number {
  let before = count;
  while (before > 0 && (nexts[before - 1] as number) > last) before -= 1;
  return before;
}

function nulsBefore({ nuls, nexts }: LineTable, end: number): number {
  let bytes = 0;
  for (const [line, count] of nuls ?? []) if ((nexts[line] as number) <= end) bytes += count;
  return bytes;
}

function placeOf({ start, offset }: Chunk, ofFile: number): number {
  return start + ofFile - offset;
}

/** Where a place in a chunk is in its file. */
export function offsetOf({ start, offset }: Chunk, place: number): number {
  return offset + place - start;
}
