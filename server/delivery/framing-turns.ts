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
  readonly #waiting = new Set<Unframed>();
  #spentMs = 0;
  #isScheduled = false;
  #isFraming = false;

  /** Who waits already keeps its turn. */
  add(one: Unframed): void {
    this.#waiting.add(one);
    this.#frame();
  }

  remove(one: Unframed): void {
    this.#waiting.delete(one);
  }

  /** Does `work`, which frames something, when it is its turn. */
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
      this.add({ frame });
    });
  }

  #frame(): void {
    if (this.#isFraming) return;
    this.#isFraming = true;
    const startedAt = performance.now();
    const before = this.#spentMs;
    for (const one of this.#waiting) {
      if (this.#spentMs >= MAX_TURN_MS) break;
      this.#waiting.delete(one);
      if (one.frame()) this.#waiting.add(one);
      this.#spentMs = before + performance.now() - startedAt;
    }
    this.#isFraming = false;
    this.#schedule();
  }

  /** In the next turn there is time again. */
  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      this.#spentMs = 0;
      if (this.#waiting.size > 0) this.#frame();
    });
  }
}
