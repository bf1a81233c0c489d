import { HeldBytes } from './publish-held.ts';

const LF = 10;

/**
 * Splits the bytes of a request into lines that end at LF, the same ones wherever the bytes are cut. A line over `maxBytes` is handed
 * over as undefined, once, and not held. Holds at most `maxBytes`.
 */
export class PublishedLines {
  readonly #maxBytes: number;
  readonly #onLine: (bytes: Buffer | undefined) => void;
  readonly #held: HeldBytes;

  constructor(maxBytes: number, onLine: (bytes: Buffer | undefined) => void) {
    this.#maxBytes = maxBytes;
    this.#onLine = onLine;
    this.#held = new HeldBytes(maxBytes);
  }

  /** Lines may share memory with `chunk`. */
  push(chunk: Buffer): void {
    let at = 0;
    for (let end = chunk.indexOf(LF); end >= 0; end = chunk.indexOf(LF, at)) {
      this.#line(chunk.subarray(at, end));
      at = end + 1;
    }
    if (at < chunk.length) this.#held.add(chunk.subarray(at));
  }

  /** The last line, where the body ended without a line end. */
  end(): void {
    if (this.#held.length > 0) this.#onLine(this.#held.take());
  }

  #line(bytes: Buffer): void {
    if (this.#held.length === 0) this.#onLine(bytes.length > this.#maxBytes ? undefined : bytes);
    else {
      this.#held.add(bytes);
      this.#onLine(this.#held.take());
    }
  }
}
