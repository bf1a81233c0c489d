import { isUtf8 } from 'node:buffer';

/** Data over this is kept as several events, all but the last marked as cut. */
export const MAX_EVENT_BYTES = 256 * 1024;
const MAX_TYPE_LENGTH = 100;
const CR = 13;
const LF = 10;
// A NUL, CR or LF would break the SSE frame; half a surrogate pair has no UTF-8.
const UNFRAMEABLE = /[\0\r\n\p{Surrogate}]/u;

/** One event as a memory log keeps it. */
export interface MemoryEvent {
  /** Well-formed UTF-8, at most MAX_EVENT_BYTES. */
  readonly data: Buffer;
  readonly type: string | undefined;
  readonly timeMs: number;
  /** A piece of a longer line: the next event goes on with it. */
  readonly cut: boolean;
  readonly hasBreaks: boolean;
}

/** Our own copy of `data` as well-formed UTF-8: what is not valid becomes U+FFFD. */
export function toUtf8(data: string | Buffer): Buffer {
  if (typeof data === 'string') return Buffer.from(data, 'utf8');
  return isUtf8(data) ? Buffer.from(data) : Buffer.from(data.toString('utf8'), 'utf8');
}

/** The type as it is kept: `message` is what an event without a type is. Throws a TypeError for one that cannot be sent. */
export function checkType(type: string | undefined): string | undefined {
  if (type === undefined || type === 'message') return undefined;
  if (type === '' || type.length > MAX_TYPE_LENGTH || UNFRAMEABLE.test(type)) {
    throw new TypeError(
      `event type ${JSON.stringify(type.slice(0, 200))}: use 1 to ${MAX_TYPE_LENGTH} characters without CR, LF or NUL`,
    );
  }
  if (type.startsWith('feed.')) throw new TypeError(`event type ${type}: types that begin with "feed." are reserved`);
  return type;
}

export function hasBreaks(data: Buffer): boolean {
  return data.includes(LF) || data.includes(CR);
}

/** Where to cut `bytes` so that the piece has at most `limit` bytes and ends with a whole character (if it is UTF-8 there). */
export function cutAtCharacter(bytes: Buffer, limit: number): number {
  for (let at = limit; at > limit - 4 && at > 0; at -= 1) {
    if (((bytes[at] ?? 0) & 0xc0) !== 0x80) return at;
  }
  return limit;
}
