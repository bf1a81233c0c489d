import type { TimedLine } from './line-times.ts';

/** A line waits so long for older ones of other feeds: files that cannot be watched are looked at 250 ms apart. */
export const HOLD_MS = 300;

interface Held {
  readonly line: TimedLine;
  readonly orderMs: number;
  readonly sinceMs: number;
}

/** Puts lines of several feeds, each in its own order, into the order of their times. What comes later than the hold comes late. */
export class TimeOrder {
  #held: Held[] = [];
  characters = 0;
  /** Of each feed, the last line that is held. */
  readonly #last = new Map<number, number>();

  get isEmpty(): boolean {
    return this.#held.length === 0;
  }

  /** Within its feed a line never comes before the one before it. One whose time nobody knows is of now. */
  add(line: TimedLine, nowMs: number, sinceMs: number): void {
    const ownMs = Number.isNaN(line.orderMs) ? nowMs : line.orderMs;
    const orderMs = Math.max(ownMs, this.#last.get(line.source) ?? Number.NEGATIVE_INFINITY);
    this.#held.push({ line, orderMs, sinceMs });
    this.#last.set(line.source, orderMs);
    this.characters += line.data.length;
  }

  /** Those that have waited long enough, with all that come before them. */
  take(nowMs: number): TimedLine[] {
    const ripe = this.#held.filter(({ sinceMs }) => nowMs - sinceMs >= HOLD_MS);
    const untilMs = ripe.reduce((latest, { orderMs }) => Math.max(latest, orderMs), Number.NEGATIVE_INFINITY);
    return this.#give(({ orderMs }) => orderMs <= untilMs);
  }

  all(): TimedLine[] {
    return this.#give(() => true);
  }

  #give(isDue: (held: Held) => boolean): TimedLine[] {
    const due = this.#held.filter(isDue);
    if (due.length === 0) return [];
    this.#held = this.#held.filter((held) => !isDue(held));
    this.#last.clear();
    this.characters = 0;
    for (const { line, orderMs } of this.#held) {
      this.#last.set(line.source, orderMs);
      this.characters += line.data.length;
    }
    return due.sort((a, b) => a.orderMs - b.orderMs || a.line.unit - b.line.unit).map(({ line }) => line);
  }
}
