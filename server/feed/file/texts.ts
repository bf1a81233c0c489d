import { isUtf8 } from 'node:buffer';
import { type Encoding, toUtf8 } from './encoding.ts';
import { type Lines, MAX_LINE_BYTES } from './line-scan.ts';
import { withoutHoles } from './nul-scan.ts';

/** The texts of events as well-formed UTF-8: that of event `i` is `bytes[starts[i], ends[i])`. */
export interface Texts {
  readonly bytes: Buffer;
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
}

export function textsOf(parts: readonly Buffer[]): Texts {
  const starts = new Uint32Array(parts.length);
  const ends = new Uint32Array(parts.length);
  let length = 0;
  for (const [index, part] of parts.entries()) {
    starts[index] = length;
    length += part.length;
    ends[index] = length;
  }
  return { bytes: Buffer.concat(parts, length), starts, ends };
}

/** The texts of lines, decoded, without holes. Ends before a line with which they would not fit into a batch, but not before the first. */
export function decodeLines(bytes: Buffer, lines: Lines, encoding: Encoding): Texts {
  if (encoding === 'utf8' && !bytes.includes(0, lines.starts[0])) return mendLines(bytes, lines);
  const parts: Buffer[] = [];
  let length = 0;
  for (let index = 0; index < lines.count; index += 1) {
    const part = withoutHoles(toUtf8(bytes.subarray(lines.starts[index], lines.ends[index]), encoding));
    length += part.length;
    if (length > MAX_LINE_BYTES && index > 0) break;
    parts.push(part);
  }
  return textsOf(parts);
}

/** The same for UTF-8 without NULs, where few lines are not well-formed: what lies between those is copied in one go, as it lies. */
function mendLines(bytes: Buffer, lines: Lines): Texts {
  const starts = new Uint32Array(lines.count);
  const ends = new Uint32Array(lines.count);
  const parts: Buffer[] = [];
  const malformed = new Set(malformedLines(bytes, lines, 0, lines.count));
  /** `bytes[from]` will be at `at`. */
  let from = lines.starts[0] as number;
  let at = 0;
  let length = 0;
  let count = 0;
  for (; count < lines.count; count += 1) {
    const start = lines.starts[count] as number;
    const end = lines.ends[count] as number;
    const mended = malformed.has(count) ? toUtf8(bytes.subarray(start, end), 'utf8') : undefined;
    const textLength = mended?.length ?? end - start;
    length += textLength;
    if (length > MAX_LINE_BYTES && count > 0) break;
    starts[count] = at + start - from;
    ends[count] = at + start - from + textLength;
    if (mended === undefined) continue;
    parts.push(bytes.subarray(from, start), mended);
    at += start - from + textLength;
    from = end;
  }
  parts.push(bytes.subarray(from, lines.nexts[count - 1]));
  return { bytes: Buffer.concat(parts), starts: starts.subarray(0, count), ends: ends.subarray(0, count) };
}

/** The lines in `[first, end)` that are not well-formed, found by halving: no character goes on from one line to the next. */
function malformedLines(bytes: Buffer, lines: Lines, first: number, end: number): number[] {
  if (first === end || isUtf8(bytes.subarray(lines.starts[first], lines.nexts[end - 1]))) return [];
  if (end - first === 1) return [first];
  const middle = (first + end) >> 1;
  return [...malformedLines(bytes, lines, first, middle), ...malformedLines(bytes, lines, middle, end)];
}
