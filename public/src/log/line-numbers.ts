import type { Chunk } from './chunk.ts';
import type { ChunkStore, Place } from './chunk-store.ts';

/**
 * Numbers lines from the first that was numbered: which one of its feed a line is nobody knows, without reading all before it. What is
 * fetched before that counts down from 0. A number stays with its line for as long as the line is loaded.
 */
export class LineNumbers {
  readonly #store: ChunkStore;
  /** The number of each chunk's first line. */
  readonly #starts = new WeakMap<Chunk, number>();

  constructor(store: ChunkStore) {
    this.#store = store;
  }

  /** Undefined where it is not known how many lines are left out before it. */
  numberOf({ chunk, index }: Place): number | undefined {
    if (chunk.sifted !== undefined) return undefined;
    let number = this.#startOf(chunk);
    for (let before = 0; before < index; before += 1) if (!chunk.isNote(before)) number += 1;
    return number;
  }

  #startOf(chunk: Chunk): number {
    return this.#starts.get(chunk) ?? this.#alongFrom(chunk);
  }

  /** Numbers the chunks without a hole around this one, from the nearest that has a number, or else from its own first line. */
  #alongFrom(chunk: Chunk): number {
    const { chunks } = this.#store;
    const at = chunks.indexOf(chunk);
    let known = at;
    while (!this.#has(known) && known > 0 && chunks[known]?.hasHoleBefore === false) known -= 1;
    if (!this.#has(known)) {
      known = at;
      while (!this.#has(known) && chunks[known + 1]?.hasHoleBefore === false) known += 1;
    }
    if (!this.#has(known)) {
      this.#starts.set(chunk, 1);
      return 1;
    }
    return this.#spread(known, at);
  }

  #has(at: number): boolean {
    const chunk = this.#store.chunks[at];
    return chunk !== undefined && this.#starts.has(chunk);
  }

  #spread(from: number, to: number): number {
    const { chunks } = this.#store;
    let number = this.#starts.get(chunks[from] as Chunk) ?? 1;
    for (let at = from; at < to; at += 1) {
      number += linesOf(chunks[at]);
      this.#starts.set(chunks[at + 1] as Chunk, number);
    }
    for (let at = from; at > to; at -= 1) {
      number -= linesOf(chunks[at - 1]);
      this.#starts.set(chunks[at - 1] as Chunk, number);
    }
    return number;
  }
}

function linesOf(chunk: Chunk | undefined): number {
  return (chunk?.lines ?? 0) + (chunk?.sifted?.hidden ?? 0);
}
