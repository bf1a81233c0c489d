import { type BigIntStats, constants } from 'node:fs';
import { type FileHandle, lstat, open, readlink, realpath } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { Problem } from '../problem/problem.ts';

export interface OpenedFile {
  readonly handle: FileHandle;
  /** Of the handle, not of the name: the name may mean another file by now. */
  readonly stat: BigIntStats;
}

/** Not to wait for a writer where a pipe has taken the file's place, and not to follow a link that has. */
const FLAGS = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW;

/**
 * THE SECURITY BORDER of everything that serves files: opens the regular file `name` below `root`, or says that there is none.
 * `name` is decoded already, and never decoded again. Links may lead anywhere inside the root. Whatever the reason for a refusal,
 * a file that may not be seen looks like one that is not there. The caller closes the handle.
 */
export async function openBelow(root: string, name: string): Promise<OpenedFile> {
  if (!isPlainName(name)) throw unknownFile();
  let handle: FileHandle | undefined;
  try {
    const realRoot = await realpath(root);
    const path = await realpath(join(realRoot, name));
    // Before opening: to open a device, of which a link may lead to one, can have effects of its own.
    if (!isBelow(realRoot, path)) throw unknownFile();
    handle = await open(path, FLAGS);
    const stat = await handle.stat({ bigint: true });
    if (!stat.isFile() || !(await liesBelow(realRoot, path, handle, stat))) throw unknownFile();
    return { handle, stat };
  } catch (error) {
    await handle?.close();
    throw refusal(error);
  }
}

/** Names of files below the root are relative, with no way up, none that another system reads as a separator, and none hidden. */
function isPlainName(name: string): boolean {
  if (/[\0\\]/.test(name)) return false;
  return name.split('/').every((segment) => segment !== '' && !segment.startsWith('.'));
}

function isBelow(realRoot: string, path: string): boolean {
  return path.startsWith(realRoot.endsWith(sep) ? realRoot : realRoot + sep);
}

/**
 * After opening: a folder on the way may have been replaced by a link in between. Where the file that is open lies, the kernel tells;
 * asking by name would be another race. Systems without /proc (macOS) compare the inode under the name, which narrows it.
 */
async function liesBelow(realRoot: string, path: string, handle: FileHandle, opened: BigIntStats): Promise<boolean> {
  const place = await readlink(`/proc/self/fd/${handle.fd}`).catch(() => undefined);
  if (place !== undefined) return isBelow(realRoot, place);
  const now = await realpath(path);
  const { dev, ino } = await lstat(now, { bigint: true });
  return isBelow(realRoot, now) && dev === opened.dev && ino === opened.ino;
}

/** What the file system answers where there is nothing, or nothing that may be read: nobody's business which. */
const NOT_THERE = new Set(['ENOENT', 'ENOTDIR', 'ENAMETOOLONG', 'ELOOP', 'EACCES', 'EPERM', 'ENXIO', 'ENODEV', 'EOPNOTSUPP']);

function refusal(error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (NOT_THERE.has(code)) return unknownFile(error);
  if (code !== 'EMFILE' && code !== 'ENFILE') return error;
  return new Problem('unavailable', { detail: 'Too many files are open.', headers: { 'Retry-After': '5' }, cause: error });
}

function unknownFile(cause?: unknown): Problem {
  return new Problem('unknown-file', { detail: 'No file of that name is served here.', cause });
}
