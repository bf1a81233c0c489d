import { MAX_LOOKED_AT_BYTES } from './filter.ts';

/** Where what is looked at of an event ends: with a whole character. */
export function lookedAtEnd(bytes: Buffer, start: number, end: number, maxBytes = MAX_LOOKED_AT_BYTES): number {
  if (end - start <= maxBytes) return end;
  let at = start + maxBytes;
  while (at > start && ((bytes[at] as number) & 0xc0) === 0x80) at -= 1;
  return at;
}
