import { MAX_PUBLISHED_BYTES, type NewEvent } from '../feed/appending.ts';
import { checkType } from '../feed/memory-event.ts';
import { Problem } from '../problem/problem.ts';
import { compactJson } from './publish-json.ts';
import { firstBadByte } from './publish-utf8.ts';

export interface EventSpec {
  readonly type: string | undefined;
  readonly key: string | undefined;
  readonly isJson: boolean;
}

/** An event out of the bytes that somebody has sent; undefined bytes were too many. Throws Problem where they cannot be one. */
export function newEvent(bytes: Buffer | undefined, { type, key, isJson }: EventSpec): NewEvent {
  if (bytes === undefined || bytes.length > MAX_PUBLISHED_BYTES) throw tooLarge();
  const offset = firstBadByte(bytes);
  if (offset !== undefined) throw badEvent(`It is not UTF-8 from byte ${offset} on.`, { offset });
  const data = isJson ? compacted(bytes) : bytes;
  const checked = checkedType(type);
  if (checked === undefined && key === undefined) return { data };
  return { data, ...(checked === undefined ? {} : { type: checked }), ...(key === undefined ? {} : { key }) };
}

export function tooLarge(): Problem {
  const words = `One event holds at most ${MAX_PUBLISHED_BYTES} bytes. Publish a link to what is larger, or publish it in parts.`;
  return new Problem('event-too-large', { detail: words, members: { maxBytes: MAX_PUBLISHED_BYTES } });
}

/** The type as it is kept: undefined for plain messages. Throws Problem. */
export function checkedType(type: string | undefined): string | undefined {
  try {
    return checkType(type);
  } catch (error) {
    throw badEvent(`${(error as Error).message}.`, { parameter: 'type' }, error);
  }
}

function compacted(bytes: Buffer): Buffer {
  const start = byteOrderMarkLength(bytes);
  const json = compactJson(bytes.subarray(start));
  if (Buffer.isBuffer(json)) return json;
  const offset = start + json.offset;
  throw badEvent(`It is not JSON: at byte ${offset}, ${json.words}.`, { offset });
}

/** Some programs begin UTF-8 with U+FEFF, which is no part of the text. */
export function byteOrderMarkLength(bytes: Buffer): number {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
}

function badEvent(detail: string, members: Readonly<Record<string, unknown>>, cause?: unknown): Problem {
  return new Problem('bad-event', { detail, members, cause });
}
