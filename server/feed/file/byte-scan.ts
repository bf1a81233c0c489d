import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import type { ByteSource } from './byte-source.ts';

const ALIGNMENT = 4096;
/** Less than this is read as everything else is: past the page cache, what was written lately has to go to the disk first. */
const DIRECT_FROM_BYTES = 4 * 1024 * 1024;

/**
 * Goes through a large stretch once. Reading a hole of 10 GB through the page cache fills that with zeros and takes half a minute;
 * past it (O_DIRECT, where system and file system have it), a second.
 */
export class ByteScan {
  readonly #source: ByteSource;
  readonly #fd: number | undefined;
  #direct: Promise<FileHandle | undefined> | undefined;
  #buffer = Buffer.alloc(0);

  /** `fd`: of the open file that `source` reads, if it is one. It may have been renamed or removed by now. */
  constructor(source: ByteSource, fd: number | undefined) {
    this.#source = source;
    this.#fd = process.platform === 'linux' ? fd : undefined;
  }

  /** Up to `length` bytes at `position`, fewer at the end. Good until the next read. */
  async read(position: number, length: number): Promise<Buffer> {
    const direct = length < DIRECT_FROM_BYTES ? undefined : await this.#openDirect();
    const bytes = direct && (await this.#readDirect(direct, position, length).catch(() => undefined));
    return bytes ?? this.#source.read(position, length);
  }

  async close(): Promise<void> {
    const direct = await this.#direct;
    this.#direct = undefined;
    await direct?.close();
  }

  #openDirect(): Promise<FileHandle | undefined> {
    const flags = constants.O_RDONLY | constants.O_DIRECT;
    const opened = () => (this.#fd === undefined ? undefined : open(`/proc/self/fd/${this.#fd}`, flags).catch(() => undefined));
    this.#direct ??= Promise.resolve(opened());
    return this.#direct;
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
