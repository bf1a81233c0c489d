import type { EventBatch, Notice } from '../batch.ts';
import type { Cursor } from '../cursor.ts';
import type { Gap } from '../log.ts';
import type { Position } from '../position.ts';
import { type FrameParts, findParts, joinLines, timeOf } from './frame.ts';
import type { FramesWriter } from './frames-writer.ts';
import { formatJournalCursor, JOURNAL_CURSOR_LENGTH } from './journal-cursor.ts';

const LF = 10;
const MAX_BATCH_BYTES = 256 * 1024;

export function placeAt(offset: number): Position {
  return { generation: 0, offset };
}

/** "What lies between `from` and `to` cannot be given": delivery goes on at `to`. */
export function gapNotice(reason: Gap['reason'], from: number, to: number, cursor: Cursor): Notice {
  const data = { reason, bytes: to - from, events: null, time: new Date().toISOString() };
  return { kind: 'notice', from: placeAt(from), to: placeAt(to), type: 'feed.gap', data, cursor };
}

/** Where the parts of the events lie in the bytes of a batch. */
interface Parsed {
  readonly count: number;
  readonly bytes: Buffer;
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
  readonly frames: Uint32Array;
  readonly idEnds: Uint32Array;
  readonly types: (string | undefined)[];
  readonly hasBreaks: boolean;
}

/** Whole frames of a journal, as they are stored and sent. They are taken apart only for who asks for more than those bytes. */
export class JournalBatch implements EventBatch {
  readonly kind = 'events';
  readonly from: Position;
  readonly to: Position;
  readonly sse: Buffer;
  readonly cursor: Cursor;
  #parsed: Parsed | undefined;

  constructor(sse: Buffer, epoch: string, offset: number) {
    this.sse = sse;
    this.from = placeAt(offset);
    this.to = placeAt(offset + sse.length);
    this.cursor = formatJournalCursor(epoch, offset + sse.length);
  }

  get count(): number {
    return this.#parts.count;
  }

  get bytes(): Buffer {
    return this.#parts.bytes;
  }

  get starts(): Uint32Array {
    return this.#parts.starts;
  }

  get ends(): Uint32Array {
    return this.#parts.ends;
  }

  get hasBreaks(): boolean {
    return this.#parts.hasBreaks;
  }

  isCut(): boolean {
    return false;
  }

  time(index: number): number {
    return timeOf(this.sse, this.#parts.frames[index] ?? 0);
  }

  type(index: number): string | undefined {
    return this.#parts.types[index];
  }

  writeCursor(index: number, target: Buffer, at: number): number {
    const end = this.#parts.idEnds[index] ?? 0;
    return at + this.sse.copy(target, at, end - JOURNAL_CURSOR_LENGTH, end);
  }

  get #parts(): Parsed {
    this.#parsed ??= parse(this.sse, this.from.offset);
    return this.#parsed;
  }
}

/** Frames that have just been written, as batches of at most 256 KiB or one frame. */
export function* batchesOf({ bytes, ends, epoch, offset }: FramesWriter): Generator<JournalBatch> {
  let start = 0;
  for (const [index, end] of ends.entries()) {
    const next = ends[index + 1];
    if (next !== undefined && next - start <= MAX_BATCH_BYTES) continue;
    yield new JournalBatch(bytes.subarray(start, end), epoch, offset + start);
    start = end;
  }
}

/** Data of one line is left where it is; where there is data of several lines, all is put together anew. */
function parse(sse: Buffer, offset: number): Parsed {
  const frames: number[] = [];
  const idEnds: number[] = [];
  const types: (string | undefined)[] = [];
  const starts: number[] = [];
  const ends: number[] = [];
  const parts: FrameParts = { idEnd: 0, typeStart: 0, typeEnd: 0, dataStart: 0, end: 0 };
  let hasBreaks = false;
  for (let at = 0; at < sse.length; at = parts.end) {
    findParts(sse, at, offset + at, parts);
    frames.push(at);
    idEnds.push(parts.idEnd);
    types.push(parts.typeStart === parts.typeEnd ? undefined : sse.toString('utf8', parts.typeStart, parts.typeEnd));
    starts.push(parts.dataStart);
    ends.push(parts.end - 2);
    hasBreaks ||= sse.indexOf(LF, parts.dataStart) < parts.end - 2;
  }
  const bytes = hasBreaks ? joined(sse, starts, ends) : sse;
  return {
    count: frames.length,
    bytes,
    starts: Uint32Array.from(starts),
    ends: Uint32Array.from(ends),
    frames: Uint32Array.from(frames),
    idEnds: Uint32Array.from(idEnds),
    types,
    hasBreaks,
  };
}

/** The data of all events in new bytes; `starts` and `ends` are places in those then. */
function joined(sse: Buffer, starts: number[], ends: number[]): Buffer {
  const target = Buffer.allocUnsafe(sse.length);
  let at = 0;
  for (let index = 0; index < starts.length; index += 1) {
    const from = starts[index] as number;
    starts[index] = at;
    at = joinLines(sse, from, ends[index] as number, target, at);
    ends[index] = at;
  }
  return target.subarray(0, at);
}
