import { viewOf } from '../feed/byte-view.ts';
import { copyText, put } from './copy-text.ts';

/** More room than this share of what was written is given back: windows count the bytes that are written, not the room. */
const MAX_SPARE_SHARE = 1 / 8;

/** Bytes that grow while they are written. Whoever writes asks for room first, so that no single byte has to be checked. */
export class ByteSink {
  bytes: Buffer;
  view: DataView;
  at = 0;

  constructor(room: number) {
    this.bytes = Buffer.allocUnsafe(room);
    this.view = viewOf(this.bytes);
  }

  /** From here on `length` more bytes may be written. */
  reserve(length: number): void {
    if (this.at + length <= this.bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.bytes.length * 2, this.at + length));
    this.bytes.copy(larger, 0, 0, this.at);
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
    return this.bytes.length - this.at > this.at * MAX_SPARE_SHARE ? Buffer.from(written) : written;
  }
}
