import { stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { ArchiveCache } from './archive-cache.ts';
import { begunMs, type SourceStats } from './byte-source.ts';
import { isCopy } from './is-copy.ts';
import { isMissing, OpenFile } from './open-file.ts';
import { liveNamesOf, rotationDate } from './rotated-name.ts';
import { hasSiblingSince, openOthers, openParts, openSiblings, type Sibling } from './siblings.ts';

/** What a feed follows: where its newest bytes come, and where its older parts lie. */
export interface TailedPath {
  /** What is written now; undefined where there is no regular file. */
  stat(): Promise<SourceStats | undefined>;
  /** Opens what is written now. */
  open(): Promise<OpenFile | undefined>;
  /** The older parts, oldest first, open. */
  openSiblings(archives: ArchiveCache): Promise<Sibling[]>;
  /** Whether an older part was begun after that, ms since the epoch. */
  hasSiblingSince(ms: number): Promise<boolean>;
  /** Files that may be older parts though their names do not tell. */
  openOthers(archives: ArchiveCache): Promise<Sibling[]>;
}

/** One path, whose older parts are called like it. */
export class SinglePath implements TailedPath {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  stat(): Promise<SourceStats | undefined> {
    return statFile(this.#path);
  }

  open(): Promise<OpenFile | undefined> {
    return OpenFile.open(this.#path);
  }

  openSiblings(archives: ArchiveCache): Promise<Sibling[]> {
    return openSiblings(this.#path, archives);
  }

  hasSiblingSince(ms: number): Promise<boolean> {
    return hasSiblingSince(this.#path, ms);
  }

  openOthers(archives: ArchiveCache): Promise<Sibling[]> {
    return openOthers(this.#path, archives);
  }
}

/** How long the newest of several files is taken to be the newest still. */
const NEWEST_FOR_MS = 1_000;

/**
 * Files of which the newest is written, for rotators that put the date or a number into the active name. The newest is the one
 * with the latest date in its name, else the one that was begun last.
 */
export class NewestOfPaths implements TailedPath {
  readonly #paths = new Set<string>();
  readonly #isPart: (path: string) => boolean;
  #newest: { readonly path: string; readonly foundAt: number } | undefined;

  /** `isPart`: whether a file of this name, beside the others and compressed since, was one of them. */
  constructor(paths: Iterable<string>, isPart: (path: string) => boolean = () => false) {
    for (const path of paths) this.#paths.add(path);
    this.#isPart = isPart;
  }

  /** Another file has appeared. */
  add(path: string): void {
    this.#paths.add(path);
    this.#newest = undefined;
  }

  async stat(): Promise<SourceStats | undefined> {
    const newest = await this.#findNewest();
    return newest === undefined ? undefined : statFile(newest);
  }

  async open(): Promise<OpenFile | undefined> {
    const newest = await this.#findNewest();
    return newest === undefined ? undefined : OpenFile.open(newest);
  }

  openSiblings(archives: ArchiveCache): Promise<Sibling[]> {
    return openParts([...this.#paths], this.#isPart, archives);
  }

  /** Its rotator begins a new file each time: it copies none. */
  async hasSiblingSince(): Promise<boolean> {
    return false;
  }

  async openOthers(): Promise<Sibling[]> {
    return [];
  }

  async #findNewest(): Promise<string | undefined> {
    if (this.#newest !== undefined && performance.now() - this.#newest.foundAt < NEWEST_FOR_MS) return this.#newest.path;
    const files = new Map<string, SourceStats>();
    for (const path of this.#paths) {
      const stats = await statFile(path);
      if (stats !== undefined) files.set(path, stats);
    }
    const newest = await newestOf(files);
    this.#newest = newest === undefined ? undefined : { path: newest, foundAt: performance.now() };
    return newest;
  }
}

interface Dated {
  readonly path: string;
  readonly stats: SourceStats;
}

async function newestOf(files: ReadonlyMap<string, SourceStats>): Promise<string | undefined> {
  const youngestFirst = [...files].map(([path, stats]) => ({ path, stats })).sort((a, b) => (isYounger(a, b) ? -1 : 1));
  for (const file of youngestFirst) if (!(await isOlderPart(file, files))) return file.path;
  return youngestFirst[0]?.path;
}

/**
 * `app.log.1` beside `app.log` holds what was in that, moved or copied, as most rotators do; unless it was made later, has been written
 * since, and is no copy: then this rotator counts up (winston).
 */
async function isOlderPart({ path, stats }: Dated, files: ReadonlyMap<string, SourceStats>): Promise<boolean> {
  for (const name of liveNamesOf(basename(path))) {
    const live = join(dirname(path), name);
    const ofLive = files.get(live);
    if (ofLive === undefined) continue;
    const isLater = stats.birthtimeNs > ofLive.birthtimeNs && stats.mtimeMs > ofLive.mtimeMs;
    if (!isLater || (await isCopy(path, live).catch(() => true))) return true;
  }
  return false;
}

/** A late line makes an old file young again by its time of change, but not by that of its birth; being restored, the other way round. */
function isYounger(a: Dated, b: Dated): boolean {
  const [dateA, dateB] = [rotationDate(basename(a.path)), rotationDate(basename(b.path))];
  if (dateA !== undefined && dateB !== undefined && dateA !== dateB) return dateA > dateB;
  const [sinceA, sinceB] = [begunMs(a.stats), begunMs(b.stats)];
  return sinceA === sinceB ? a.path > b.path : sinceA > sinceB;
}

async function statFile(path: string): Promise<SourceStats | undefined> {
  try {
    const stats = await stat(path, { bigint: true });
    if (!stats.isFile()) return undefined;
    const { dev, ino, birthtimeNs, mtimeNs, size } = stats;
    return { dev, ino, birthtimeNs, mtimeMs: Number(mtimeNs) / 1e6, size: Number(size) };
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}
