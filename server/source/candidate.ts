import type { Stats } from 'node:fs';
import { lstat, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, relative, sep } from 'node:path';
import picomatch from 'picomatch';
import { globDepth, globRoot } from '../config/glob.ts';
import { isOneFeed, type PathSpec } from '../config/path-spec.ts';
import { notAFile, pathTrouble } from '../config/path-trouble.ts';
import { isCompressedName, liveNamesOf } from '../feed/file/rotated-name.ts';
import { binaryReason } from './binary-file.ts';

export interface ScanOptions {
  /** Whether links may lead out of the folder that is scanned, and to folders. */
  readonly followLinks: boolean;
}

/** What comes of looking at a file: a feed, not one for a reason worth telling, or nothing that was asked for. */
export type Verdict = 'feed' | 'not asked for' | { readonly skipped: string };

/** Folders that nobody means when they name one above them. */
const IGNORED_FOLDERS = new Set(['.git', 'node_modules']);

/** The folder that a spec's files are in or below; for a single file, the one it is in. */
export function rootOf({ kind, path }: PathSpec): string {
  if (kind === 'glob') return globRoot(path);
  return kind === 'directory' ? path : dirname(path);
}

/** How many folders below the root a spec's files can lie. */
export function depthOf({ kind, path }: PathSpec): number {
  if (kind === 'glob') return globDepth(path);
  return kind === 'directory' ? Number.POSITIVE_INFINITY : 0;
}

export function isIgnoredFolder(name: string): boolean {
  return IGNORED_FOLDERS.has(name);
}

/** Whether a file that is there becomes a feed of `spec`. Also for one that appears later. Never throws. */
export async function considerFile(path: string, spec: PathSpec, options: ScanOptions): Promise<Verdict> {
  if (!isAskedFor(path, spec)) return 'not asked for';
  try {
    return await judge(path, spec, options);
  } catch (error) {
    // Rotated away a moment ago: what was named is waited for.
    if (spec.kind === 'file' && (error as NodeJS.ErrnoException).code === 'ENOENT') return 'feed';
    return { skipped: pathTrouble(error) };
  }
}

async function judge(path: string, spec: PathSpec, { followLinks }: ScanOptions): Promise<Verdict> {
  const target = await stat(path);
  if (target.isDirectory()) return { skipped: await folderReason(path) };
  const named = spec.kind === 'file';
  const rotated = named ? undefined : await rotatedReason(path, spec);
  // All matches are one feed then, whose history an archive is.
  if (rotated !== undefined && isOneFeed(spec)) return 'not asked for';
  const reason =
    notAFile(target) ??
    (named || followLinks ? undefined : await leadsOut(path, rootOf(spec))) ??
    rotated ??
    (await binaryReason(path));
  return reason === undefined ? 'feed' : { skipped: reason };
}

async function folderReason(path: string): Promise<string> {
  return (await lstat(path)).isSymbolicLink() ? 'is a link to a folder (--follow-links follows it)' : 'is a folder';
}

/** Whether the path is one that the spec means, whatever may be there. */
export function isAskedFor(path: string, spec: PathSpec): boolean {
  if (spec.kind === 'stdin') return false;
  if (spec.kind === 'file') return path === spec.path;
  const below = relative(rootOf(spec), path);
  if (below === '' || below === '..' || below.startsWith(`..${sep}`)) return false;
  if (dirname(below).split(sep).some(isIgnoredFolder)) return false;
  return spec.kind === 'directory' || matcherOf(spec.path)(path);
}

const matchers = new Map<string, (path: string) => boolean>();

/** Each glob of the command line is compiled once, however many files appear. */
function matcherOf(pattern: string): (path: string) => boolean {
  const matches = matchers.get(pattern) ?? picomatch(pattern);
  matchers.set(pattern, matches);
  return matches;
}

/** The border: without --follow-links, a link (of the file or of a folder on the way) may not lead to what the user did not name. */
async function leadsOut(path: string, root: string): Promise<string | undefined> {
  const [from, to] = await Promise.all([realpath(root), realpath(path)]);
  const inside = to.startsWith(from.endsWith(sep) ? from : from + sep);
  return inside ? undefined : `is a link to ${to}, outside ${root} (--follow-links follows it)`;
}

async function rotatedReason(path: string, spec: PathSpec): Promise<string | undefined> {
  const name = basename(path);
  if (isCompressedName(name)) return 'is a compressed archive';
  // In one feed of all matches it is a part like any other, perhaps the newest: some rotators count up.
  if (isOneFeed(spec)) return undefined;
  for (const live of liveNamesOf(name)) {
    if ((await fileOrNothing(join(dirname(path), live)))?.isFile()) return `is an older part of ${live}`;
  }
  return undefined;
}

async function fileOrNothing(path: string): Promise<Stats | undefined> {
  return lstat(path).then(
    (stats) => (stats.isSymbolicLink() ? stat(path).catch(() => undefined) : stats),
    () => undefined,
  );
}
