import { stat } from 'node:fs/promises';
import type { ArchiveCache } from './archive-cache.ts';
import type { SourceStats } from './byte-source.ts';
import { isMissing, OpenFile } from './open-file.ts';
import { openOthers, openParts, openSiblings, type Sibling } from './siblings.ts';

/** What a feed follows: where its newest bytes come, and where its older parts lie. */
export interface TailedPath {
  /** What is written now; undefined where there is no regular file. */
  stat(): Promise<SourceStats | undefined>;
  /** Opens what is written now. */
  open(): Promise<OpenFile | undefined>;
  /** The older parts, oldest first, open. */
  openSiblings(archives: ArchiveCache): Promise<Sibling[]>;
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

  openOthers(archives: ArchiveCache): Promise<Sibling[]> {
    return openOthers(this.#path, archives);
  }
}

/** How long the newest of several files is taken to be the newest still. */
const NEWEST_FOR_MS = 1_000;

/**
 * Files of which the newest is written, for rotators that put the date or a number into the active name. The newest is the one
 * that was created last: late lines make an old one young again by its time of change, but not by that of its birth.
 */
export class NewestOfPaths implements TailedPath {
  readonly #paths = new Set<string>();
  #newest: { readonly path: string; readonly foundAt: number } | undefined;

  constructor(paths: Iterable<string>) {
    for (const path of paths) this.#paths.add(path);
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
    return openParts([...this.#paths], archives);
  }

  async openOthers(): Promise<Sibling[]> {
    return [];
  }

  async #findNewest(): Promise<string | undefined> {
    if (this.#newest !== undefined && performance.now() - this.#newest.foundAt < NEWEST_FOR_MS) return this.#newest.path;
    let newest: Dated | undefined;
    for (const path of this.#paths) {
      const stats = await statFile(path);
      if (stats !== undefined && (newest === undefined || isYounger({ path, stats }, newest))) newest = { path, stats };
    }
    this.#newest = newest === undefined ? undefined : { path: newest.path, foundAt: performance.now() };
    return newest?.path;
  }
}

interface Dated {
  readonly path: string;
  readonly stats: SourceStats;
}

/** Where the file system keeps no birth times they are all 0, and the time of change has to do. */
function isYounger(a: Dated, b: Dated): boolean {
  if (a.stats.birthtimeNs !== b.stats.birthtimeNs) return a.stats.birthtimeNs > b.stats.birthtimeNs;
  return a.stats.mtimeMs === b.stats.mtimeMs ? a.path > b.path : a.stats.mtimeMs > b.stats.mtimeMs;
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
