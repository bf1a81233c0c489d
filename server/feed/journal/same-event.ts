import type { NewEvent } from '../appending.ts';
import { type FrameParts, findParts, joinLines } from './frame.ts';

/** Whether the frame `bytes`, which is at `offset`, holds this event. Kinds of line breaks make no difference: they are not kept. */
export function holdsEvent(bytes: Buffer, offset: number, event: NewEvent): boolean {
  const parts: FrameParts = { idEnd: 0, typeStart: 0, typeEnd: 0, dataStart: 0, end: 0 };
  findParts(bytes, 0, offset, parts);
  const type = parts.typeStart === parts.typeEnd ? undefined : bytes.toString('utf8', parts.typeStart, parts.typeEnd);
  if (type !== event.type) return false;
  const data = Buffer.allocUnsafe(bytes.length);
  const length = joinLines(bytes, parts.dataStart, parts.end - 2, data, 0);
  return withPlainBreaks(event.data).equals(data.subarray(0, length));
}

function withPlainBreaks(data: Buffer): Buffer {
  return data.includes(13) ? Buffer.from(data.toString('latin1').replace(/\r\n?/g, '\n'), 'latin1') : data;
}
