import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { ByteSource } from './byte-source.ts';

const READ_BYTES = 256 * 1024;

export interface InflateOptions {
  readonly signal?: AbortSignal;
  /** How much is read and given at a time: little, for who wants the beginning only. */
  readonly stepBytes?: number;
}

/**
 * The content of a gzip file (RFC 1952), chunk by chunk. Throws at the end where the trailer does not check, or is not there, and
 * with the reason of `signal` once that is aborted.
 */
export async function* inflate(
  compressed: ByteSource,
  { signal, stepBytes = READ_BYTES }: InflateOptions = {},
): AsyncGenerator<Buffer, void, undefined> {
  const gunzip = createGunzip({ chunkSize: stepBytes });
  const input = Readable.from(readAll(compressed, stepBytes), { highWaterMark: 1 });
  input.on('error', (error) => gunzip.destroy(error));
  input.pipe(gunzip);
  try {
    for await (const chunk of gunzip) {
      signal?.throwIfAborted();
      yield chunk as Buffer;
    }
  } finally {
    input.destroy();
    gunzip.destroy();
  }
}

async function* readAll(source: ByteSource, stepBytes: number): AsyncGenerator<Buffer> {
  for (let position = 0; ; ) {
    const bytes = await source.read(position, stepBytes);
    if (bytes.length === 0) return;
    position += bytes.length;
    yield bytes;
  }
}
