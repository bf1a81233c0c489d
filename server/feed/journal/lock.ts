import { randomBytes } from 'node:crypto';
import { type FileHandle, link, open, rename, unlink } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';

const FILE = 'lock';
/** A socket's path has room for 108 bytes, of which the last is a NUL; macOS has 104. */
const MAX_PATH_BYTES = process.platform === 'linux' ? 107 : 103;
const ATTEMPTS = 10;

/** The data folder cannot be used; the message says why and what to do. */
export class DataFolderError extends Error {
  override readonly name = 'DataFolderError';
}

/**
 * A folder belongs to the process that listens on a socket in it. That ends with the process, however it ends: a socket that refuses
 * a connection is a dead owner's.
 */
export class FolderLock {
  readonly #server: Server;
  readonly #folder: FileHandle;

  private constructor(server: Server, folder: FileHandle) {
    this.#server = server;
    this.#folder = folder;
  }

  static async take(dir: string): Promise<FolderLock> {
    const folder = await open(dir, 'r');
    try {
      const within = shortPath(dir, folder);
      for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
        const server = await listen(join(within, FILE));
        if (server !== undefined) return new FolderLock(server, folder);
        await buryDead(within, dir);
      }
      throw new DataFolderError(`${dir}: other processes keep taking this folder; is something starting again and again?`);
    } catch (error) {
      await folder.close();
      throw error;
    }
  }

  /** The id of the process that has `dir`; undefined where none has. Changes nothing. */
  static async owner(dir: string): Promise<string | undefined> {
    const folder = await open(dir, 'r');
    try {
      return await ask(join(shortPath(dir, folder), FILE));
    } finally {
      await folder.close();
    }
  }

  async release(): Promise<void> {
    await new Promise((resolve) => this.#server.close(resolve));
    await this.#folder.close();
  }
}

/** A path to `dir` that is short enough for a socket in it: Linux has one through the open folder. */
function shortPath(dir: string, folder: FileHandle): string {
  if (Buffer.byteLength(join(dir, `${FILE}.0123456789abcdef`)) <= MAX_PATH_BYTES) return dir;
  if (process.platform === 'linux') return `/proc/self/fd/${folder.fd}`;
  throw new DataFolderError(`${dir}: the path is too long for a socket in this folder: choose a shorter one`);
}

/** Undefined where there is a socket already. */
async function listen(path: string): Promise<Server | undefined> {
  const server = createServer((socket) => socket.end(`${process.pid}\n`));
  server.unref();
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => (error.code === 'EADDRINUSE' ? resolve(undefined) : reject(error)));
    server.listen(path, () => resolve(server));
  });
}

/** Takes the socket of a dead owner away. It gets another name first: two who do this at once do not take away each other's new one. */
async function buryDead(within: string, dir: string): Promise<void> {
  const path = join(within, FILE);
  const owner = await ask(path);
  if (owner !== undefined) throw new DataFolderError(inUse(dir, owner));
  const moved = `${path}.${randomBytes(8).toString('hex')}`;
  try {
    await rename(path, moved);
  } catch {
    return;
  }
  const living = await ask(moved);
  if (living !== undefined) await link(moved, path);
  await unlink(moved);
  if (living !== undefined) throw new DataFolderError(inUse(dir, living));
}

function inUse(dir: string, owner: string): string {
  return `${dir} is in use by another livefeed (process ${owner}): stop that one, or give this one another --data folder`;
}

/** The id of the process that listens there; undefined where none does. One that listens and does not say so is one all the same. */
async function ask(path: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    let said = '';
    const socket = connect(path);
    socket.setEncoding('utf8').setTimeout(2_000, () => socket.destroy());
    socket.on('data', (text: string) => {
      said += text;
    });
    let isDead = false;
    socket.on('error', ({ code }: NodeJS.ErrnoException) => {
      isDead = code === 'ECONNREFUSED' || code === 'ENOENT';
    });
    socket.on('close', () => resolve(isDead ? undefined : said.trim() || 'unknown'));
  });
}
