import { isUtf8 } from 'node:buffer';
import type { EventBatch } from '../batch.ts';
import { viewOf } from '../byte-view.ts';
import type { Position } from '../position.ts';
import type { Rewritten } from './container-events.ts';
import type { Encoding } from './encoding.ts';
import type { FileCursorWriter } from './file-cursor.ts';
import { CR, LF, type Lines } from './line-scan.ts';
import { decodeLines, type Texts } from './texts.ts';

/** Where a stretch of a file lies: `bytes[start]` is the file's byte `offset`, of generation `generation`. */
export interface Stretch {
  readonly generation: number;
  readonly bytes: Buffer;
  readonly start: number;
  readonly offset: number;
  /** The file's first bytes, at least min(1024, end of the stretch) of them. */
  readonly head: Buffer;
  readonly cursors: FileCursorWriter;
  readonly encoding: Encoding;
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
  readonly #rewritten: Rewritten | undefined;
  readonly #readAt: number | null;

  /** `readAt`: the time for events that were read as they came; null for history. */
  constructor(stretch: Stretch, lines: Lines | Rewritten, readAt: number | null) {
    this.#stretch = stretch;
    this.#view = viewOf(stretch.bytes);
    this.#lines = lines;
    this.#rewritten = 'texts' in lines ? lines : undefined;
    this.#readAt = readAt;
    const texts = this.#rewritten?.texts ?? textsOf(stretch, lines);
    this.bytes = texts.bytes;
    this.starts = texts.starts;
    this.ends = texts.ends;
    this.count = Math.min(lines.count, texts.starts.length);
    this.from = { generation: stretch.generation, offset: stretch.offset };
    this.to = { generation: stretch.generation, offset: this.#offsetOf(lines.nexts[this.count - 1] as number) };
    this.hasBreaks = holds(this, CR) || (this.#rewritten !== undefined && holds(this, LF));
  }

  isCut(index: number): boolean {
    return this.#lines.cuts?.has(index) ?? false;
  }

  time(index: number): number | null {
    const told = this.#rewritten?.times[index] ?? Number.NaN;
    return Number.isNaN(told) ? this.#readAt : told;
  }

  stream(index: number): 'stderr' | undefined {
    return this.#rewritten?.errors.has(index) ? 'stderr' : undefined;
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

/** The lines' own bytes where those are well-formed UTF-8 without holes: the one check that every chunk pays for. */
function textsOf({ bytes, start, encoding }: Stretch, lines: Lines): Texts {
  const text = bytes.subarray(0, lines.nexts[lines.count - 1]);
  const isClean = encoding === 'utf8' && lines.nuls === undefined && isUtf8(text.subarray(start));
  return isClean ? { bytes: text, starts: lines.starts, ends: lines.ends } : decodeLines(bytes, lines, encoding);
}

function holds(batch: EventBatch, byte: number): boolean {
  let line = 0;
  let at = batch.bytes.indexOf(byte, batch.starts[0] ?? 0);
  while (at >= 0) {
    while (line < batch.count && (batch.ends[line] as number) <= at) line += 1;
    if (line === batch.count) return false;
    const start = batch.starts[line] as number;
    if (at >= start) return true;
    at = batch.bytes.indexOf(byte, start);
  }
  return false;
}
