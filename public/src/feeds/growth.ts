import type { Seen } from './last-seen.ts';

interface Grown {
  bytes: number;
  sum: number;
}

/**
 * How much has come to each feed since it was last open, or since the page was where it never was. A feed that got shorter was
 * rotated or cut: all that it holds now is new, and what it had lost of it before cannot be known.
 */
export class Growth {
  readonly #grown = new Map<string, Grown>();

  /** The service says how long the feed is. */
  look(name: string, bytes: number, seen: Seen | undefined): void {
    const known = this.#grown.get(name);
    if (known === undefined) {
      this.#grown.set(name, { bytes, sum: seen === undefined ? 0 : growth(seen.bytes, bytes) });
      return;
    }
    known.sum += growth(known.bytes, bytes);
    known.bytes = bytes;
  }

  /** It is open: what comes is seen. */
  reset(name: string): void {
    const known = this.#grown.get(name);
    if (known !== undefined) known.sum = 0;
  }

  forget(name: string): void {
    this.#grown.delete(name);
  }

  of(name: string): number {
    return this.#grown.get(name)?.sum ?? 0;
  }
}

function growth(before: number, now: number): number {
  return now >= before ? now - before : now;
}
