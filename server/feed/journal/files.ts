import { constants } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, readFile, rename, rm, stat, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';

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
  /** How long the file is and when it was last written to. */
  stat(path: string): Promise<{ readonly size: number; readonly mtimeMs: number }>;
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

/** Writes a small file anew: a process that is killed leaves the whole of it, or the one before. With `isDurable`, a power cut too. */
export async function writeSmallFile(files: Files, path: string, bytes: Buffer, isDurable = false): Promise<void> {
  const draft = `${path}.new`;
  const file = await openAnew(files, draft);
  try {
    await file.write(bytes, 0);
    if (isDurable) await file.sync();
  } finally {
    await file.close();
  }
  await files.rename(draft, path);
  if (isDurable) await files.syncFolder(dirname(path));
}

/** An empty file, in the place of one that a crash may have left. */
export async function openAnew(files: Files, path: string): Promise<OpenFile> {
  try {
    return await files.open(path, 'new');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    await files.unlink(path);
    return files.open(path, 'new');
  }
}

/** Whether `error` says that something is not there. */
export function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException | undefined)?.code === 'ENOENT';
}

export const realFiles: Files = {
  open: async (path, as) => new RealFile(await open(path, as === 'new' ? 'wx+' : constants.O_RDWR, 0o644)),
  stat: (path) => stat(path),
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
