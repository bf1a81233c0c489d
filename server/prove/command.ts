import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { errorCode, pathTrouble } from '../config/path-trouble.ts';
import { UsageError } from '../config/usage-error.ts';
import { userFolder } from '../config/user-folder.ts';
import { prove } from './prove.ts';

const USAGE = 'prove needs one folder: livefeed prove DIR [--poll]';
/** Why nothing can be written there, or no more. */
const WORDS: Readonly<Record<string, string>> = {
  EACCES: 'you may not write in it',
  EPERM: 'the operating system forbids to write in it',
  EROFS: 'its file system is read-only',
  ENOSPC: 'no space is left on its file system',
  EDQUOT: 'your quota on its file system is used up',
  ENOENT: 'no files can be made in it, or they were removed meanwhile',
  EMFILE: 'too many files are open (ulimit -n)',
};

/** `livefeed prove DIR [--poll]`. Answers the exit code. Throws UsageError where the folder cannot be tried. */
export async function proveCommand(argv: readonly string[], print: (text: string) => void, signal: AbortSignal): Promise<number> {
  const { folder, poll } = readArguments(argv);
  try {
    return await prove({ folder, poll, print, signal });
  } catch (error) {
    if (signal.aborted) throw new UsageError(`interrupted: ${folder} is as it was, and not tried to the end`);
    const code = errorCode(error);
    if (code === 'unknown error') throw error;
    throw new UsageError(`${folder} cannot be tried: ${WORDS[code] ?? (error as Error).message}`, { cause: error });
  }
}

function readArguments(argv: readonly string[]): { folder: string; poll: boolean } {
  const poll = argv.includes('--poll');
  const [folder, ...more] = argv.filter((argument) => argument !== '--poll');
  if (folder === undefined || folder === '' || more.length > 0 || folder.startsWith('-')) throw new UsageError(USAGE);
  const path = resolve(userFolder(process.env, process.cwd()), folder);
  try {
    if (statSync(path).isDirectory()) return { folder: path, poll };
  } catch (error) {
    throw new UsageError(`${path} ${pathTrouble(error)}`, { cause: error });
  }
  throw new UsageError(`${path} is not a folder: give the folder that your logs are in, or one on the same file system`);
}
