import type { Behind, FanOut } from './fan-out.ts';
import { Lap } from './lap.ts';

/**
 * Those who have all there is, and go round together when there is more: news costs each of them its write, and no place in a queue. News
 * that comes while they go round lengthens the round until everyone has had a turn since.
 */
export class Round implements Behind {
  readonly #fanOut: FanOut;
  readonly #lap: Lap;
  readonly #members = new Set<Behind>();
  /** Goes on where it is, whoever comes and leaves; not kept longer, since it keeps those who have left. */
  #turns: Iterator<Behind> | undefined;
  /** Turns until everyone has had one since the last news. */
  #left = 0;

  constructor(fanOut: FanOut) {
    this.#fanOut = fanOut;
    this.#lap = new Lap(fanOut.figures.latency);
  }

  /** Who comes while the others go round has a turn besides theirs. */
  add(member: Behind): void {
    this.#members.add(member);
    if (this.#left === 0) return;
    this.#left += 1;
    this.#lap.lengthen();
  }

  delete(member: Behind): void {
    this.#members.delete(member);
  }

  /** There is more for everyone, since `at` (performance.now). */
  start(at = performance.now()): void {
    this.#left = this.#members.size;
    if (this.#left === 0) return;
    this.#lap.start(this.#left, at);
    this.#fanOut.addRound(this);
  }

  /** Gives the next one its turn. */
  advance(): boolean {
    const member = this.#next();
    this.#left = member === undefined ? 0 : Math.max(0, this.#left - 1);
    if (member?.advance()) this.#fanOut.add(member);
    this.#lap.turn(this.#left);
    if (this.#left === 0) this.#turns = undefined;
    return this.#left > 0;
  }

  stop(): void {
    this.#members.clear();
    this.#turns = undefined;
    this.#fanOut.removeRound(this);
  }

  #next(): Behind | undefined {
    const turn = this.#turns?.next();
    if (turn !== undefined && turn.done !== true) return turn.value;
    this.#turns = this.#members.values();
    return this.#turns.next().value;
  }
}
