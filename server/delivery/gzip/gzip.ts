import type { Encoded, EncodedBody, Encoding } from '../encoding.ts';
import { deflated, PIECE_BYTES, piecesOf, stored } from './blocks.ts';
import { NO_BYTES, sumOf } from './crc-sum.ts';
import { GzipBody } from './gzip-body.ts';
import { Turns } from './turns.ts';

/** Of one chunk, as much as takes a millisecond; what is behind that goes as it is. */
const MAX_DEFLATED_BYTES = 4 * PIECE_BYTES;

/** `Content-Encoding: gzip`, of which all readers of a feed share the blocks. */
export class Gzip implements Encoding {
  readonly name = 'gzip';
  readonly pauseMs: number = 25;
  readonly #turns = new Turns();

  body(): EncodedBody {
    return new GzipBody();
  }

  shared(bytes: Buffer): Encoded {
    if (bytes.length === 0) return { bytes, sum: NO_BYTES };
    const blocks = [...piecesOf(bytes.subarray(0, MAX_DEFLATED_BYTES))].map(deflated);
    return { bytes: Buffer.concat([...blocks, stored(bytes.subarray(MAX_DEFLATED_BYTES))]), sum: sumOf(bytes) };
  }

  async inTurn(bytes: Buffer, signal: AbortSignal): Promise<Encoded> {
    const blocks: Buffer[] = [];
    for (const piece of piecesOf(bytes)) {
      await this.#turns.next();
      signal.throwIfAborted();
      blocks.push(deflated(piece));
    }
    return { bytes: Buffer.concat(blocks), sum: sumOf(bytes) };
  }
}
