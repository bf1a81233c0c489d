import type { Stats } from 'node:fs';

const WORDS: Readonly<Record<string, string>> = {
  ENOENT: 'is not there',
  ENOTDIR: 'is not there: a part of the path is a file, not a folder',
  EACCES: 'cannot be read: permission denied',
  EPERM: 'cannot be read: the operating system forbids it',
  ELOOP: 'cannot be read: its links lead in a circle',
  ENAMETOOLONG: 'cannot be read: the name is too long',
  EIO: 'cannot be read: the disk reports an error',
  EMFILE: 'cannot be read: too many files are open',
  EISDIR: 'is a folder',
};

/** What is wrong with a path, from the error that touching it gave: "is not there". */
export function pathTrouble(error: unknown): string {
  const code = errorCode(error);
  return WORDS[code] ?? `cannot be read (${code})`;
}

/** What a path is, where it is neither a file nor a folder; undefined where it is one of these. */
export function notAFile(stats: Stats): string | undefined {
  if (stats.isFIFO()) return 'is a pipe, not a regular file';
  if (stats.isSocket()) return 'is a socket, not a regular file';
  if (stats.isCharacterDevice() || stats.isBlockDevice()) return 'is a device, not a regular file';
  return stats.isFile() || stats.isDirectory() ? undefined : 'is not a regular file';
}

export function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
}
