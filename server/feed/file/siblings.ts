import { readdir, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { ArchiveCache } from './archive-cache.ts';
import { type ByteSource, OpenFile, type SourceStats } from './byte-source.ts';
import { isCompressedName, liveNamesOf, plainName, rotationNumber } from './rotated-name.ts';

/** An older part of a tailed file, open: a rotation that renames or removes it takes nothing away. */
export interface Sibling {
  readonly path: string;
  readonly source: ByteSource;
  /** Of the file as it lies there: for an archive, the size is the compressed one. */
  readonly stats: SourceStats;
}

interface Found {
  readonly path: string;
  readonly mtimeMs: number;
}

/** The newest so many older parts of a file are opened. */
const MAX_SIBLINGS = 200;
/** A folder with more entries than this was not made by a rotator. */
const MAX_LISTED = 20_000;

/**
 * The older parts of `path` (of its target, where it is a link), oldest first: files with the same stem and a number or date, by
 * the time of their last change, then by their number.
 */
export async function openSiblings(path: string, archives: ArchiveCache): Promise<Sibling[]> {
  const target = await realpath(path).catch(() => path);
  const places = new Map([path, target].map((live) => [dirname(live), basename(live)]));
  const found: Found[] = [];
  for (const [folder, live] of places) found.push(...(await list(folder, (name) => liveNamesOf(name).includes(live))));
  return openNewest(found, archives);
}

/** The newest other files of the folder, oldest first: for rotators whose names do not tell (svlogd's `@4000...s`). */
export async function openOthers(path: string, archives: ArchiveCache): Promise<Sibling[]> {
  const target = await realpath(path).catch(() => path);
  const live = basename(target);
  return openNewest(await list(dirname(target), (name) => name !== live && !liveNamesOf(name).includes(live)), archives);
}

/** Of the files named, those that can be read, oldest first: the parts of a log whose active name changes. */
export async function openParts(paths: readonly string[], archives: ArchiveCache): Promise<Sibling[]> {
  const found: Found[] = [];
  for (const folder of new Set(paths.map((path) => dirname(path)))) {
    const names = new Set(paths.filter((path) => dirname(path) === folder).map((path) => basename(path)));
    found.push(...(await list(folder, (name) => names.has(name) || (isCompressedName(name) && names.has(plainName(name))))));
  }
  return openNewest(found, archives);
}

export async function closeAll(siblings: readonly Sibling[]): Promise<void> {
  await Promise.all(siblings.map(({ source }) => source.close()));
}

async function list(folder: string, isWanted: (name: string) => boolean): Promise<Found[]> {
  const names = await readdir(folder).catch(() => []);
  const wanted = new Set(names.slice(0, MAX_LISTED).filter(isWanted));
  const readable = [...wanted].filter((name) => isPlainOrWholeGzip(name, wanted));
  const found: Found[] = [];
  for (const name of readable) {
    const path = join(folder, name);
    const stats = await stat(path).catch(() => undefined);
    if (stats?.isFile()) found.push({ path, mtimeMs: stats.mtimeMs });
  }
  return found;
}

/** While a part is being compressed both are there, and the plain one is whole. Of the compressions, Node 20 knows gzip. */
function isPlainOrWholeGzip(name: string, names: ReadonlySet<string>): boolean {
  if (!isCompressedName(name)) return true;
  return name.endsWith('.gz') && !names.has(name.slice(0, -'.gz'.length));
}

async function openNewest(found: readonly Found[], archives: ArchiveCache): Promise<Sibling[]> {
  const newest = found.toSorted(byAge).slice(-MAX_SIBLINGS);
  const opened: Sibling[] = [];
  for (const { path } of newest) {
    const file = await OpenFile.open(path).catch(() => undefined);
    if (file === undefined) continue;
    const stats = await file.stat();
    opened.push({ path, stats, source: path.endsWith('.gz') ? await archives.open(file) : file });
  }
  return opened;
}

/** Oldest first. Rotators count up from the newest, so of two files of one time the larger number is the older. */
function byAge(a: Found, b: Found): number {
  return (
    a.mtimeMs - b.mtimeMs || rotationNumber(basename(b.path)) - rotationNumber(basename(a.path)) || (a.path < b.path ? -1 : 1)
  );
}
