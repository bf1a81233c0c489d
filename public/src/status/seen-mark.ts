import type { Seen } from '../feeds/last-seen.ts';
import { formatMinute } from '../units.ts';

const DAY_MS = 86_400_000;

/** Finds, among the lines that a feed opens with, the first that had not come when the feed was last open. */
export class SeenMark {
  readonly #seen: Seen | undefined;
  #isSought: boolean;
  #isFound = false;
  #openMs = Number.POSITIVE_INFINITY;

  constructor(seen: Seen | undefined) {
    this.#seen = seen;
    this.#isSought = seen !== undefined;
  }

  /** The stream begins. Where the reader is at the head already, nothing is new. */
  open(head: string | undefined, serviceMs: number): void {
    this.#openMs = serviceMs;
    if (head === this.#seen?.cursor) this.#isSought = false;
  }

  /** The words that stand before the line with this id, if it is the first new one; what comes live is new without being told. */
  before(id: string, timeMs: number | null): string | undefined {
    if (!this.#isSought || this.#seen === undefined) return undefined;
    const isFirstNew = this.#isFound && (timeMs === null || timeMs < this.#openMs);
    if (this.#isFound) this.#isSought = false;
    this.#isFound = id === this.#seen.cursor;
    return isFirstNew ? `new since ${sinceWords(this.#seen.atMs)}` : undefined;
  }
}

function sinceWords(ms: number): string {
  const day = Date.now() - ms > DAY_MS ? `${new Date(ms).toLocaleDateString('en-GB', { day: 'numeric', month: 'short' })} ` : '';
  return `${day}${formatMinute(ms)}`;
}
