import type { CrcSum } from './gzip/crc-sum.ts';

/** Bytes of a body as they are sent, and what its end must know of them as they were. */
export interface Encoded {
  readonly bytes: Buffer;
  readonly sum: CrcSum;
}

/** A content coding (RFC 9110 §8.4.1) whose pieces fit every reader at any place of its body. */
export interface Encoding {
  readonly name: string;
  /** Batches that come sooner than this after those before are gathered, ms: one event alone cannot be compressed. */
  readonly pauseMs: number;
  /** What each reader's body needs of its own. */
  body(): EncodedBody;
  /** Bytes that many share, at once. */
  shared(bytes: Buffer): Encoded;
  /** Bytes of one reader, when it is its turn. Rejects where `signal` is aborted before. */
  inTurn(bytes: Buffer, signal: AbortSignal): Promise<Encoded>;
}

/** The body of one answer, in an encoding. */
export interface EncodedBody {
  /** What it begins with. */
  begin(): Buffer;
  /** Bytes for this reader alone, few. */
  own(bytes: Buffer): Buffer;
  /** To be told of what is sent that was encoded before. */
  add(sum: CrcSum): void;
  /** What it ends with. */
  end(): Buffer;
}
