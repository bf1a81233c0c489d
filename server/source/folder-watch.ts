import { stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { type FSWatcher, watch } from 'chokidar';

export interface FolderWatchOptions {
  /** Follow links to folders that are met below a watched tree. */
  readonly followLinks: boolean;
  /** Something happened to this path; what, its stat tells. */
  readonly onTouched: (path: string) => void;
  /** A folder has come below a watched tree. */
  readonly onFolder: (path: string) => void;
  /** What was asked for, or has been made again, is watched now; what has come into it before may not have been told. */
  readonly onReady: () => void;
  readonly onError: (error: unknown) => void;
}

const LOOK_FOR_LOST_MS = 1_000;

/**
 * Tells which paths have been touched. chokidar watches folders only: its `raw` events name every file in them and are not
 * throttled (its `change` is: a second append within 40 ms raises none), and one watch a folder serves any number of files.
 */
export class FolderWatch {
  readonly #options: FolderWatchOptions;
  readonly #folders = new Set<string>();
  readonly #trees = new Set<string>();
  /** Folders that have gone, and whether they are back. */
  readonly #lost = new Map<string, 'gone' | 'back'>();
  #lostTimer: NodeJS.Timeout | undefined;
  #watcher: FSWatcher | undefined;

  constructor(options: FolderWatchOptions) {
    this.#options = options;
  }

  /** Watches the files that lie directly in `folder`. */
  watchFolder(folder: string): void {
    if (this.#folders.has(folder) || this.#isInTree(folder)) return;
    this.#folders.add(folder);
    this.#start().add(folder);
  }

  /** Watches `root` and all folders below it. */
  watchTree(root: string): void {
    if (this.#isInTree(root)) return;
    this.#trees.add(root);
    this.#start().add(root);
  }

  async close(): Promise<void> {
    clearInterval(this.#lostTimer);
    this.#lost.clear();
    await this.#watcher?.close();
  }

  #start(): FSWatcher {
    if (this.#watcher !== undefined) return this.#watcher;
    this.#watcher = watch([], {
      ignoreInitial: true,
      followSymlinks: this.#options.followLinks,
      ignored: (path, stats) => stats?.isDirectory() === false || (stats !== undefined && !this.#isWatched(path)),
    });
    this.#watcher.on('raw', (_event, name, details) => this.#onRaw(name, details));
    this.#watcher.on('addDir', (path) => this.#options.onFolder(path));
    this.#watcher.once('ready', this.#options.onReady);
    this.#watcher.on('error', this.#options.onError);
    return this.#watcher;
  }

  #onRaw(name: unknown, details: unknown): void {
    const { watchedPath } = details as { watchedPath?: unknown };
    if (typeof name !== 'string' || typeof watchedPath !== 'string') return;
    if (name === basename(watchedPath)) this.#onSelf(watchedPath);
    this.#options.onTouched(join(watchedPath, name));
  }

  /** inotify watches a folder, not its path, and names the folder when that goes: whatever comes in its place is watched anew. */
  #onSelf(folder: string): void {
    if (!this.#folders.has(folder) && !this.#trees.has(folder)) return;
    this.#lost.set(folder, 'gone');
    this.#lostTimer ??= setInterval(() => void this.#lookForLost(), LOOK_FOR_LOST_MS).unref();
  }

  async #lookForLost(): Promise<void> {
    const wasBack = [...this.#lost].filter(([, state]) => state === 'back');
    for (const [folder] of wasBack) this.#lost.delete(folder);
    if (wasBack.length > 0) this.#options.onReady();
    for (const folder of this.#lost.keys()) if (await isFolder(folder)) this.#watchAnew(folder);
    if (this.#lost.size > 0) return;
    clearInterval(this.#lostTimer);
    this.#lostTimer = undefined;
  }

  #watchAnew(folder: string): void {
    if (!this.#lost.has(folder)) return;
    this.#lost.set(folder, 'back');
    this.#watcher?.unwatch(folder);
    this.#watcher?.add(folder);
  }

  #isWatched(path: string): boolean {
    return this.#folders.has(path) || this.#isInTree(path);
  }

  #isInTree(path: string): boolean {
    for (let folder = path; ; folder = dirname(folder)) {
      if (this.#trees.has(folder)) return true;
      if (folder === dirname(folder)) return false;
    }
  }
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
}
