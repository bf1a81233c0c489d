import { Figures } from './figures.ts';
import { FramingTurns } from './framing-turns.ts';

/** Somebody who is behind and can be written to. */
export interface Behind {
  /** Writes what there is, up to one write; true where more is left and the client still keeps up. */
  advance(): boolean;
}

/** Writes of one slice. libuv accepts one connection a loop turn: a pass over thousands would starve new clients. */
const SLICE = 20;

/**
 * Goes round those who are behind, a slice a loop turn. What arrives while it goes round is written in the next round, in one
 * larger write each: batching grows with load, and there is no timer.
 */
export class FanOut {
  readonly figures = new Figures();
  readonly framing = new FramingTurns();
  readonly #behind = new Set<Behind>();
  #isScheduled = false;

  add(subscriber: Behind): void {
    this.#behind.add(subscriber);
    this.#schedule();
  }

  remove(subscriber: Behind): void {
    this.#behind.delete(subscriber);
  }

  #schedule(): void {
    if (this.#isScheduled || this.#behind.size === 0) return;
    this.#isScheduled = true;
    setImmediate(() => this.#slice());
  }

  #slice(): void {
    this.#isScheduled = false;
    let left = SLICE;
    for (const subscriber of this.#behind) {
      if (left === 0) break;
      left -= 1;
      this.#behind.delete(subscriber);
      if (subscriber.advance()) this.#behind.add(subscriber);
    }
    this.#schedule();
  }
}
