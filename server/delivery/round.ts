import { writeTo } from './direct-write.ts';
import type { Behind, FanOut } from './fan-out.ts';
import { Lap } from './lap.ts';
import type { Place } from './place.ts';
import { type Member, type Seat, Seats } from './seats.ts';
import { placeBehind, type Stretch, type Window } from './window.ts';

/**
 * Those who have all there is, and go round together when there is more: news costs each of them its write, and no place in a queue. News
 * that comes while they go round lengthens the round until everyone has had a turn since.
 */
export class Round implements Behind {
  readonly #fanOut: FanOut;
  readonly #window: Window;
  readonly #lap: Lap;
  readonly #seats = new Seats();
  /** Turns until everyone has had one since the last news. */
  #left = 0;

  constructor(fanOut: FanOut, window: Window) {
    this.#fanOut = fanOut;
    this.#window = window;
    this.#lap = new Lap(fanOut.figures.latency);
  }

  /** Who comes while the others go round has a turn besides theirs. */
  add(member: Member): Seat {
    const seat = this.#seats.take(member);
    if (this.#left === 0) return seat;
    this.#left += 1;
    this.#lap.lengthen();
    return seat;
  }

  delete(seat: Seat): void {
    this.#seats.give(seat);
  }

  /** There is more for everyone, since `at` (performance.now). */
  start(at = performance.now()): void {
    this.#left = this.#seats.size;
    if (this.#left === 0) return;
    this.#lap.start(this.#left, at);
    this.#fanOut.addRound(this);
  }

  /** Gives the next one its turn. */
  advance(): boolean {
    const index = this.#seats.next();
    this.#left = index < 0 ? 0 : Math.max(0, this.#left - 1);
    if (index >= 0) this.#turn(index);
    this.#lap.turn(this.#left);
    return this.#left > 0;
  }

  stop(): void {
    this.#seats.clear();
    this.#fanOut.removeRound(this);
  }

  /** Whoever has lent its descriptor and keeps up is written to here; all others do what is theirs. */
  #turn(index: number): void {
    const place = this.#seats.places[index];
    if (place?.next === this.#window.end) return;
    const stretch = this.#restFrom(place);
    const taken = stretch && this.#write(index, stretch.framed);
    if (place !== undefined && stretch !== undefined && taken === stretch.framed.length) {
      this.#seats.places[index] = placeBehind(stretch, place);
      this.#fanOut.figures.windowHits += 1;
      return;
    }
    const member = this.#seats.member(index);
    if (member?.advance(taken)) this.#fanOut.add(member);
  }

  /** All that is behind `place`, where that is one write; undefined where it is more, or is no longer in the window. */
  #restFrom(place: Place | undefined): Stretch | undefined {
    const window = this.#window;
    if (place?.next === undefined || place.next < window.first) return undefined;
    const stretch = window.from(place.next);
    return stretch.end === window.end ? stretch : undefined;
  }

  /** What a format does not show has no bytes. */
  #write(index: number, bytes: Buffer): number {
    return bytes.length === 0 ? 0 : writeTo(this.#seats.descriptor(index), bytes);
  }
}
