import { constants } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, readFile, rename, rm, unlink } from 'node:fs/promises';

/** A file that is open for reading and writing. */
export interface OpenFile {
  /** Fills `target` with the bytes from `at` on; answers how many there were. */
  read(target: Buffer, at: number): Promise<number>;
  /** Writes all of `bytes`. */
  write(bytes: Buffer, at: number): Promise<void>;
  sync(): Promise<void>;
  truncate(length: number): Promise<void>;
  size(): Promise<number>;
  close(): Promise<void>;
}

/** What a journal asks of a disk: few enough acts that a test can play a disk which loses power, or is full. */
export interface Files {
  /** `new`: there must be none of that name yet. */
  open(path: string, as: 'existing' | 'new'): Promise<OpenFile>;
  /** The whole of a small file. */
  read(path: string): Promise<Buffer>;
  /** Makes the folder; answers whether it was not there. Its parent must be there. */
  makeFolder(path: string): Promise<boolean>;
  /** The names in a folder. */
  list(folder: string): Promise<string[]>;
  rename(from: string, to: string): Promise<void>;
  unlink(path: string): Promise<void>;
  removeFolder(path: string): Promise<void>;
  /** Makes the names in a folder outlast a power cut. */
  syncFolder(path: string): Promise<void>;
}

/** Whether `error` says that something is not there. */
export function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException | undefined)?.code === 'ENOENT';
}

export const realFiles: Files = {
  open: async (path, as) => new RealFile(await open(path, as === 'new' ? 'wx+' : constants.O_RDWR, 0o644)),
  read: (path) => readFile(path),
  makeFolder: async (path) => {
    try {
      await mkdir(path);
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      return false;
    }
  },
  list: (folder) => readdir(folder),
  rename: (from, to) => rename(from, to),
  unlink: (path) => unlink(path),
  removeFolder: (path) => rm(path, { recursive: true, force: true }),
  syncFolder: async (path) => {
    const folder = await open(path, 'r');
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  },
};

class RealFile implements OpenFile {
  readonly #handle: FileHandle;

  constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  async read(target: Buffer, at: number): Promise<number> {
    let filled = 0;
    while (filled < target.length) {
      const { bytesRead } = await this.#handle.read(target, filled, target.length - filled, at + filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return filled;
  }

  /** A disk that fills up takes a part of a write, and refuses the rest. */
  async write(bytes: Buffer, at: number): Promise<void> {
    let written = 0;
    while (written < bytes.length) {
      const { bytesWritten } = await this.#handle.write(bytes, written, bytes.length - written, at + written);
      written += bytesWritten;
    }
  }

  /** The length of the file is kept as well, its times are not: that is a third faster. */
  async sync(): Promise<void> {
    await this.#handle.datasync();
  }

  async truncate(length: number): Promise<void> {
    await this.#handle.truncate(length);
  }

  async size(): Promise<number> {
    return (await this.#handle.stat()).size;
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }
}
