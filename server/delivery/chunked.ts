/** Chunks of the chunked transfer coding (RFC 9112 §7.1), made once for all who get the same bytes. */
const CRLF = Buffer.from('\r\n');
const LF = 10;

/** What goes before `length` bytes of a body; `\r\n` goes behind them. */
export function chunkHead(length: number): string {
  return `${length.toString(16)}\r\n`;
}

/** Bytes as one chunk. Of no bytes nothing is made: an empty chunk would be the end of the body. */
export function chunkOf(parts: readonly Buffer[]): Buffer {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  return length === 0 ? Buffer.alloc(0) : Buffer.concat([Buffer.from(chunkHead(length)), ...parts, CRLF]);
}

/** The bytes that a chunk holds, where they lie. */
export function bodyOf(chunk: Buffer): Buffer {
  return chunk.subarray(chunk.indexOf(LF) + 1, -CRLF.length);
}
