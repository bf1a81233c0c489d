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
