import type { ArchiveCache, Inflated } from './archive-cache.ts';
import type { ByteSource, SourceStats } from './byte-source.ts';
import { inflate } from './inflate.ts';

/** The content of a compressed file. Its head costs a few kilobytes of inflating; anything else inflates it once, into the cache. */
export class Archive implements ByteSource {
  readonly #cache: ArchiveCache;
  readonly #key: string;
  readonly #compressed: ByteSource;
  #inflated: Promise<Inflated | undefined> | undefined;
  #linear: LinearReading | undefined;

  constructor(cache: ArchiveCache, key: string, compressed: ByteSource) {
    this.#cache = cache;
    this.#key = key;
    this.#compressed = compressed;
  }

  /** The file's stats with the length of the content. Throws where the file is not a whole gzip file. */
  async stat(): Promise<SourceStats> {
    const [stats, { length }] = await Promise.all([this.#compressed.stat(), this.#content()]);
    return { ...stats, size: length };
  }

  /** The identity alone: costs no inflating. */
  async identity(): Promise<SourceStats> {
    return this.#compressed.stat();
  }

  /** The first bytes, without inflating the rest. Empty where the file is not gzip. */
  async head(length: number): Promise<Buffer> {
    let head = Buffer.alloc(0);
    try {
      for await (const chunk of inflate(this.#compressed)) {
        head = Buffer.concat([head, chunk]);
        if (head.length >= length) break;
      }
    } catch {
      // A file that is still being written has no trailer yet; its head is good all the same.
    }
    return head.subarray(0, length);
  }

  async read(position: number, length: number): Promise<Buffer> {
    const { handle } = await this.#content();
    if (handle === undefined) return this.#readLinearly(position, length);
    const bytes = Buffer.allocUnsafe(length);
    let filled = 0;
    while (filled < length) {
      const { bytesRead } = await handle.read(bytes, filled, length - filled, position + filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return bytes.subarray(0, filled);
  }

  async close(): Promise<void> {
    await this.#linear?.close();
    if (this.#inflated !== undefined) this.#cache.release(this.#key);
    await this.#compressed.close();
  }

  async #content(): Promise<Inflated> {
    this.#inflated ??= this.#cache.acquire(this.#key, this.#compressed);
    const inflated = await this.#inflated;
    if (inflated !== undefined) return inflated;
    throw new Error('not a whole gzip file');
  }

  async #readLinearly(position: number, length: number): Promise<Buffer> {
    if (this.#linear === undefined || position < this.#linear.start) {
      await this.#linear?.close();
      this.#linear = new LinearReading(this.#compressed);
    }
    return this.#linear.read(position, length);
  }
}

/** How much of what has been passed is kept, since each read begins a little before the end of the last. */
const KEPT_BYTES = 512 * 1024;

/** Goes forward through an archive that is too large to keep. */
class LinearReading {
  readonly #chunks: AsyncGenerator<Buffer>;
  #bytes = Buffer.alloc(0);
  /** The first byte that can still be read without beginning again. */
  start = 0;

  constructor(compressed: ByteSource) {
    this.#chunks = inflate(compressed);
  }

  async read(position: number, length: number): Promise<Buffer> {
    while (this.start + this.#bytes.length < position + length) {
      const { value, done } = await this.#chunks.next();
      if (done === true) break;
      this.#bytes = Buffer.concat([this.#bytes, value]);
      const passed = Math.min(this.#bytes.length - KEPT_BYTES, position - this.start);
      if (passed <= 0) continue;
      this.#bytes = this.#bytes.subarray(passed);
      this.start += passed;
    }
    return Buffer.from(this.#bytes.subarray(position - this.start, position - this.start + length));
  }

  async close(): Promise<void> {
    await this.#chunks.return(undefined);
  }
}
