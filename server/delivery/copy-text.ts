/** Above this length a native call is worth its price. */
export const LONG_BYTES = 1024;

/** Copies a few bytes; returns the place behind them. */
export function put(bytes: Uint8Array, target: Uint8Array, at: number): number {
  for (let index = 0; index < bytes.length; index += 1) target[at + index] = bytes[index] as number;
  return at + bytes.length;
}

/**
 * Copies well-formed UTF-8; returns the place behind it. Eight bytes at a time in registers, since a native call costs more than to
 * copy a line of log. As numbers they are exact: the bytes of a NaN (7F or FF behind F0 or more) stand nowhere in UTF-8.
 */
export function copyText(source: DataView, start: number, end: number, target: DataView, at: number): number {
  const behind = at + end - start;
  const last = end - 8;
  if (last < start) return copyShort(source, start, end, target, at);
  let to = at;
  for (let place = start; place < last; place += 8) {
    target.setFloat64(to, source.getFloat64(place, true), true);
    to += 8;
  }
  target.setFloat64(behind - 8, source.getFloat64(last, true), true);
  return behind;
}

function copyShort(source: DataView, start: number, end: number, target: DataView, at: number): number {
  for (let place = start; place < end; place += 1) target.setUint8(at + place - start, source.getUint8(place));
  return at + end - start;
}
