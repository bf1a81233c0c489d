import type { Chunk } from '../log/chunk.ts';
import type { ChunkStore, Place } from '../log/chunk-store.ts';

/** The lines that a link is to, as rows of each chunk. */
export class LinkedLines {
  #rows = new Map<Chunk, { from: number; to: number }>();

  get isAny(): boolean {
    return this.#rows.size > 0;
  }

  /** `first` and the `count - 1` behind it, as far as they are loaded. */
  link(store: ChunkStore | undefined, first: Place, count: number): void {
    this.#rows = new Map();
    let left = count;
    for (let chunk: Chunk | undefined = first.chunk, from = first.index; chunk !== undefined && left > 0; from = 0) {
      let to = from;
      for (; to < chunk.count && left > 0; to += 1) if (!chunk.isNote(to)) left -= 1;
      this.#rows.set(chunk, { from, to });
      const next: Chunk | undefined = store?.behind(chunk);
      chunk = next?.hasHoleBefore === true ? undefined : next;
    }
  }

  clear(): void {
    this.#rows = new Map();
  }

  has({ chunk, index }: Place): boolean {
    const rows = this.#rows.get(chunk);
    return rows !== undefined && index >= rows.from && index < rows.to;
  }
}
