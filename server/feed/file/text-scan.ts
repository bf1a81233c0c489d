import { type Encoding, unitBytesOf, unitsOf } from './encoding.ts';
import type { Chunk } from './generation.ts';
import type { LineForm } from './line-form.ts';
import { type LineTable, MAX_LINE_BYTES, scanLines } from './line-scan.ts';
import { endOfText, type Hole, isLineStart, scanAmongNuls } from './nul-scan.ts';

/** A unit of UTF-16 can become three bytes of UTF-8: its pieces are shorter, so that no event is longer than others are. */
const LONGEST_UTF16_UNITS = Math.floor(MAX_LINE_BYTES / 3) - 64;

/** Lines that are longer are given in pieces. */
export function longestBytes(encoding: Encoding): number {
  return encoding === 'utf8' ? MAX_LINE_BYTES : 2 * LONGEST_UTF16_UNITS;
}

export interface TextScanOptions {
  /** What is there is all there will be. */
  readonly final: boolean;
  /** NULs at the end of the chunk are known to be followed by something else. */
  readonly isHoleKnown: boolean;
}

export interface TextScan {
  /** Places in the bytes of the chunk. */
  readonly lines: LineTable;
  /** NULs behind the lines, if that is what follows them. */
  readonly hole: Hole | undefined;
}

/** The lines of a chunk from `at` on, of whatever encoding, up to the first hole. */
export function scanText(chunk: Chunk, at: number, form: LineForm, options: TextScanOptions): TextScan {
  const { bytes } = chunk;
  const isFileStart = chunk.offset + at - chunk.start === 0;
  const textStart = isFileStart ? Math.min(at + form.markBytes, bytes.length) : at;
  if (form.encoding !== 'utf8' || bytes.indexOf(0, at) >= 0) return scanUnits(chunk, at, textStart, form.encoding, options);
  const lines = scanLines(bytes, at, options.final && textStart === bytes.length ? at : bytes.length, options.final);
  if (lines.count > 0) lines.starts[0] = Math.max(textStart, lines.starts[0] as number);
  return { lines, hole: undefined };
}

function scanUnits(chunk: Chunk, at: number, textStart: number, encoding: Encoding, options: TextScanOptions): TextScan {
  const { bytes } = chunk;
  const unit = unitBytesOf(encoding);
  const before = Math.min(unit, at);
  const whole = options.final ? bytes.length : bytes.length - ((bytes.length - at) % unit);
  const isStart = isLineStart(unitsOf(bytes, at - before, at, encoding), before / unit);
  const scanned = scanAmongNuls(unitsOf(bytes, at, whole, encoding), {
    ...options,
    textStart: (textStart - at) / unit,
    isLineStart: isStart,
    longest: longestBytes(encoding) / unit,
  });
  const placeOf = (index: number) => Math.min(bytes.length, at + index * unit);
  const { lines, hole } = scanned;
  toPlaces(lines, placeOf, unit);
  if (hole === undefined) return { lines, hole };
  return { lines, hole: { start: placeOf(hole.start), end: hole.end === undefined ? undefined : placeOf(hole.end) } };
}

/** From places in the view to places in the chunk. */
function toPlaces(lines: LineTable, placeOf: (index: number) => number, unit: number): void {
  for (const places of [lines.starts, lines.ends, lines.nexts])
    for (let index = 0; index < lines.count; index += 1) places[index] = placeOf(places[index] as number);
  for (const [index, nuls] of lines.nuls ?? []) lines.nuls?.set(index, nuls * unit);
}

/** `bytes` without the NULs at its end. It begins with a whole unit. */
export function withoutNulTail(bytes: Buffer, encoding: Encoding): Buffer {
  const unit = unitBytesOf(encoding);
  return bytes.subarray(0, Math.ceil(endOfText(bytes) / unit) * unit);
}
