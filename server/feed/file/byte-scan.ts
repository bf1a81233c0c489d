import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import type { ByteSource } from './byte-source.ts';

const ALIGNMENT = 4096;

/**
 * Goes through a large stretch once. Reading a hole of 10 GB through the page cache fills that with zeros and takes half a minute;
 * past it (O_DIRECT, where system and file system have it), a second.
 */
export class ByteScan {
  readonly #source: ByteSource;
  #direct: FileHandle | undefined;
  #buffer = Buffer.alloc(0);

  private constructor(source: ByteSource, direct: FileHandle | undefined) {
    this.#source = source;
    this.#direct = direct;
  }

  /** `fd`: of the open file that `source` reads, if it is one. It may have been renamed or removed by now. */
  static async open(source: ByteSource, fd: number | undefined): Promise<ByteScan> {
    if (fd === undefined || process.platform !== 'linux') return new ByteScan(source, undefined);
    const direct = await open(`/proc/self/fd/${fd}`, constants.O_RDONLY | constants.O_DIRECT).catch(() => undefined);
    return new ByteScan(source, direct);
  }

  /** Up to `length` bytes at `position`, fewer at the end. Good until the next read. */
  async read(position: number, length: number): Promise<Buffer> {
    const direct = this.#direct && (await this.#readDirect(this.#direct, position, length).catch(() => undefined));
    if (direct !== undefined) return direct;
    await this.close();
    return this.#source.read(position, length);
  }

  async close(): Promise<void> {
    const direct = this.#direct;
    this.#direct = undefined;
    await direct?.close();
  }

  async #readDirect(handle: FileHandle, position: number, length: number): Promise<Buffer> {
    const before = position % ALIGNMENT;
    const wanted = Math.ceil((before + length) / ALIGNMENT) * ALIGNMENT;
    if (this.#buffer.length < wanted) this.#buffer = Buffer.allocUnsafeSlow(wanted);
    let filled = 0;
    while (filled < before + length) {
      const { bytesRead } = await handle.read(this.#buffer, filled, wanted - filled, position - before + filled);
      filled += bytesRead;
      if (bytesRead === 0 || bytesRead % ALIGNMENT !== 0) break;
    }
    return this.#buffer.subarray(Math.min(before, filled), Math.min(before + length, filled));
  }
}
