import { Figures } from './figures.ts';
import { FramingTurns } from './framing-turns.ts';

/** Somebody who is behind and can be written to. */
export interface Behind {
  /** Writes what there is, up to one write; true where more is left and the client still keeps up. */
  advance(): boolean;
}

/** Writes of one slice. libuv accepts one connection a loop turn: a pass over thousands would starve new clients. */
const SLICE = 20;
/** While nobody comes, a turn of the loop has as many slices as begin within this: a turn costs as much as a write or two. */
const MAX_TURN_MS = 1;
/** Whoever comes is seldom alone: for so long, a turn has one slice. */
const COMING_MS = 250;

/**
 * Goes round those who are behind, a slice a loop turn. What arrives while it goes round is written in the next round, in one
 * larger write each: batching grows with load, and there is no timer.
 */
export class FanOut {
  readonly figures = new Figures();
  readonly framing = new FramingTurns();
  readonly #behind = new Set<Behind>();
  readonly #rounds = new Set<Behind>();
  #isScheduled = false;
  #cameAt = Number.NEGATIVE_INFINITY;

  /** Somebody connects: the loop is to get round often. */
  someoneComes(): void {
    this.#cameAt = performance.now();
  }

  add(subscriber: Behind): void {
    this.#behind.add(subscriber);
    this.#schedule();
  }

  remove(subscriber: Behind): void {
    this.#behind.delete(subscriber);
  }

  /** Adds many, of whom one is written to at each `advance`. Half of the turns are theirs where others are behind as well. */
  addRound(round: Behind): void {
    this.#rounds.add(round);
    this.#schedule();
  }

  removeRound(round: Behind): void {
    this.#rounds.delete(round);
  }

  #schedule(): void {
    if (this.#isScheduled || this.#behind.size + this.#rounds.size === 0) return;
    this.#isScheduled = true;
    setImmediate(() => this.#turn());
  }

  #turn(): void {
    this.#isScheduled = false;
    const startedAt = performance.now();
    const mayGoOn = startedAt - this.#cameAt > COMING_MS;
    do this.#slice();
    while (mayGoOn && this.#behind.size + this.#rounds.size > 0 && performance.now() - startedAt < MAX_TURN_MS);
    this.#schedule();
  }

  #slice(): void {
    const most = this.#behind.size > 0 ? SLICE / 2 : SLICE;
    this.#goOn(SLICE - most + this.#goRound(most));
  }

  /** Gives up to `turns` to the rounds, the one that has waited longest first. Answers how many are left over. */
  #goRound(turns: number): number {
    let left = turns;
    for (const round of this.#rounds) {
      let hasMore = true;
      for (; hasMore && left > 0; left -= 1) hasMore = round.advance();
      if (!hasMore || this.#rounds.size > 1) this.#rounds.delete(round);
      if (hasMore) this.#rounds.add(round);
      if (left === 0) break;
    }
    return left;
  }

  #goOn(turns: number): void {
    let left = turns;
    for (const subscriber of this.#behind) {
      if (left === 0) break;
      left -= 1;
      this.#behind.delete(subscriber);
      if (subscriber.advance()) this.#behind.add(subscriber);
    }
  }
}
