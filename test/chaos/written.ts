import type { DestroyingFault, FaultDone, LineWritten, WriterEntry } from './record.ts';

const DESTROYING: ReadonlySet<string> = new Set<DestroyingFault>([
  'copytruncate',
  'copytruncate under load',
  'truncate',
  'regrow',
  'rewrite',
  'delete',
  'replace',
  'expire',
]);

export interface WrittenLine extends LineWritten {
  /** Its place in the order in which readers are to get the lines: file after file. */
  readonly place: number;
  /** What destroyed it; undefined where it can still be read. */
  destroyedBy: FaultDone | undefined;
}

/** What the writer's record says, made ready for looking up. */
export class Written {
  readonly lines: readonly WrittenLine[];
  /** The faults after which readers may be told of a gap. */
  readonly destroying: readonly FaultDone[];
  readonly #byHash = new Map<string, WrittenLine>();
  readonly #banners: ReadonlySet<string>;

  constructor(entries: readonly WriterEntry[]) {
    const lines = entries.filter((entry) => entry.what === 'line');
    // Sorting is stable: within a part the order is that of writing.
    this.lines = lines.toSorted((a, b) => a.part - b.part).map((line, place) => ({ ...line, place, destroyedBy: undefined }));
    for (const line of this.lines) this.#byHash.set(line.hash, line);
    this.#banners = new Set(entries.flatMap((entry) => (entry.what === 'banner' ? entry.hash : [])));
    this.destroying = entries.filter((entry) => entry.what === 'fault').filter(({ kind }) => DESTROYING.has(kind));
    this.#markDestroyed();
  }

  find(hash: string): WrittenLine | undefined {
    return this.#byHash.get(hash);
  }

  isBanner(hash: string): boolean {
    return this.#banners.has(hash);
  }

  /** The parts that a fault touched, the first and the last. */
  partsOf(fault: FaultDone): readonly [first: number, last: number] {
    const parts = this.lines.filter(({ destroyedBy }) => destroyedBy === fault).map(({ part }) => part);
    return [Math.min(fault.part, ...parts), Math.max(fault.part, ...parts)];
  }

  #markDestroyed(): void {
    const byNumber = new Map(this.lines.map((line) => [line.number, line]));
    for (const fault of this.destroying)
      for (const number of fault.destroyed) {
        const line = byNumber.get(number);
        if (line !== undefined) line.destroyedBy ??= fault;
      }
  }
}
