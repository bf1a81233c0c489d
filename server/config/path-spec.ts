import { accessSync, constants, type Stats, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { type FeedName, parseFeedName } from '../feed/name.ts';
import { chosenName } from './chosen-name.ts';
import { escapeGlob, globRoot, isGlob } from './glob.ts';
import { errorCode, notAFile, pathTrouble } from './path-trouble.ts';
import { UsageError } from './usage-error.ts';

/** Something to follow, checked. */
export interface PathSpec {
  readonly name: FeedName | undefined;
  /** Absolute, or `-`. A glob's is a pattern for picomatch. */
  readonly path: string;
  readonly kind: 'stdin' | 'file' | 'directory' | 'glob';
}

/** A glob with a name: all its matches are one feed. */
export type NamedSpec = PathSpec & { readonly name: FeedName };

export function isOneFeed(spec: PathSpec): spec is NamedSpec {
  return spec.kind === 'glob' && spec.name !== undefined;
}

/** A path as it was given, its name parted from it. */
export interface PathArgument {
  readonly name: FeedName | undefined;
  readonly text: string;
  readonly base: string;
}

/** `PATH` or `name=PATH`. What exists under the whole text is meant as a path: shells expand `*.log` to such names. */
export function readPathArgument(text: string, base: string): PathArgument {
  if (text === '') throw new UsageError('"" is not a path: give a file, a folder, a glob or -');
  if (text.includes('\0')) throw new UsageError(`${JSON.stringify(text)} is not a path: it holds a NUL byte`);
  const cut = text.indexOf('=');
  const named = cut > 0 && cut < text.length - 1 && parseFeedName(text.slice(0, cut)) !== undefined;
  if (!named || exists(resolve(base, text))) return { name: undefined, text, base };
  return { name: chosenName(text.slice(0, cut)), text: text.slice(cut + 1), base };
}

/** Looks what the path is. One that is not there is refused, unless `wait`: then it is taken for a file to come. */
export function specOf({ name, text, base }: PathArgument, wait: boolean): PathSpec {
  if (text === '-') return { name, path: '-', kind: 'stdin' };
  const path = resolve(base, text);
  const stats = look(path);
  if (stats instanceof Error) return specOfMissing({ name, text, base }, stats, wait);
  if (stats.isDirectory()) return { name, path, kind: 'directory' };
  const trouble = notAFile(stats);
  if (trouble !== undefined) throw new UsageError(`${path} ${trouble}${pipeAdvice(stats, text)}`);
  const error = unreadable(path);
  // A rotation may have taken it away since it was looked at.
  return error === undefined ? { name, path, kind: 'file' } : specOfMissing({ name, text, base }, error, wait);
}

function specOfMissing({ name, text, base }: PathArgument, error: Error, wait: boolean): PathSpec {
  const path = resolve(base, text);
  const missing = ['ENOENT', 'ENOTDIR', 'ENAMETOOLONG'].includes(errorCode(error));
  if (missing && isGlob(text)) return globSpec({ name, text, base }, wait);
  if (wait && errorCode(error) === 'ENOENT') return { name, path, kind: 'file' };
  const advice = errorCode(error) === 'ENOENT' ? ' (--wait waits for it)' : '';
  throw new UsageError(`${path} ${pathTrouble(error)}${advice}`);
}

function globSpec({ name, text, base }: PathArgument, wait: boolean): PathSpec {
  const pattern = text.startsWith('/') ? text : `${escapeGlob(base)}/${text.replace(/^(?:\.\/)+/, '')}`;
  const path = resolve('/', pattern);
  const stats = look(globRoot(path));
  if (stats instanceof Error && !(wait && errorCode(stats) === 'ENOENT'))
    throw new UsageError(`the folder ${globRoot(path)} of the glob ${JSON.stringify(text)} ${pathTrouble(stats)}`);
  return { name, path, kind: 'glob' };
}

function look(path: string): Stats | Error {
  try {
    return statSync(path);
  } catch (error) {
    return error as Error;
  }
}

function exists(path: string): boolean {
  return !(look(path) instanceof Error);
}

function unreadable(path: string): Error | undefined {
  try {
    accessSync(path, constants.R_OK);
    return undefined;
  } catch (error) {
    return error as Error;
  }
}

function pipeAdvice(stats: Stats, text: string): string {
  return stats.isFIFO() || stats.isCharacterDevice() ? ` (give - and redirect: livefeed - < ${text})` : '';
}
