import type { Batch, PartialLine } from './batch.ts';
import type { Follower } from './log.ts';

/** Where followers' batches come from. */
export interface Untold {
  readonly head: number;
  /** The batch that begins at `from`, which is before the head. */
  next(from: number): Batch;
}

/**
 * Tells followers what comes, once a turn of the loop: what is appended in one turn is one batch. All followers stand at one place,
 * `told`; whoever joins is first brought there by telling the others, so its first batch begins where it joined.
 */
export class MemoryFollowers {
  readonly #untold: Untold;
  readonly #entries = new Set<{ readonly follower: Follower }>();
  #told = 0;
  #partial: PartialLine | null = null;
  #toldPartial: PartialLine | null = null;
  #isTelling = false;
  #isScheduled = false;

  constructor(untold: Untold) {
    this.#untold = untold;
  }

  /** Events that all followers have been told; the head where nobody follows. */
  get told(): number {
    return this.#entries.size === 0 ? this.#untold.head : this.#told;
  }

  /** The unfinished line as far as it has been told. */
  get partial(): PartialLine | null {
    return this.#entries.size === 0 ? this.#partial : this.#toldPartial;
  }

  /** Whether a follower is being told something right now, further up the stack. */
  get isTelling(): boolean {
    return this.#isTelling;
  }

  /** Returns the function that ends it. */
  add(follower: Follower): () => void {
    this.tell();
    const told = this.told;
    const partial = this.partial;
    const entry = { follower };
    this.#entries.add(entry);
    this.#told = told;
    this.#toldPartial = partial;
    return () => this.#entries.delete(entry);
  }

  clear(): void {
    this.#entries.clear();
  }

  /** The unfinished line is told after the events that were appended before it. */
  setPartial(partial: PartialLine | null): void {
    this.#partial = partial;
    this.wake();
  }

  /** Tells at the end of this turn of the loop. */
  wake(): void {
    if (this.#isScheduled || this.#entries.size === 0) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      this.tell();
    });
  }

  /** Tells now. What a follower itself appends while it is told waits for the next turn: nobody can hold the loop that way. */
  tell(): void {
    if (this.#isTelling || this.#entries.size === 0) return;
    this.#isTelling = true;
    try {
      const head = this.#untold.head;
      while (this.told < head) this.#tellBatch();
      this.#tellPartial();
    } finally {
      this.#isTelling = false;
    }
    if (this.told < this.#untold.head || this.partial !== this.#partial) this.wake();
  }

  #tellBatch(): void {
    const batch = this.#untold.next(this.#told);
    this.#told = batch.to.offset;
    this.#each((follower) => follower.batch(batch));
  }

  #tellPartial(): void {
    if (this.partial === this.#partial) return;
    const partial = this.#partial;
    this.#toldPartial = partial;
    this.#each((follower) => follower.partial(partial));
  }

  /** Those who are there now and have not left meanwhile: one that joins in the middle stands behind this batch already. */
  #each(tell: (follower: Follower) => void): void {
    for (const entry of [...this.#entries]) if (this.#entries.has(entry)) tell(entry.follower);
  }
}
