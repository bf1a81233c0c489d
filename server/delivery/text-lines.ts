import type { EventBatch } from '../feed/batch.ts';
import { viewOf } from '../feed/byte-view.ts';
import { copyText, LONG_BYTES } from './copy-text.ts';
import { FRESH, type Room } from './room.ts';

const LF = 10;
const CR = 13;

/** The events of a batch as text, a line a line; a piece of a longer line has no end of its own. Line breaks in data are LF. */
export function textLines(batch: EventBatch, room: Room = FRESH): Buffer {
  const { count, bytes, starts, ends } = batch;
  // A log whose lines end with LF is sent as it was read, without a copy where no room is given.
  if (!batch.hasBreaks && standsAsSent(batch)) {
    const text = bytes.subarray(starts[0], behindLine(batch, count - 1));
    return room === FRESH ? text : copied(text, room);
  }
  let size = count;
  for (let index = 0; index < count; index += 1) size += (ends[index] as number) - (starts[index] as number);
  const target = room.take(size);
  return target.subarray(0, batch.hasBreaks ? writeBroken(batch, target) : writeWhole(batch, target));
}

function copied(text: Buffer, room: Room): Buffer {
  const target = room.take(text.length);
  return target.subarray(0, text.copy(target));
}

function standsAsSent(batch: EventBatch): boolean {
  const { count, bytes, starts, ends } = batch;
  for (let index = 0; index < count; index += 1) {
    if (!batch.isCut(index) && bytes[ends[index] as number] !== LF) return false;
    if (index + 1 < count && starts[index + 1] !== behindLine(batch, index)) return false;
  }
  return true;
}

function behindLine(batch: EventBatch, index: number): number {
  return (batch.ends[index] as number) + (batch.isCut(index) ? 0 : 1);
}

/** Lines without breaks in them. Returns the place behind the last. */
function writeWhole(batch: EventBatch, target: Buffer): number {
  const { count, bytes, starts, ends } = batch;
  const source = viewOf(bytes);
  const view = viewOf(target);
  let at = 0;
  for (let index = 0; index < count; index += 1) {
    const start = starts[index] as number;
    const end = ends[index] as number;
    at = end - start > LONG_BYTES ? at + bytes.copy(target, at, start, end) : copyText(source, start, end, view, at);
    if (batch.isCut(index)) continue;
    target[at] = LF;
    at += 1;
  }
  return at;
}

/** CRLF and CR in the data become LF. Returns the place behind the last line. */
function writeBroken(batch: EventBatch, target: Buffer): number {
  const { count, bytes, starts, ends } = batch;
  let at = 0;
  for (let index = 0; index < count; index += 1) {
    const end = ends[index] as number;
    for (let place = starts[index] as number; place < end; place += 1) {
      const byte = bytes[place] as number;
      if (byte === CR && place + 1 < end && bytes[place + 1] === LF) continue;
      target[at] = byte === CR ? LF : byte;
      at += 1;
    }
    if (batch.isCut(index)) continue;
    target[at] = LF;
    at += 1;
  }
  return at;
}
