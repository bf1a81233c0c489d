import { unwrap } from './container-lines.ts';
import { type Encoding, unitBytesOf, unitsOf } from './encoding.ts';
import type { Generation } from './generation.ts';
import { LF } from './line-scan.ts';

/** The units of a stretch of a file: `view[i]` stands for the unit at `start + i * unit`. */
export interface Units {
  readonly view: Buffer;
  readonly start: number;
  readonly unit: 1 | 2;
}

/** The units of `[from, to)`; `from` may be before the start of the file. */
export async function readUnits(generation: Generation, from: number, to: number): Promise<Units> {
  const { encoding } = generation.form;
  const unit = unitBytesOf(encoding);
  const start = Math.max(0, from - (from % unit));
  const chunk = await generation.readChunk(start, to, to - start);
  return { view: unitsOf(chunk.bytes, chunk.start, chunk.bytes.length, encoding), start, unit };
}

/** Where the text ends that is before `end`: without the NULs at its end, and without half a unit. */
export async function textEnd(generation: Generation, end: number): Promise<number> {
  const unit = unitBytesOf(generation.form.encoding);
  const whole = end - (end % unit);
  const { view } = await readUnits(generation, whole - unit, whole);
  if (view[0] !== 0) return whole;
  return Math.ceil((await generation.holes.startOf(generation, whole)) / unit) * unit;
}

/** Whether what ends at the line feed is only a part of a container's line. */
export function endsPart({ form }: Generation, { view }: Units, lf: number): boolean {
  if (form.wrapping === undefined) return false;
  const lineStart = lf === 0 ? 0 : view.lastIndexOf(LF, lf - 1) + 1;
  return unwrap(view.subarray(lineStart, lf), form.wrapping)?.isPart ?? false;
}

/** The index behind the last whole character of `view`. */
export function lastCharacterEnd(view: Buffer, encoding: Encoding): number {
  if (encoding !== 'utf8') return view.length;
  for (let back = 1; back <= 3 && back <= view.length; back += 1) {
    const byte = view[view.length - back] as number;
    if ((byte & 0xc0) === 0x80) continue;
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return length > back ? view.length - back : view.length;
  }
  return view.length;
}
