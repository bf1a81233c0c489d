import type { MemoryEvent } from './memory-event.ts';

export interface RingLimits {
  readonly maxBytes: number;
  readonly maxEvents: number;
}

/** The newest events of a log, numbered from 0 as they came. The oldest are dropped first; the newest is always kept. */
export class MemoryRing {
  readonly #limits: RingLimits;
  #events: (MemoryEvent | undefined)[] = [];
  /** Bytes appended before each event: says how much a gap has lost. */
  #startBytes: number[] = [];
  #first = 0;
  #oldest = 0;
  #bytesAppended = 0;
  #lastDroppedMs: number | null = null;

  constructor(limits: RingLimits) {
    this.#limits = limits;
  }

  /** The number of the oldest event there is; `head` where there is none. */
  get oldest(): number {
    return this.#oldest;
  }

  /** How many events have ever come: the number that the next one will have. */
  get head(): number {
    return this.#oldest + this.#events.length - this.#first;
  }

  get bytesAppended(): number {
    return this.#bytesAppended;
  }

  /** Bytes of data that are kept. */
  get bytes(): number {
    return this.#bytesAppended - (this.#startBytes[this.#first] ?? this.#bytesAppended);
  }

  /** Milliseconds since the epoch at which the newest of the dropped events was made. */
  get lastDroppedMs(): number | null {
    return this.#lastDroppedMs;
  }

  get isOver(): boolean {
    const count = this.head - this.#oldest;
    return count > 1 && (count > this.#limits.maxEvents || this.bytes > this.#limits.maxBytes);
  }

  push(event: MemoryEvent): void {
    this.#events.push(event);
    this.#startBytes.push(this.#bytesAppended);
    this.#bytesAppended += event.data.length;
  }

  dropOldest(): void {
    this.#lastDroppedMs = this.#events[this.#first]?.timeMs ?? null;
    this.#events[this.#first] = undefined;
    this.#first += 1;
    this.#oldest += 1;
    if (this.#first >= 1024 && this.#first * 2 >= this.#events.length) this.#compact();
  }

  at(sequence: number): MemoryEvent | undefined {
    return this.#events[this.#first + sequence - this.#oldest];
  }

  /** Bytes appended before event `sequence`; null where that is no longer known. */
  bytesBefore(sequence: number): number | null {
    if (sequence < this.#oldest) return null;
    return this.#startBytes[this.#first + sequence - this.#oldest] ?? this.#bytesAppended;
  }

  #compact(): void {
    this.#events = this.#events.slice(this.#first);
    this.#startBytes = this.#startBytes.slice(this.#first);
    this.#first = 0;
  }
}
