import type { EncodedBody } from '../encoding.ts';
import { LAST_BLOCK, stored } from './blocks.ts';
import { type CrcSum, crcWith, sumOf } from './crc-sum.ts';

/** RFC 1952 §2.3: deflate, no flags, no time, system unknown. */
const HEADER = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff]);

/** One reader's gzip stream: of all that it has been given, the two numbers that stand at its end. */
export class GzipBody implements EncodedBody {
  #crc = 0;
  #length = 0;

  begin(): Buffer {
    return HEADER;
  }

  /** A few bytes are stored: for one reader alone, compressing them is not worth the time. */
  own(bytes: Buffer): Buffer {
    this.add(sumOf(bytes));
    return stored(bytes);
  }

  add(sum: CrcSum): void {
    this.#crc = crcWith(this.#crc, sum);
    this.#length = (this.#length + sum.length) | 0;
  }

  end(): Buffer {
    const trailer = Buffer.alloc(8);
    trailer.writeInt32LE(this.#crc, 0);
    trailer.writeInt32LE(this.#length, 4);
    return Buffer.concat([LAST_BLOCK, trailer]);
  }
}
