import { type FrameContent, frameRoom, writeFrame } from './frame.ts';

const FIRST_BYTES = 16 * 1024;

/** Frames that are written in one go: they follow one another from `offset` on. */
export class FramesWriter {
  readonly epoch: string;
  readonly offset: number;
  /** Behind each frame, as places in the bytes. */
  readonly ends: number[] = [];
  /** When the newest of them was appended, ms since the epoch. */
  lastMs = 0;
  #bytes = Buffer.allocUnsafe(FIRST_BYTES);
  #at = 0;

  constructor(epoch: string, offset: number) {
    this.epoch = epoch;
    this.offset = offset;
  }

  get bytes(): Buffer {
    return this.#bytes.subarray(0, this.#at);
  }

  /** Where the next frame will begin, as an offset in the journal. */
  get end(): number {
    return this.offset + this.#at;
  }

  /** Adds an event; answers the offset behind it. */
  add(content: FrameContent): number {
    this.#reserve(frameRoom(content));
    this.#at = writeFrame(content, this.epoch, this.end, this.#bytes, this.#at);
    this.ends.push(this.#at);
    this.lastMs = content.timeMs;
    return this.end;
  }

  /** The frame that ends at `offset`, which is one of these, and where it begins. */
  frameBefore(offset: number): { readonly bytes: Buffer; readonly start: number } | undefined {
    const index = this.ends.indexOf(offset - this.offset);
    if (index < 0) return undefined;
    const at = this.ends[index - 1] ?? 0;
    return { bytes: this.#bytes.subarray(at, this.ends[index]), start: this.offset + at };
  }

  /** Forgets the frames behind the first `count`. */
  cut(count: number): void {
    this.ends.length = count;
    this.#at = this.ends.at(-1) ?? 0;
  }

  #reserve(room: number): void {
    if (this.#at + room <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(2 * this.#bytes.length, this.#at + room));
    this.#bytes.copy(larger, 0, 0, this.#at);
    this.#bytes = larger;
  }
}
