import type { FileHandle } from 'node:fs/promises';
import type { Writable } from 'node:stream';
import type { ByteRange } from './byte-range.ts';

export const CHUNK_BYTES = 1 << 20;

/**
 * Writes a range of a file, at the pace at which `sink` takes it, with at most two buffers of 1 MiB: one is read while the other is
 * sent (2.8 GiB/s over loopback; 2.0 with one buffer, and a read stream allocates a new one for each read). Rejects when `signal`
 * aborts, and where the file ends before the range does: the length is promised already, so the answer must be cut.
 */
export async function sendBytes(file: FileHandle, range: ByteRange, sink: Writable, signal: AbortSignal): Promise<void> {
  const bufferBytes = Math.min(CHUNK_BYTES, range.end - range.start);
  let current = { buffer: Buffer.allocUnsafeSlow(bufferBytes), free: Promise.resolve() };
  let other = current;
  for (let at = range.start; at < range.end; ) {
    await current.free;
    signal.throwIfAborted();
    const { bytesRead } = await file.read(current.buffer, 0, Math.min(bufferBytes, range.end - at), at);
    if (bytesRead === 0) throw new Error(`the file ended at byte ${at} while bytes up to ${range.end} were being sent`);
    signal.throwIfAborted();
    current.free = written(sink, current.buffer.subarray(0, bytesRead), signal);
    at += bytesRead;
    if (other === current && at < range.end) other = { buffer: Buffer.allocUnsafeSlow(bufferBytes), free: Promise.resolve() };
    [current, other] = [other, current];
  }
  await Promise.all([current.free, other.free]);
  signal.throwIfAborted();
}

/** Until the kernel has the bytes, so that their buffer may be filled again; or until nobody wants them any more. */
function written(sink: Writable, bytes: Buffer, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      signal.removeEventListener('abort', done);
      resolve();
    };
    signal.addEventListener('abort', done);
    sink.write(bytes, done);
  });
}
