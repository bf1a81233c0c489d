import { join } from 'node:path';
import type { Block } from './blocks.ts';

const FORM = /^(\d{16})-([A-Za-z0-9_-]{8})\.sse$/;

/** A file of a journal: its events from `base` on. */
export interface Segment {
  readonly base: number;
  readonly epoch: string;
  readonly path: string;
  /** Behind its last event that is kept. What the file may hold behind that is not part of the journal. */
  end: number;
  /** Not known until somebody reads it. */
  blocks: Block[] | undefined;
}

export function segmentName(base: number, epoch: string): string {
  return `${String(base).padStart(16, '0')}-${epoch}.sse`;
}

/** The segment that a file of that name is, ending where it begins; undefined where the name is not one of ours. */
export function parseSegmentName(folder: string, name: string): Segment | undefined {
  const parts = FORM.exec(name);
  if (parts === null) return undefined;
  return { base: Number(parts[1]), epoch: parts[2] ?? '', path: join(folder, name), end: Number(parts[1]), blocks: undefined };
}

/** The segments of a journal, oldest first: each ends where the next begins, and the last one is written to. */
export class Segments {
  readonly list: Segment[];
  /** Of what is written next, where there is no segment yet. */
  readonly #epoch: string;

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
    return this.list[this.indexAt(offset)];
  }

  /** The number of the segment that holds the byte behind `offset`; -1 where none does. */
  indexAt(offset: number): number {
    return this.list.findIndex((segment) => segment.base <= offset && offset < segment.end);
  }

  /** The epoch of the event that ends at `offset`, so that the cursor there is the one that readers have seen. */
  epochAt(offset: number): string {
    return (
      this.list.find((segment) => segment.base < offset && offset <= segment.end)?.epoch ?? this.list[0]?.epoch ?? this.#epoch
    );
  }

  /** From where to where what is kept was written in `epoch`; undefined where nothing was. */
  rangeOf(epoch: string): { readonly start: number; readonly end: number } | undefined {
    const own = this.list.filter((segment) => segment.epoch === epoch);
    const [first] = own;
    if (first === undefined) return epoch === this.epoch ? { start: 0, end: 0 } : undefined;
    return { start: first.base, end: own.at(-1)?.end ?? first.end };
  }
}
