import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { ByteScan } from './byte-scan.ts';
import type { ByteSource, SourceStats } from './byte-source.ts';
import { CONTEXT_BYTES } from './fingerprint.ts';

/** An open file, shared by those who `share` it; closed when all of them have closed it. */
export class OpenFile implements ByteSource {
  /** Not later than that it was opened, ms since the epoch: what is done to it meanwhile is done to what it holds. */
  readonly openedAtMs: number;
  readonly #handle: FileHandle;
  #users = 1;

  private constructor(handle: FileHandle, openedAtMs: number) {
    this.#handle = handle;
    this.openedAtMs = openedAtMs;
  }

  /** Opens a regular file; undefined where there is none. O_NONBLOCK: opening a FIFO must not wait for a writer. */
  static async open(path: string): Promise<OpenFile | undefined> {
    const openedAtMs = Date.now();
    const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK).catch(undefinedWhereMissing);
    if (handle === undefined) return undefined;
    const stats = await handle.stat().catch(() => undefined);
    if (stats?.isFile()) return new OpenFile(handle, openedAtMs);
    await handle.close();
    return undefined;
  }

  share(): this {
    this.#users += 1;
    return this;
  }

  async stat(): Promise<SourceStats> {
    const { dev, ino, birthtimeNs, mtimeNs, size } = await this.#handle.stat({ bigint: true });
    return { dev, ino, birthtimeNs, mtimeMs: Number(mtimeNs) / 1e6, size: Number(size) };
  }

  async read(position: number, length: number, memory?: Buffer): Promise<Buffer> {
    const bytes = memory ?? Buffer.allocUnsafe(length);
    let filled = 0;
    while (filled < length) {
      const more = await this.#readOn(bytes, filled, length, position);
      if (more === 0) break;
      filled += more;
    }
    return bytes.subarray(0, filled);
  }

  /**
   * Reads what comes behind the `filled` bytes; how many came. A read that came back short met the end of the file, which may have been
   * cut and written anew since: where those before are not what they were, what is behind them is not of their content.
   */
  async #readOn(bytes: Buffer, filled: number, length: number, position: number): Promise<number> {
    const start = Math.max(0, filled - CONTEXT_BYTES);
    const before = Buffer.from(bytes.subarray(start, filled));
    const { bytesRead } = await this.#handle.read(bytes, start, length - start, position + start);
    if (bytesRead >= before.length && bytes.subarray(start, filled).equals(before)) return bytesRead - before.length;
    before.copy(bytes, start);
    return 0;
  }

  /** For going through a large stretch of it once. */
  scan(): ByteScan {
    return new ByteScan(this, this.#handle.fd);
  }

  async close(): Promise<void> {
    this.#users -= 1;
    if (this.#users === 0) await this.#handle.close();
  }
}

/** Whether an error says that a path names nothing. */
export function isMissing(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' || code === 'ENOTDIR' || code === 'ELOOP';
}

/** Whether an error says that the system has no more to give now: it tells nothing of what was asked for. */
export function isOfLimit(error: unknown): boolean {
  const { code = '' } = error as NodeJS.ErrnoException;
  return ['EMFILE', 'ENFILE', 'ENOMEM'].includes(code);
}

function undefinedWhereMissing(error: unknown): undefined {
  if (!isMissing(error)) throw error;
}
