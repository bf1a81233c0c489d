import { accessSync, constants, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathTrouble } from './path-trouble.ts';
import { UsageError } from './usage-error.ts';

/** The folder whose files are offered for download. */
export function readFilesRoot(text: string, base: string): string {
  if (text === '') throw new UsageError('"" will not do: give a folder');
  const root = resolve(base, text);
  if (!isFolder(root)) throw new UsageError(`${root} is not a folder: give one, or the folder that the file is in`);
  return root;
}

function isFolder(path: string): boolean {
  try {
    const folder = statSync(path).isDirectory();
    if (folder) accessSync(path, constants.R_OK | constants.X_OK);
    return folder;
  } catch (error) {
    throw new UsageError(`the folder ${path} ${pathTrouble(error)}`);
  }
}
