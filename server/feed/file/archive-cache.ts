import { randomUUID } from 'node:crypto';
import { type FileHandle, open, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Archive } from './archive.ts';
import type { ByteSource } from './byte-source.ts';
import { inflate } from './inflate.ts';

export interface Inflated {
  /** Bytes of the content. */
  readonly length: number;
  /** The content; undefined where there is no room for it: then it is inflated again for each reading. */
  readonly handle: FileHandle | undefined;
}

interface Entry {
  readonly inflated: Promise<Inflated | undefined>;
  users: number;
  bytes: number;
}

/**
 * Inflated archives, each once, as files without a name (they are gone with the process). At most `maxBytes` together: what
 * nobody reads is dropped, the least recently used first; what still does not fit is read linearly.
 */
export class ArchiveCache {
  readonly #maxBytes: number;
  readonly #folder: string;
  /** By identity of the archive, in order of their last use. */
  readonly #entries = new Map<string, Entry>();
  #bytes = 0;

  constructor(maxBytes: number, folder: string = tmpdir()) {
    this.#maxBytes = maxBytes;
    this.#folder = folder;
  }

  /** The content of a gzip file as bytes at any place. `compressed` is closed with the archive. */
  async open(compressed: ByteSource): Promise<Archive> {
    const { dev, ino, mtimeMs, size } = await compressed.stat();
    return new Archive(this, `${dev}:${ino}:${mtimeMs}:${size}`, compressed);
  }

  /** The inflated content, undefined where the file is not a whole gzip file. End the use with `release`. */
  acquire(key: string, compressed: ByteSource): Promise<Inflated | undefined> {
    const entry = this.#entries.get(key) ?? { inflated: this.#inflate(key, compressed), users: 0, bytes: 0 };
    entry.users += 1;
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    return entry.inflated;
  }

  release(key: string): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    entry.users -= 1;
    // What was broken may be whole next time: a .gz that is still being written.
    void entry.inflated.then(async (inflated) => {
      if (inflated === undefined && entry.users === 0) await this.#drop(key, entry);
    });
  }

  async close(): Promise<void> {
    await Promise.all([...this.#entries].map(([key, entry]) => this.#drop(key, entry)));
  }

  async #inflate(key: string, compressed: ByteSource): Promise<Inflated | undefined> {
    const path = join(this.#folder, `livefeed-${randomUUID()}`);
    const handle = await open(path, 'wx+', 0o600);
    await unlink(path);
    let length = 0;
    let isKept = true;
    try {
      for await (const chunk of inflate(compressed)) {
        if (isKept && !this.#makeRoom(chunk.length)) {
          isKept = false;
          this.#bytes -= length;
        }
        if (isKept) {
          this.#bytes += chunk.length;
          await handle.write(chunk, 0, chunk.length, length);
        }
        length += chunk.length;
      }
    } catch {
      // Not whole (yet): the trailer says so only at the end.
      if (isKept) this.#bytes -= length;
      await handle.close();
      return undefined;
    }
    const entry = this.#entries.get(key);
    if (entry !== undefined) entry.bytes = isKept ? length : 0;
    if (!isKept) await handle.close();
    return { length, handle: isKept ? handle : undefined };
  }

  #makeRoom(bytes: number): boolean {
    for (const [key, entry] of this.#entries) {
      if (this.#bytes + bytes <= this.#maxBytes) break;
      if (entry.users === 0) void this.#drop(key, entry);
    }
    return this.#bytes + bytes <= this.#maxBytes;
  }

  async #drop(key: string, entry: Entry): Promise<void> {
    if (this.#entries.get(key) !== entry) return;
    this.#entries.delete(key);
    this.#bytes -= entry.bytes;
    await (await entry.inflated)?.handle?.close();
  }
}
