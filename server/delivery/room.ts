/** Memory for framed bytes. */
export interface Room {
  /** At least `bytes` of it, the taker's own. */
  take(bytes: number): Buffer;
}

/** Nothing is used again: for bytes that many share. */
export const FRESH: Room = { take: (bytes) => Buffer.allocUnsafe(bytes) };

const NOTHING = Buffer.alloc(0);

/**
 * The same memory again and again, for the bytes of one reader: without it, a fast one makes megabytes of garbage in a millisecond.
 * What has been taken stays the taker's until it is given back; who takes before that gets other memory.
 */
export class ReusedRoom implements Room {
  #memory = NOTHING;
  #isOut = false;

  take(bytes: number): Buffer {
    // Slow: with an ArrayBuffer of its own, by which it is known when it comes back.
    if (this.#isOut || this.#memory.length < bytes) this.#memory = Buffer.allocUnsafeSlow(bytes);
    this.#isOut = true;
    return this.#memory;
  }

  /** Nobody reads or writes `bytes` any more. Other bytes than those that were taken last are let go. */
  giveBack(bytes: Buffer): void {
    if (bytes.buffer === this.#memory.buffer) this.#isOut = false;
  }
}
