import { type BigIntStats, constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import type { Cursor } from '../cursor.ts';
import { FileCursorWriter } from './file-cursor.ts';
import { CONTEXT_BYTES, HEAD_BYTES, hashIdentity } from './fingerprint.ts';
import { MAX_LINE_BYTES } from './line-scan.ts';

/** How much of a file is read at a time: the longest line and its end, so that a full chunk always holds something to give. */
export const CHUNK_BYTES = MAX_LINE_BYTES + 2;

/** A chunk of a file: `bytes[start]` is the file's byte `offset`; the bytes before `start` are the (at most 64) before that. */
export interface Chunk {
  readonly bytes: Buffer;
  readonly start: number;
  readonly offset: number;
}

/** One identity of a tailed path between two rotations: an open file, whose name may have changed since. */
export class Generation {
  readonly ordinal: number;
  readonly ino: bigint;
  readonly dev: bigint;
  readonly hint: string;
  readonly cursors: FileCursorWriter;
  readonly #handle: FileHandle;
  /** The file's first bytes, as far as they are known; grows with the file up to 1 KiB. */
  head: Buffer = Buffer.alloc(0);
  /** The file's length at the last look. */
  size = 0;
  /** The length it had before it was found shorter; undefined while it never was. */
  cutFrom: number | undefined;
  /** Why the content is not to be read any more. */
  fate: 'readable' | 'truncated' = 'readable';

  constructor(ordinal: number, handle: FileHandle, stats: BigIntStats) {
    this.ordinal = ordinal;
    this.#handle = handle;
    this.ino = stats.ino;
    this.dev = stats.dev;
    this.hint = hashIdentity(stats);
    this.cursors = new FileCursorWriter(this.hint);
  }

  /** Looks at the file again: its length, and its head as long as that is shorter than 1 KiB. */
  async look(): Promise<BigIntStats> {
    const stats = await this.#handle.stat({ bigint: true });
    const size = Number(stats.size);
    if (size < this.size) this.cutFrom = this.size;
    this.size = size;
    if (this.head.length < Math.min(HEAD_BYTES, this.size)) this.head = await this.readHead();
    return stats;
  }

  async readHead(): Promise<Buffer> {
    return this.#pread(0, HEAD_BYTES);
  }

  /** Up to CHUNK_BYTES from `offset` on, ending before `end`, with the bytes before it. Shorter at the end of the file. */
  async readChunk(offset: number, end: number): Promise<Chunk> {
    const before = Math.min(CONTEXT_BYTES, offset);
    const wanted = Math.min(CHUNK_BYTES, Math.max(0, end - offset));
    const bytes = await this.#pread(offset - before, before + wanted);
    if (offset < HEAD_BYTES && this.head.length < HEAD_BYTES && this.head.length < offset + wanted)
      this.head = await this.readHead();
    return { bytes, start: Math.min(before, bytes.length), offset };
  }

  /** The (at most 64) bytes before `offset`. */
  async readContext(offset: number): Promise<Buffer> {
    const before = Math.min(CONTEXT_BYTES, offset);
    return this.#pread(offset - before, before);
  }

  async cursorAt(offset: number): Promise<Cursor> {
    if (this.head.length < Math.min(HEAD_BYTES, offset)) this.head = await this.readHead();
    const context = await this.readContext(offset);
    const target = Buffer.allocUnsafe(40);
    const end = this.cursors.write(offset, this.head, context, context.length, target, 0);
    return target.toString('latin1', 0, end) as Cursor;
  }

  isSameFile(stats: BigIntStats): boolean {
    return stats.ino === this.ino && stats.dev === this.dev;
  }

  /** Another generation on the same open file: what is there after a truncation. */
  renew(ordinal: number, stats: BigIntStats): Generation {
    return new Generation(ordinal, this.#handle, stats);
  }

  sharesHandleWith(other: Generation): boolean {
    return this.#handle === other.#handle;
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }

  async #pread(position: number, length: number): Promise<Buffer> {
    const bytes = Buffer.allocUnsafe(length);
    let filled = 0;
    while (filled < length) {
      const { bytesRead } = await this.#handle.read(bytes, filled, length - filled, position + filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return bytes.subarray(0, filled);
  }
}

/** Opens a path as a generation; undefined where there is no regular file. O_NONBLOCK: opening a FIFO must not wait for a writer. */
export async function openGeneration(ordinal: number, path: string): Promise<Generation | undefined> {
  let handle: FileHandle;
  try {
    handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
  try {
    const stats = await handle.stat({ bigint: true });
    if (stats.isFile()) {
      const generation = new Generation(ordinal, handle, stats);
      await generation.look();
      return generation;
    }
  } catch (error) {
    await handle.close();
    throw error;
  }
  await handle.close();
  return undefined;
}

export function isMissing(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code;
  return code === 'ENOENT' || code === 'ENOTDIR' || code === 'ELOOP';
}
