import { unwrap, type Wrapping } from './container-lines.ts';
import { textSoFar } from './encoding.ts';
import type { LineForm } from './line-form.ts';
import { LF } from './line-scan.ts';

/** The text of an unfinished line, of which `bytes` are there. */
export function partialText(bytes: Buffer, isFileStart: boolean, { encoding, markBytes, wrapping }: LineForm): string {
  const raw = bytes.subarray(isFileStart ? markBytes : 0);
  const text = textSoFar(wrapping === undefined ? raw : partsOf(raw, wrapping), encoding);
  return text.replace(/^\0+|\0{16,}/g, '').replace(/\r\n?/g, '\n');
}

/** The parts that a container's runtime has written of the line. What it has not written whole is not shown. */
function partsOf(raw: Buffer, wrapping: Wrapping): Buffer {
  const parts: Buffer[] = [];
  for (let start = 0, lf = raw.indexOf(LF); lf >= 0; start = lf + 1, lf = raw.indexOf(LF, start))
    parts.push(unwrap(raw.subarray(start, lf), wrapping)?.text ?? Buffer.alloc(0));
  return Buffer.concat(parts);
}
