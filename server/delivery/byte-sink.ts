import { viewOf } from '../feed/byte-view.ts';
import { copyText, put } from './copy-text.ts';
import { FRESH, type Room } from './room.ts';

/** More room than this share of what was written is given back: windows count the bytes that are written, not the room. */
const MAX_SPARE_SHARE = 1 / 8;

/** Bytes that grow while they are written. Whoever writes asks for room first, so that no single byte has to be checked. */
export class ByteSink {
  bytes: Buffer;
  view: DataView;
  at = 0;
  readonly #room: Room;

  constructor(bytes: number, room: Room) {
    this.#room = room;
    this.bytes = room.take(bytes);
    this.view = viewOf(this.bytes);
  }

  /** From here on `length` more bytes may be written. */
  reserve(length: number): void {
    if (this.at + length <= this.bytes.length) return;
    const written = this.bytes.subarray(0, this.at);
    const larger = this.#room.take(Math.max(this.bytes.length * 2, this.at + length));
    larger.set(written);
    this.bytes = larger;
    this.view = viewOf(larger);
  }

  /** A few bytes, for which there is room. */
  put(few: Uint8Array): void {
    this.at = put(few, this.bytes, this.at);
  }

  /** Well-formed UTF-8, for which there is room. */
  putText(source: DataView, start: number, end: number): void {
    this.at = copyText(source, start, end, this.view, this.at);
  }

  /** What has been written; the sink is done. */
  finish(): Buffer {
    const written = this.bytes.subarray(0, this.at);
    const isSpare = this.#room === FRESH && this.bytes.length - this.at > this.at * MAX_SPARE_SHARE;
    return isSpare ? Buffer.from(written) : written;
  }
}
