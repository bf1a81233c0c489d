import { cutAtCharacter } from '../feed/memory-event.ts';

export const MAX_LINE_BYTES = 256 * 1024;
const LF = 10;
const CR = 13;
const NOTHING = Buffer.alloc(0);

export interface Line {
  /** Without its end. It may share memory with the chunk that it came in. */
  readonly bytes: Buffer;
  /** A piece of a line over the limit: the next line goes on with it. */
  readonly cut: boolean;
}

/**
 * Splits chunks of bytes into lines, the same ones wherever the chunks are cut. A line ends at LF, a CR before it is dropped, any other
 * CR stays. Holds at most one line of `maxLineBytes`; a longer one is cut at a character.
 */
export class LineStream {
  readonly #maxLineBytes: number;
  #held: Buffer = NOTHING;
  #length = 0;

  constructor(maxLineBytes = MAX_LINE_BYTES) {
    this.#maxLineBytes = maxLineBytes;
  }

  /** The lines that `chunk` finishes. */
  push(chunk: Buffer): Line[] {
    const lines: Line[] = [];
    let at = 0;
    for (let end = chunk.indexOf(LF); end >= 0; end = chunk.indexOf(LF, at)) {
      this.#take(chunk.subarray(at, end), lines);
      at = end + 1;
    }
    this.#hold(chunk.subarray(at), lines);
    return lines;
  }

  /** The last line, where the input ended without a line end. */
  end(): Line[] {
    return this.#length === 0 ? [] : [this.#release()];
  }

  get isUnfinished(): boolean {
    return this.#length > 0;
  }

  /** The line that has not ended yet, as far as it has come: a copy. */
  get unfinished(): Buffer {
    return Buffer.from(this.#held.subarray(0, this.#length));
  }

  /** A line's last bytes have come. */
  #take(segment: Buffer, lines: Line[]): void {
    if (this.#length === 0 && segment.length <= this.#maxLineBytes) {
      lines.push({ bytes: withoutCr(segment), cut: false });
      return;
    }
    this.#hold(segment, lines);
    lines.push(this.#release());
  }

  /** One byte over the limit may be the CR of a line end, so that it takes two bytes over the limit, or another byte, to cut. */
  #hold(segment: Buffer, lines: Line[]): void {
    const limit = this.#maxLineBytes;
    let rest = segment;
    while (rest.length > 0) {
      rest = this.#fill(rest, limit + 2);
      if (this.#length > limit + 1 || (this.#length === limit + 1 && this.#held[limit] !== CR)) lines.push(this.#cut());
    }
  }

  /** Copies what fits below `capacity`; returns the rest. */
  #fill(segment: Buffer, capacity: number): Buffer {
    const length = Math.min(this.#length + segment.length, capacity);
    if (length > this.#held.length) {
      const larger = Buffer.allocUnsafe(Math.min(capacity, Math.max(1024, 2 * length)));
      this.#held.copy(larger, 0, 0, this.#length);
      this.#held = larger;
    }
    const taken = length - this.#length;
    segment.copy(this.#held, this.#length, 0, taken);
    this.#length = length;
    return segment.subarray(taken);
  }

  #cut(): Line {
    const end = cutAtCharacter(this.#held, this.#maxLineBytes);
    const bytes = Buffer.from(this.#held.subarray(0, end));
    this.#held.copyWithin(0, end, this.#length);
    this.#length -= end;
    return { bytes, cut: true };
  }

  #release(): Line {
    const bytes = withoutCr(this.#held.subarray(0, this.#length));
    this.#held = NOTHING;
    this.#length = 0;
    return { bytes, cut: false };
  }
}

function withoutCr(bytes: Buffer): Buffer {
  return bytes[bytes.length - 1] === CR ? bytes.subarray(0, -1) : bytes;
}
