import type { ByteSource, SourceStats } from './byte-source.ts';
import { inflate } from './inflate.ts';
import { LinearReadings } from './linear-reading.ts';
import type { OpenFile } from './open-file.ts';

const HEAD_STEP_BYTES = 16 * 1024;
/** A file that cannot be compressed grows by about as much. */
const GZIP_OVERHEAD_BYTES = 64 * 1024;

/** Where the content of archives is kept, by the identity of each. */
export interface ArchiveContents {
  has(key: string): boolean;
  /** Whether `bytes` of content could be kept. */
  hasRoomFor(bytes: number): boolean;
  /** Inflates an archive, keeps its content if there is room, and answers its length. Throws where it is not a whole gzip file. */
  inflate(key: string, compressed: OpenFile, signal: AbortSignal): Promise<number>;
  /** Bytes of an archive that is kept; undefined of one that is not. */
  read(key: string, position: number, length: number): Promise<Buffer | undefined>;
}

/** The content of a compressed file. Its head costs a few kilobytes of inflating; anything else inflates it once, into the cache. */
export class Archive implements ByteSource {
  readonly #cache: ArchiveContents;
  readonly #key: string;
  readonly #compressed: OpenFile;
  readonly #linear: LinearReadings;
  readonly #closing = new AbortController();
  /** A file that is not whole is not tried again: a .gz that is being written is another archive once it has grown. */
  #measured: Promise<number> | undefined;
  #length: number | undefined;

  constructor(cache: ArchiveContents, key: string, compressed: OpenFile) {
    this.#cache = cache;
    this.#key = key;
    this.#compressed = compressed;
    this.#linear = new LinearReadings(compressed);
  }

  /** Whether each jump back inflates it from the start again, since there is no room to keep it. Known once it has been looked at. */
  get isLinear(): boolean {
    if (this.#length === undefined || this.#cache.has(this.#key)) return false;
    return !this.#cache.hasRoomFor(this.#length);
  }

  /** The file's stats with the length of the content. Throws where the file is not a whole gzip file. */
  async stat(): Promise<SourceStats> {
    const [stats, size] = await Promise.all([this.#compressed.stat(), this.#measure()]);
    return { ...stats, size };
  }

  /** The first bytes, without inflating the rest. Empty where the file is not gzip. */
  async head(length: number): Promise<Buffer> {
    let head = Buffer.alloc(0);
    try {
      for await (const chunk of inflate(this.#compressed, { signal: this.#closing.signal, stepBytes: HEAD_STEP_BYTES })) {
        head = Buffer.concat([head, chunk]);
        if (head.length >= length) break;
      }
    } catch {
      // A file that is still being written has no trailer yet; its head is good all the same.
    }
    return head.subarray(0, length);
  }

  /** The length of the content modulo 2^32, as the last bytes say (RFC 1952 §2.3.1), without inflating. */
  async lengthInTrailer(): Promise<number | undefined> {
    const { size } = await this.#compressed.stat();
    const trailer = await this.#compressed.read(Math.max(0, size - 4), 4);
    return trailer.length === 4 ? trailer.readUInt32LE() : undefined;
  }

  /** The length of the content as far as the trailer tells it: where it would be less than what is compressed, a wrap more. */
  async probableLength(): Promise<number> {
    const { size } = await this.#compressed.stat();
    const told = (await this.lengthInTrailer()) ?? 0;
    return told < size - GZIP_OVERHEAD_BYTES ? told + 2 ** 32 : told;
  }

  async read(position: number, length: number): Promise<Buffer> {
    const whole = await this.#measure();
    const kept = await this.#cache.read(this.#key, position, length);
    if (kept !== undefined) return kept;
    // It has been dropped meanwhile, or there was no room for it. Who must begin again anyway may as well try to keep it.
    if (!this.#linear.canContinue(position) && this.#cache.hasRoomFor(whole)) {
      await this.#cache.inflate(this.#key, this.#compressed, this.#closing.signal);
      const again = await this.#cache.read(this.#key, position, length);
      if (again !== undefined) return again;
    }
    return this.#linear.read(position, length);
  }

  async close(): Promise<void> {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort(new Error('the archive is closed'));
    await this.#linear.close();
    await this.#compressed.close();
  }

  async #measure(): Promise<number> {
    this.#measured ??= this.#cache.inflate(this.#key, this.#compressed, this.#closing.signal);
    this.#length = await this.#measured;
    return this.#length;
  }
}
