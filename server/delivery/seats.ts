import type { Behind } from './fan-out.ts';
import type { Place } from './place.ts';

/** Somebody who goes round with others. */
export interface Member extends Behind {
  /** `taken`: so many bytes of what comes next the system has for this one already; undefined where nothing has been written. */
  advance(taken?: number): boolean;
}

/** A member's place among those who go round. */
export class Seat {
  readonly member: Member;
  readonly #seats: Seats;
  /** Negative once it has been given up. */
  index = -1;

  constructor(member: Member, seats: Seats) {
    this.member = member;
    this.#seats = seats;
  }

  /** From now on the round writes to the member's descriptor, and knows its place. */
  lend(descriptor: number, place: Place): void {
    this.#seats.set(this.index, descriptor, place);
  }

  /** Where the member is by now; undefined where nothing is lent. */
  get place(): Place | undefined {
    return this.#seats.places[this.index];
  }

  /** From now on the member writes for itself, from the place that is answered; undefined where nothing was lent. */
  takeBack(): Place | undefined {
    const { place } = this;
    if (place !== undefined) this.#seats.set(this.index, NONE, undefined);
    return place;
  }
}

const NONE = -1;
const LEAST_ROOM = 16;

/**
 * Those who go round, in the order in which they came. What a write needs lies in dense arrays: an object of each of thousands is not in the
 * processor's cache when its turn comes, and to fetch it takes as long as a good part of the write.
 */
export class Seats {
  #seats: (Seat | undefined)[] = [];
  /** Negative for those who write for themselves. */
  #descriptors = new Int32Array(LEAST_ROOM);
  readonly places: (Place | undefined)[] = [];
  #taken = 0;
  /** Whose turn is next. */
  #at = 0;

  get size(): number {
    return this.#taken;
  }

  /** Behind all others. */
  take(member: Member): Seat {
    const seat = new Seat(member, this);
    if (this.#seats.length === this.#descriptors.length) this.#enlarge();
    seat.index = this.#seats.length;
    this.#seats.push(seat);
    this.places.push(undefined);
    this.#descriptors[seat.index] = NONE;
    this.#taken += 1;
    return seat;
  }

  give(seat: Seat): void {
    if (seat.index < 0) return;
    this.set(seat.index, NONE, undefined);
    this.#seats[seat.index] = undefined;
    seat.index = -1;
    this.#taken -= 1;
    if (this.#seats.length > 2 * this.#taken + LEAST_ROOM) this.#closeUp();
  }

  clear(): void {
    for (const seat of this.#seats) if (seat !== undefined) seat.index = -1;
    this.#taken = 0;
    this.#closeUp();
  }

  set(index: number, descriptor: number, place: Place | undefined): void {
    this.#descriptors[index] = descriptor;
    this.places[index] = place;
  }

  /** The index of the next one, around and around; negative where there is nobody. */
  next(): number {
    if (this.#taken === 0) return -1;
    for (;;) {
      if (this.#at >= this.#seats.length) this.#at = 0;
      const index = this.#at;
      this.#at += 1;
      // Whoever has lent a descriptor is there: only of the others one has to look.
      if (this.descriptor(index) >= 0 || this.#seats[index] !== undefined) return index;
    }
  }

  descriptor(index: number): number {
    return this.#descriptors[index] ?? NONE;
  }

  member(index: number): Member | undefined {
    return this.#seats[index]?.member;
  }

  #enlarge(): void {
    const larger = new Int32Array(this.#descriptors.length * 2);
    larger.set(this.#descriptors);
    this.#descriptors = larger;
  }

  /** Moves everyone up to the front, in order. */
  #closeUp(): void {
    const seats = this.#seats.filter((seat) => seat !== undefined && seat.index >= 0) as Seat[];
    const at = seats.findIndex(({ index }) => index >= this.#at);
    const descriptors = new Int32Array(Math.max(LEAST_ROOM, 2 * seats.length));
    for (const [index, seat] of seats.entries()) {
      descriptors[index] = this.descriptor(seat.index);
      this.places[index] = this.places[seat.index];
      seat.index = index;
    }
    this.places.length = seats.length;
    this.#seats = seats;
    this.#descriptors = descriptors;
    this.#at = at < 0 ? 0 : at;
  }
}
