/** Somebody who has something to frame. */
export interface Unframed {
  /** Frames a piece; true where more is left. */
  frame(): boolean;
}

/** After so long in one turn of the loop, the rest waits for the next ones, ms. What is one piece is framed whole. */
const MAX_TURN_MS = 3;

/**
 * Framing takes time, and hundreds may have to frame the same burst: each set of feeds has ids of its own. Whoever comes while there is
 * time in this turn of the loop frames at once, the others one after the other, a piece each, a few milliseconds a turn.
 */
export class FramingTurns {
  /** What has come, for many. */
  readonly #news = new Set<Unframed>();
  /** For one reader each: it comes behind the news, but one piece in each turn of the loop in any case. */
  readonly #history = new Set<Unframed>();
  #spentMs = 0;
  #isScheduled = false;
  #isFraming = false;

  /** Who waits already keeps its turn. */
  add(one: Unframed): void {
    this.#news.add(one);
    this.#frame();
  }

  remove(one: Unframed): void {
    this.#news.delete(one);
  }

  /** Does `work`, which frames history, when it is its turn. */
  run<T>(work: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      const frame = () => {
        try {
          resolve(work());
        } catch (error) {
          reject(error);
        }
        return false;
      };
      this.#history.add({ frame });
      this.#frame();
    });
  }

  #frame(): void {
    if (this.#isFraming) return;
    this.#isFraming = true;
    // What fails, fails for its own: the others have their turns all the same.
    try {
      this.#frameEach(this.#news);
      this.#frameEach(this.#history);
    } finally {
      this.#isFraming = false;
      this.#schedule();
    }
  }

  #frameEach(waiting: Set<Unframed>): void {
    for (const one of waiting) {
      if (this.#spentMs >= MAX_TURN_MS) return;
      this.#frameOne(waiting, one);
    }
  }

  #frameOne(waiting: Set<Unframed>, one: Unframed): void {
    const startedAt = performance.now();
    waiting.delete(one);
    if (one.frame()) waiting.add(one);
    this.#spentMs += performance.now() - startedAt;
  }

  /** In the next turn there is time again. */
  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      this.#spentMs = 0;
      const [first] = this.#history;
      if (first !== undefined) this.#frameOne(this.#history, first);
      if (this.#news.size + this.#history.size > 0) this.#frame();
      else if (this.#spentMs > 0) this.#schedule();
    });
  }
}
