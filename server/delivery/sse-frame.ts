import type { EventBatch } from '../feed/batch.ts';
import { viewOf } from '../feed/byte-view.ts';
import { type Cursor, MAX_CURSOR_LENGTH } from '../feed/cursor.ts';
import { copyText, LONG_BYTES, put } from './copy-text.ts';
import { FRESH, type Room } from './room.ts';

const LF = 10;
const CR = 13;
const ID = Buffer.from('id: ');
const DATA = Buffer.from('\ndata: ');
const EVENT = Buffer.from('\nevent: ');
const END = Buffer.from('\n\n');
const CUT = Buffer.from('event: feed.cut\ndata: {"more":true}\n\n');

/**
 * The events of a batch as an event stream (WHATWG HTML §9.2.5): `id`, `event` where there is a type, a `data` line for each
 * line of the data. Neither a type nor data can end a field early: types hold no line break, and data is split at each.
 */
export function frameEvents(batch: EventBatch, room: Room = FRESH): Buffer {
  const { count, starts, ends, hasBreaks } = batch;
  const target = room.take(framedSize(batch));
  const source = viewOf(batch.bytes);
  const view = viewOf(target);
  let at = 0;
  for (let index = 0; index < count; index += 1) {
    if (batch.isCut(index)) at = put(CUT, target, at);
    at = put(ID, target, at);
    at = batch.writeCursor(index, target, at);
    const type = batch.type(index);
    if (type !== undefined) {
      at = put(EVENT, target, at);
      at += target.write(type, at);
    }
    at = put(DATA, target, at);
    const start = starts[index] as number;
    const end = ends[index] as number;
    if (hasBreaks) at = writeLines(batch.bytes, start, end, target, at);
    else if (end - start > LONG_BYTES) at += batch.bytes.copy(target, at, start, end);
    else at = copyText(source, start, end, view, at);
    at = put(END, target, at);
  }
  return target.subarray(0, at);
}

/** A control event, or any other small event made from JSON: its data has no line break. */
export function frameControl(type: string, data: unknown, cursor?: Cursor): Buffer {
  const id = cursor === undefined ? '' : `id: ${cursor}\n`;
  return Buffer.from(`event: ${type}\n${id}data: ${JSON.stringify(data)}\n\n`);
}

function framedSize(batch: EventBatch): number {
  const perEvent = ID.length + MAX_CURSOR_LENGTH + DATA.length + END.length;
  let size = batch.count * perEvent;
  for (let index = 0; index < batch.count; index += 1) {
    const length = (batch.ends[index] as number) - (batch.starts[index] as number);
    size += length;
    const type = batch.type(index);
    if (type !== undefined) size += EVENT.length + Buffer.byteLength(type);
    if (batch.isCut(index)) size += CUT.length;
    if (batch.hasBreaks) size += countBreaks(batch, index) * DATA.length;
  }
  return size;
}

function countBreaks(batch: EventBatch, index: number): number {
  let count = 0;
  for (let place = batch.starts[index] as number; place < (batch.ends[index] as number); place += 1) {
    const byte = batch.bytes[place];
    if (byte === CR || byte === LF) count += 1;
  }
  return count;
}

/** Data with line breaks in it: CRLF, CR and LF each begin another `data` line. */
function writeLines(bytes: Buffer, start: number, end: number, target: Buffer, from: number): number {
  let at = from;
  for (let place = start; place < end; place += 1) {
    const byte = bytes[place] as number;
    if (byte !== CR && byte !== LF) {
      target[at] = byte;
      at += 1;
      continue;
    }
    if (byte === CR && place + 1 < end && bytes[place + 1] === LF) place += 1;
    at = put(DATA, target, at);
  }
  return at;
}
