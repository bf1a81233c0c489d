import type { Stats } from 'node:fs';
import { readdir, readlink, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import type { ArchiveCache } from './archive-cache.ts';
import type { ByteSource, SourceStats } from './byte-source.ts';
import { HeldFiles } from './held-files.ts';
import { isOfLimit, type OpenFile } from './open-file.ts';
import { type Aged, oldestFirst, sinceMs } from './part-order.ts';
import { statPart } from './part-stats.ts';
import { isCompressedName, liveNamesOf, plainName } from './rotated-name.ts';
import { type Listed, type Listing, listSteadily } from './steady-listing.ts';

/** An older part of a tailed file, open: a rotation that renames or removes it takes nothing away. */
export interface Sibling {
  readonly path: string;
  readonly source: ByteSource;
  /** Of the file as it lies there: for an archive, the size is the compressed one. */
  readonly stats: SourceStats;
}

interface Found extends Aged, Listed {}

/** The newest so many older parts of a file are opened. */
const MAX_SIBLINGS = 200;
/** A folder with more entries than this was not made by a rotator. */
const MAX_LISTED = 20_000;
/** So many files are asked for their times at once: each answer is a turn of the event loop, in which others may be renamed. */
const STATS_AT_ONCE = 64;

/**
 * The older parts of `path`, oldest first: files with the same stem and a number or date. Where it is a link: those of its target,
 * and, where that has a number or date itself, the others of that stem.
 */
export function openSiblings(path: string, archives: ArchiveCache): Promise<Sibling[]> {
  return openSteadily(() => listSiblings(path), archives);
}

/** Whether one of the older parts of `path` was begun after `ms`. Opens none. */
export async function hasSiblingSince(path: string, ms: number): Promise<boolean> {
  return (await listSteadily(() => listSiblings(path))).some((sibling) => sinceMs(sibling) > ms);
}

async function listSiblings(path: string): Promise<Listing<Found>> {
  const target = await targetOf(path);
  const lives = new Map([[dirname(path), [basename(path)]]]);
  const ofTarget = target === path ? [] : [basename(target), ...liveNamesOf(basename(target))];
  lives.set(dirname(target), [...(lives.get(dirname(target)) ?? []), ...ofTarget]);
  const isOlder = (name: string, folder: string) => liveNamesOf(name).some((live) => lives.get(folder)?.includes(live));
  return listAll([...lives.keys()], isOlder);
}

/** The newest other files of the folder, oldest first: for rotators whose names do not tell (svlogd's `@4000...s`). */
export async function openOthers(path: string, archives: ArchiveCache): Promise<Sibling[]> {
  const target = await targetOf(path);
  const live = basename(target);
  const isOther = (name: string) => name !== live && !liveNamesOf(name).includes(live);
  return openSteadily(() => listAll([dirname(target)], isOther), archives, { mayChange: true });
}

/**
 * Of the files named, those that can be read, oldest first: the parts of a log whose active name changes. Beside them, what is
 * compressed and `wasPart` under the name that it had before.
 */
export async function openParts(
  paths: readonly string[],
  wasPart: (path: string) => boolean,
  archives: ArchiveCache,
): Promise<Sibling[]> {
  const known = new Set(paths);
  const wasKnown = (path: string) => known.has(path) || wasPart(path);
  const isPart = (name: string, folder: string) =>
    known.has(join(folder, name)) || (isCompressedName(name) && wasKnown(join(folder, plainName(name))));
  return openSteadily(() => listAll(paths.map(dirname), isPart, (path) => known.has(path)), archives);
}

export async function closeAll(siblings: readonly Sibling[]): Promise<void> {
  await Promise.all(siblings.map(({ source }) => source.close()));
}

/** Where a link leads; of one to nothing, what it names: its older parts are there all the same. */
async function targetOf(path: string): Promise<string> {
  const named = () => readlink(path).then((target) => resolve(dirname(path), target));
  return realpath(path).catch(() => named().catch(() => path));
}

/** `isNamed`: what the user has named is followed wherever it leads. */
async function listAll(
  folders: readonly string[],
  isWanted: (name: string, folder: string) => boolean,
  isNamed: (path: string) => boolean = () => false,
): Promise<Listing<Found>> {
  const own = new Set(await Promise.all(folders.map(targetOf)));
  const statOf = (path: string) => (isNamed(path) ? stat(path).catch(() => undefined) : statPart(path, own));
  const paths: string[] = [];
  for (const folder of new Set(folders)) paths.push(...(await list(folder, (name) => isWanted(name, folder))));
  return { paths, files: await regularFiles(paths, statOf) };
}

async function list(folder: string, isWanted: (name: string) => boolean): Promise<string[]> {
  const names = await readdir(folder).catch(noneWhereRefused);
  const wanted = new Set(names.slice(0, MAX_LISTED).filter(isWanted));
  return [...wanted].filter((name) => isPlainOrWholeGzip(name, wanted)).map((name) => join(folder, name));
}

async function regularFiles(paths: readonly string[], statOf: (path: string) => Promise<Stats | undefined>): Promise<Found[]> {
  const found: Found[] = [];
  for (let at = 0; at < paths.length; at += STATS_AT_ONCE) {
    const some = paths.slice(at, at + STATS_AT_ONCE).map(async (path) => ({ path, stats: await statOf(path) }));
    for (const { path, stats } of await Promise.all(some))
      if (stats?.isFile())
        found.push({ path, dev: stats.dev, ino: stats.ino, mtimeMs: stats.mtimeMs, birthtimeMs: stats.birthtimeMs });
  }
  return found;
}

function noneWhereRefused(error: unknown): string[] {
  if (isOfLimit(error)) throw error;
  return [];
}

/** While a part is being compressed both are there, and the plain one is whole. Of the compressions, Node 20 knows gzip. */
function isPlainOrWholeGzip(name: string, names: ReadonlySet<string>): boolean {
  if (!isCompressedName(name)) return true;
  return name.endsWith('.gz') && !names.has(name.slice(0, -'.gz'.length));
}

/** Opens the newest of what is listed, the oldest first. */
async function openSteadily(
  list: () => Promise<Listing<Found>>,
  archives: ArchiveCache,
  { mayChange = false } = {},
): Promise<Sibling[]> {
  const newestOf = (found: readonly Found[]) => oldestFirst(found).slice(-MAX_SIBLINGS);
  const held = new HeldFiles();
  try {
    const found = await listSteadily(list, { meanwhile: (listed) => held.open(newestOf(listed)), mayChange });
    const opened: Promise<Sibling>[] = [];
    for (const listed of newestOf(found)) {
      const file = held.take(listed);
      if (file !== undefined) opened.push(siblingOf(listed.path, file, archives));
    }
    return await Promise.all(opened);
  } finally {
    await held.close();
  }
}

async function siblingOf(path: string, file: OpenFile, archives: ArchiveCache): Promise<Sibling> {
  return { path, stats: await file.stat(), source: path.endsWith('.gz') ? await archives.open(file) : file };
}
