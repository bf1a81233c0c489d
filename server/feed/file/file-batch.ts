import { isUtf8 } from 'node:buffer';
import type { EventBatch } from '../batch.ts';
import { viewOf } from '../byte-view.ts';
import type { Position } from '../position.ts';
import type { FileCursorWriter } from './file-cursor.ts';
import type { Lines } from './line-scan.ts';

const CR = 13;
const BOM = Buffer.from([0xef, 0xbb, 0xbf]);

/** Where a stretch of a file lies: `bytes[start]` is the file's byte `offset`, of generation `generation`. */
export interface Stretch {
  readonly generation: number;
  readonly bytes: Buffer;
  readonly start: number;
  readonly offset: number;
  /** The file's first bytes, at least min(1024, end of the stretch) of them. */
  readonly head: Buffer;
  readonly cursors: FileCursorWriter;
}

/** The lines of a stretch of a file as events. The file's bytes are shared, not copied, where they are well-formed UTF-8. */
export class FileBatch implements EventBatch {
  readonly kind = 'events';
  readonly from: Position;
  readonly to: Position;
  readonly count: number;
  readonly bytes: Buffer;
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
  readonly hasBreaks: boolean;
  readonly #stretch: Stretch;
  readonly #view: DataView;
  readonly #lines: Lines;
  readonly #readAt: number | null;

  /** `readAt`: the time for events that were read as they came; null for history. */
  constructor(stretch: Stretch, lines: Lines, readAt: number | null) {
    this.#stretch = stretch;
    this.#view = viewOf(stretch.bytes);
    this.#lines = lines;
    this.#readAt = readAt;
    this.count = lines.count;
    const end = lines.nexts[lines.count - 1] as number;
    this.from = { generation: stretch.generation, offset: stretch.offset };
    this.to = { generation: stretch.generation, offset: this.#offsetOf(end) };
    const text = stretch.bytes.subarray(0, end);
    const clean = isUtf8(text.subarray(stretch.start)) && !beginsWithBom(stretch) ? undefined : cleanLines(stretch, lines);
    this.bytes = clean?.bytes ?? text;
    this.starts = clean?.starts ?? lines.starts;
    this.ends = clean?.ends ?? lines.ends;
    this.hasBreaks = holdsCarriageReturn(this);
  }

  isCut(index: number): boolean {
    return this.#lines.cuts?.has(index) ?? false;
  }

  time(): number | null {
    return this.#readAt;
  }

  type(): undefined {
    return undefined;
  }

  writeCursor(index: number, target: Buffer, at: number): number {
    const end = this.#lines.nexts[index] as number;
    const { head, cursors } = this.#stretch;
    return cursors.write(this.#offsetOf(end), head, this.#view, end, target, at);
  }

  #offsetOf(index: number): number {
    return this.#stretch.offset + index - this.#stretch.start;
  }
}

function beginsWithBom(stretch: Stretch): boolean {
  return stretch.offset === 0 && stretch.bytes.subarray(stretch.start, stretch.start + 3).equals(BOM);
}

/** The same lines as well-formed UTF-8: invalid bytes become U+FFFD (WHATWG Encoding), a byte order mark at the start is dropped. */
function cleanLines(stretch: Stretch, lines: Lines): { bytes: Buffer; starts: Uint32Array; ends: Uint32Array } {
  const starts = new Uint32Array(lines.count);
  const ends = new Uint32Array(lines.count);
  const parts: Buffer[] = [];
  let length = 0;
  for (let index = 0; index < lines.count; index += 1) {
    const skipped = index === 0 && beginsWithBom(stretch) ? BOM.length : 0;
    const raw = stretch.bytes.subarray((lines.starts[index] as number) + skipped, lines.ends[index]);
    const part = isUtf8(raw) ? raw : Buffer.from(raw.toString('utf8'), 'utf8');
    starts[index] = length;
    length += part.length;
    ends[index] = length;
    parts.push(part);
  }
  return { bytes: Buffer.concat(parts, length), starts, ends };
}

function holdsCarriageReturn(batch: EventBatch): boolean {
  let line = 0;
  let at = batch.bytes.indexOf(CR, batch.starts[0] ?? 0);
  while (at >= 0) {
    while (line < batch.count && (batch.ends[line] as number) <= at) line += 1;
    if (line === batch.count) return false;
    const start = batch.starts[line] as number;
    if (at >= start) return true;
    at = batch.bytes.indexOf(CR, start);
  }
  return false;
}
