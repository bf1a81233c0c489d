import { accessSync, constants, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { errorCode, pathTrouble } from './path-trouble.ts';
import { UsageError } from './usage-error.ts';

/** When what is published is written through to the disk. */
export type Fsync = 'always' | 'interval' | 'never';

const FSYNCS: readonly Fsync[] = ['always', 'interval', 'never'];

export function readFsync(text: string): Fsync {
  const fsync = FSYNCS.find((one) => one === text);
  if (fsync === undefined) throw new UsageError(`${JSON.stringify(text)} will not do: give ${FSYNCS.join(', ')}`);
  return fsync;
}

/** The folder for published feeds, which may not be there yet. */
export function readDataFolder(text: string, base: string): string {
  if (text === '') throw new UsageError('"" will not do: give a folder');
  const folder = resolve(base, text);
  if (!isFolder(folder)) throw new UsageError(`${folder} is not a folder: give one, or a name that is not taken yet`);
  return folder;
}

function isFolder(path: string): boolean {
  try {
    const folder = statSync(path).isDirectory();
    if (folder) accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK);
    return folder;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return true;
    throw new UsageError(`the folder ${path} ${pathTrouble(error)}`);
  }
}
