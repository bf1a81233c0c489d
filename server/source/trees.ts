import { lstat, stat } from 'node:fs/promises';
import { dirname, relative, sep } from 'node:path';
import type { PathSpec } from '../config/path-spec.ts';
import { depthOf, isIgnoredFolder, rootOf } from './candidate.ts';
import type { Folder } from './watch/folder.ts';
import type { Folders } from './watch/folders.ts';

const MAX_FOLDERS = 10_000;

export interface TreesOptions {
  /** Whether a link to a folder counts as one. */
  readonly followLinks: boolean;
  readonly onTrouble: (path: string, error: unknown) => void;
}

/** The folders in which files may appear that were asked for: the roots of directories and globs, and what lies below them. */
export class Trees {
  readonly #folders: Folders;
  readonly #options: TreesOptions;
  readonly #entered = new Map<string, Folder>();
  /** The folders behind the paths: with links followed, one can be reached by several ways, and from within itself. */
  readonly #pathByIdentity = new Map<string, string>();
  #specs: readonly PathSpec[] = [];
  #isFullTold = false;

  constructor(folders: Folders, options: TreesOptions) {
    this.#folders = folders;
    this.#options = options;
  }

  /** Watches and lists the roots of `specs`; what is found below is told by the folders. */
  async start(specs: readonly PathSpec[]): Promise<void> {
    this.#specs = specs;
    for (const root of new Set(specs.map(rootOf))) await this.enter(root);
  }

  /** Whether files that appear in the folder at `path` may be asked for. */
  wants(path: string): boolean {
    return this.#specs.some((spec) => {
      const below = stepsBelow(rootOf(spec), path);
      return below !== undefined && below.length <= depthOf(spec) && !below.some(isIgnoredFolder);
    });
  }

  isListed(path: string): boolean {
    return this.#entered.has(path);
  }

  /** Whether there is a folder at `path`; a link to one only counts with --follow-links. */
  async isFolder(path: string): Promise<boolean> {
    const stats = await (this.#options.followLinks ? stat(path) : lstat(path)).catch(() => undefined);
    return stats?.isDirectory() ?? false;
  }

  /** Watches and lists a folder, where it is wanted; whether it is. */
  async enter(path: string): Promise<boolean> {
    if (!this.wants(path)) return false;
    const known = this.#entered.get(path);
    if (known === undefined) return this.#enterNew(path);
    await known.checkAnew();
    return true;
  }

  async #enterNew(path: string): Promise<boolean> {
    if (this.#entered.size >= MAX_FOLDERS) return this.#tellFull(path);
    const folder = await this.#folders.hold(path);
    if (this.#entered.has(path) || this.#isElsewhere(folder)) {
      this.#folders.release(folder);
      return false;
    }
    this.#entered.set(path, folder);
    if (folder.identity !== undefined) this.#pathByIdentity.set(folder.identity, path);
    folder.list.isWanted = true;
    await folder.checkAnew();
    return true;
  }

  /** A folder that is gone is found again by the one above it, unless it is a root. */
  onBegun(folder: Folder): void {
    if (folder.by !== 'nothing' || this.#entered.get(folder.path) !== folder) return;
    if (this.#specs.some((spec) => rootOf(spec) === folder.path)) return;
    this.#entered.delete(folder.path);
    for (const [identity, path] of this.#pathByIdentity) if (path === folder.path) this.#pathByIdentity.delete(identity);
    folder.list.isWanted = false;
    this.#folders.release(folder);
  }

  /** Lists the folder of `path` soon, whatever its time of change says. */
  listSoon(path: string): void {
    this.#entered.get(dirname(path))?.list.soon();
  }

  #isElsewhere({ identity, path }: Folder): boolean {
    const other = identity === undefined ? undefined : this.#pathByIdentity.get(identity);
    return other !== undefined && other !== path && this.#entered.get(other)?.identity === identity;
  }

  #tellFull(path: string): false {
    if (this.#isFullTold) return false;
    this.#isFullTold = true;
    this.#options.onTrouble(path, new Error(`more than ${MAX_FOLDERS} folders: files that appear in the rest are not found`));
    return false;
  }
}

/** The folders from `root` down to `path`, none where they are the same; undefined where `path` is not below it. */
function stepsBelow(root: string, path: string): string[] | undefined {
  const below = relative(root, path);
  if (below === '') return [];
  return below === '..' || below.startsWith(`..${sep}`) ? undefined : below.split(sep);
}
