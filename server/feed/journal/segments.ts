import { join } from 'node:path';
import type { Contents } from './scan-frames.ts';

const FORM = /^(\d{16})-([A-Za-z0-9_-]{8})\.sse$/;

/** A file of a journal: its events from `base` on. */
export interface Segment {
  readonly base: number;
  readonly epoch: string;
  readonly path: string;
  /** Behind its last event that is kept. What the file may hold behind that is not part of the journal. */
  end: number;
  /** Undefined while nobody has asked for it, or has for long. */
  contents: Promise<Contents> | undefined;
}

export function segmentName(base: number, epoch: string): string {
  return `${String(base).padStart(16, '0')}-${epoch}.sse`;
}

/** The segment that a file of that name is, ending where it begins; undefined where the name is not one of ours. */
export function parseSegmentName(folder: string, name: string): Segment | undefined {
  const parts = FORM.exec(name);
  if (parts === null) return undefined;
  const base = Number(parts[1]);
  return { base, epoch: parts[2] ?? '', path: join(folder, name), end: base, contents: undefined };
}

/** The segments of a journal, oldest first: each ends where the next begins, and the last one is written to. */
export class Segments {
  readonly list: Segment[];
  /** Of what is written next, where there is no segment yet. */
  readonly #epoch: string;
  /** When the newest event of those that have been dropped was appended; null where none has been since the start. */
  droppedMs: number | null = null;

  constructor(list: Segment[], epoch: string) {
    this.list = list;
    this.#epoch = epoch;
  }

  get last(): Segment | undefined {
    return this.list.at(-1);
  }

  get oldest(): number {
    return this.list[0]?.base ?? 0;
  }

  get head(): number {
    return this.last?.end ?? 0;
  }

  get epoch(): string {
    return this.last?.epoch ?? this.#epoch;
  }

  /** The segment that holds the byte behind `offset`. */
  at(offset: number): Segment | undefined {
    const segment = this.list[this.#firstEndingBehind(offset)];
    return segment !== undefined && segment.base <= offset ? segment : undefined;
  }

  /** The segment of the event that ends at `offset`. */
  before(offset: number): Segment | undefined {
    return this.at(offset - 1);
  }

  /** The epoch of the event that ends at `offset`, so that the cursor there is the one that readers have seen. */
  epochAt(offset: number): string {
    return this.before(offset)?.epoch ?? this.list[0]?.epoch ?? this.#epoch;
  }

  /** From where to where what is kept was written in `epoch`; undefined where nothing was. */
  rangeOf(epoch: string): { readonly start: number; readonly end: number } | undefined {
    const first = this.list.find((segment) => segment.epoch === epoch);
    if (first === undefined) return epoch === this.epoch ? { start: 0, end: 0 } : undefined;
    return { start: first.base, end: this.list.findLast((segment) => segment.epoch === epoch)?.end ?? first.end };
  }

  #firstEndingBehind(offset: number): number {
    let low = 0;
    let high = this.list.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.list[middle] as Segment).end <= offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
