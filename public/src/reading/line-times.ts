import type { Envelope } from '../connection/protocol.ts';
import { writtenAt } from '../log/line-reading.ts';

/** A line of one of several feeds, with its time among theirs. */
export interface TimedLine extends Envelope {
  readonly source: number;
  /** By this it is put in order; NaN where nobody knows. */
  readonly orderMs: number;
  /** When it was written, as it tells, else when the service read it; undefined where it goes by the line before, or nobody knows. */
  readonly own: { readonly fromMs: number; readonly untilMs: number } | undefined;
  /** Lines of one unit are not parted: a stack trace, the pieces of a line that was cut. */
  readonly unit: number;
}

/** A line that gives whole seconds may have been written so much later. */
const COARSE_MS = 999;
/** A line without a time that came so soon after one with a time belongs to it. */
const BELONGS_MS = 1_000;

let units = 0;

/** Tells the times of one feed's lines, which come in its order. */
export class LineTimes {
  readonly #source: number;
  /** The last line that told a time itself, and the last of all. */
  #head: TimedLine | undefined;
  #last: TimedLine | undefined;
  /** Some line has had a time. */
  isAnyKnown = false;

  constructor(source: number) {
    this.#source = source;
  }

  next(line: Envelope, nowMs: number): TimedLine {
    const isPiece = this.#last?.cut === true;
    const told = isPiece ? undefined : toldBy(line, nowMs);
    const before = isPiece ? this.#last : told === undefined ? this.#headOf(line) : undefined;
    const timed = before === undefined ? this.#alone(line, told) : this.#with(line, before);
    if (told !== undefined) this.#head = timed;
    if (timed.own !== undefined) this.isAnyKnown = true;
    this.#last = timed;
    return timed;
  }

  #alone(line: Envelope, told: TimedLine['own']): TimedLine {
    units += 1;
    const own = told ?? (line.time === null ? undefined : { fromMs: line.time, untilMs: line.time });
    return { ...line, source: this.#source, own, orderMs: orderOf(line, own), unit: units };
  }

  #with(line: Envelope, { orderMs, unit }: TimedLine): TimedLine {
    return { ...line, source: this.#source, own: undefined, orderMs, unit };
  }

  #headOf({ time }: Envelope): TimedLine | undefined {
    const head = this.#head;
    const isSoon = time === null || head?.time === null || time - (head?.time ?? 0) <= BELONGS_MS;
    return isSoon ? head : undefined;
  }
}

/** When it came tells more than the second that it gives. */
function orderOf({ time }: Envelope, own: TimedLine['own']): number {
  if (own === undefined) return Number.NaN;
  return Math.min(Math.max(time ?? own.fromMs, own.fromMs), own.untilMs);
}

function toldBy({ data, time }: Envelope, nowMs: number): TimedLine['own'] {
  const found = writtenAt(data, time ?? nowMs, nowMs);
  return found && { fromMs: found.ms, untilMs: found.ms + (found.fine ? 0 : COARSE_MS) };
}

/** Says which lines come late: a newer one stands above them already. */
export class Lateness {
  #newestMs = Number.NEGATIVE_INFINITY;

  isLate({ own }: TimedLine): boolean {
    if (own === undefined) return false;
    const isLate = own.untilMs < this.#newestMs;
    this.#newestMs = Math.max(this.#newestMs, own.fromMs);
    return isLate;
  }
}
