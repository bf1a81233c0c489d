import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { ByteSource } from './byte-source.ts';

const READ_BYTES = 256 * 1024;

/**
 * The content of a gzip file (RFC 1952), chunk by chunk. Throws at the end where the trailer does not check, or is not there, and
 * with the reason of `signal` once that is aborted.
 */
export async function* inflate(compressed: ByteSource, signal?: AbortSignal): AsyncGenerator<Buffer, void, undefined> {
  const gunzip = createGunzip({ chunkSize: READ_BYTES });
  const input = Readable.from(readAll(compressed));
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

async function* readAll(source: ByteSource): AsyncGenerator<Buffer> {
  for (let position = 0; ; ) {
    const bytes = await source.read(position, READ_BYTES);
    if (bytes.length === 0) return;
    position += bytes.length;
    yield bytes;
  }
}
