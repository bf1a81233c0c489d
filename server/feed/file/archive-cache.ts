import { tmpdir } from 'node:os';
import { Archive, type ArchiveContents } from './archive.ts';
import { Inflation, type Room } from './inflation.ts';
import type { OpenFile } from './open-file.ts';
import type { ScratchFile } from './scratch-file.ts';

export interface ArchiveCacheOptions {
  readonly folder?: string;
  /** What has been read from within this time stays, ms: or two archives that do not fit together would drive each other out in turn. */
  readonly quietMs?: number;
}

interface Kept {
  readonly file: ScratchFile;
  readers: number;
  readAt: number;
}

/** After the disk was full, or failed otherwise, nothing is written to it for this long. */
const DISK_PAUSE_MS = 60_000;

/**
 * Inflated archives, each once, in files without a name. **Overflow: what has not been read for a while is dropped, the least
 * recently read first**; what does not fit even so is not kept, and its archive is read linearly.
 */
export class ArchiveCache implements ArchiveContents, Room {
  readonly folder: string;
  readonly #maxBytes: number;
  readonly #quietMs: number;
  /** By identity of the archive, in order of their last reading. */
  readonly #kept = new Map<string, Kept>();
  readonly #inflations = new Map<string, Inflation>();
  /** Of what is kept and what is being inflated. */
  #bytes = 0;
  #pausedUntil = 0;
  #isClosed = false;

  /** `maxBytes` of content are kept at most, all archives together. */
  constructor(maxBytes: number, { folder = tmpdir(), quietMs = 10_000 }: ArchiveCacheOptions = {}) {
    this.#maxBytes = maxBytes;
    this.folder = folder;
    this.#quietMs = quietMs;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** The content of a gzip file as bytes at any place. `compressed` is closed with the archive. */
  async open(compressed: OpenFile): Promise<Archive> {
    const { dev, ino, mtimeMs, size } = await compressed.stat();
    return new Archive(this, `${dev}:${ino}:${mtimeMs}:${size}`, compressed);
  }

  has(key: string): boolean {
    return this.#kept.has(key);
  }

  /**
   * Inflates an archive and keeps its content if there is room; answers its length. Those who ask for the same one share the work,
   * which ends when all their signals are aborted. Throws where the file is not a whole gzip file.
   */
  async inflate(key: string, compressed: OpenFile, signal: AbortSignal): Promise<number> {
    signal.throwIfAborted();
    if (this.#isClosed) throw new Error('the cache of archives is closed');
    const running = this.#inflations.get(key);
    // One that all have left is on its way out: whoever comes then begins anew.
    const inflation = running?.isAborted === false ? running : this.#begin(key, compressed);
    return inflation.wait(signal);
  }

  /** Bytes of an archive that is kept; undefined of one that is not. */
  async read(key: string, position: number, length: number): Promise<Buffer | undefined> {
    const kept = this.#kept.get(key);
    if (kept === undefined) return undefined;
    this.#kept.delete(key);
    this.#kept.set(key, kept);
    kept.readers += 1;
    try {
      return await kept.file.read(position, length);
    } finally {
      kept.readers -= 1;
      kept.readAt = performance.now();
    }
  }

  /** Whether `bytes` more could be kept, if what is idle were dropped. */
  hasRoomFor(bytes: number): boolean {
    if (performance.now() < this.#pausedUntil) return false;
    let idle = 0;
    for (const kept of this.#kept.values()) if (this.#isIdle(kept)) idle += kept.file.length;
    return this.#bytes - idle + bytes <= this.#maxBytes;
  }

  claim(bytes: number): boolean {
    if (!this.hasRoomFor(bytes)) return false;
    for (const [key, kept] of this.#kept) {
      if (this.#bytes + bytes <= this.#maxBytes) break;
      if (this.#isIdle(kept)) void this.#drop(key).catch(() => undefined);
    }
    this.#bytes += bytes;
    return true;
  }

  giveBack(bytes: number): void {
    this.#bytes -= bytes;
  }

  diskFailed(): void {
    this.#pausedUntil = performance.now() + DISK_PAUSE_MS;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const running = [...this.#inflations.values()];
    for (const inflation of running) inflation.abort();
    await Promise.allSettled(running.map(({ done }) => done));
    await Promise.all([...this.#kept.keys()].map((key) => this.#drop(key)));
  }

  #begin(key: string, compressed: OpenFile): Inflation {
    const inflation = new Inflation(compressed, this, (file) => this.#keep(key, file));
    this.#inflations.set(key, inflation);
    const forget = () => this.#inflations.get(key) === inflation && this.#inflations.delete(key);
    inflation.done.then(forget, forget);
    return inflation;
  }

  #keep(key: string, file: ScratchFile): boolean {
    if (this.#isClosed || this.#kept.has(key)) return false;
    this.#kept.set(key, { file, readers: 0, readAt: performance.now() });
    return true;
  }

  #isIdle({ readers, readAt }: Kept): boolean {
    return readers === 0 && performance.now() - readAt >= this.#quietMs;
  }

  async #drop(key: string): Promise<void> {
    const kept = this.#kept.get(key);
    if (kept === undefined) return;
    this.#kept.delete(key);
    this.#bytes -= kept.file.length;
    await kept.file.close();
  }
}
