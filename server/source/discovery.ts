import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { PathSpec } from '../config/path-spec.ts';
import type { ArchiveCache } from '../feed/file/archive-cache.ts';
import { FileLog } from '../feed/file/file-log.ts';
import { liveNamesOf } from '../feed/file/rotated-name.ts';
import { NewestOfPaths } from '../feed/file/tailed-path.ts';
import type { FeedName } from '../feed/name.ts';
import type { Registry } from '../feed/registry.ts';
import { considerFile, depthOf, rootOf } from './candidate.ts';
import { eachBounded } from './each-bounded.ts';
import { FeedNamer, type NameableFile } from './feed-naming.ts';
import { FolderWatch } from './folder-watch.ts';
import { type Skipped, scanAll } from './scan.ts';
import { Tail } from './tail.ts';

export interface DiscoveryOptions {
  readonly registry: Registry;
  readonly followLinks: boolean;
  readonly partialTimeoutMs: number;
  /** Where rotated files that are compressed are inflated. */
  readonly archives: ArchiveCache;
  /** Something about a file that its watcher should know; the service lives on. */
  readonly onTrouble: (path: string, trouble: unknown) => void;
}

const ADDED_AT_ONCE = 16;
/** What appears later is looked at one by one; more than this many at once wait for their folder's next change. */
const MAX_WAITING = 10_000;
const JUDGED_AGAIN_MS = 10_000;
/** A new folder's own watch begins a moment after we hear of the folder: by now it has begun. */
const LOOKED_AGAIN_MS = 1_000;

/** Turns files into feeds: those that are there at the start, and those that come. */
export class Discovery {
  readonly #options: DiscoveryOptions;
  readonly #watch: FolderWatch;
  readonly #tail: Tail;
  readonly #namer: FeedNamer;
  readonly #sets = new Map<PathSpec, { readonly log: FileLog; readonly tailed: NewestOfPaths }>();
  readonly #considering = new Set<string>();
  /** When a path was last found not to be a feed, performance.now(): a busy one is not judged anew at each of its writes. */
  readonly #refusedAt = new Map<string, number>();
  /** What has been touched while the first scan runs: the scan may find it as well. */
  #touchedEarly: Set<string> | undefined = new Set();
  readonly #folderTimers = new Set<NodeJS.Timeout>();
  #specs: readonly PathSpec[] = [];

  constructor(options: DiscoveryOptions) {
    this.#options = options;
    this.#namer = new FeedNamer(options.registry.list().map((feed) => feed.name));
    this.#watch = new FolderWatch({
      followLinks: options.followLinks,
      onTouched: (path) => this.#onTouched(path),
      onFolder: (path) => void this.#onFolder(path),
      onReady: () => void this.#scanAgain(),
      onError: (error) => options.onTrouble('the watch', error),
    });
    this.#tail = new Tail(this.#watch, options.onTrouble);
  }

  /** Finds what the specs mean and begins to tail it. The first scan is done when this resolves. */
  async start(specs: readonly PathSpec[]): Promise<readonly Skipped[]> {
    this.#specs = specs.filter(({ kind }) => kind === 'directory' || kind === 'glob');
    for (const spec of this.#specs) {
      if (depthOf(spec) === 0) this.#watch.watchFolder(rootOf(spec));
      else this.#watch.watchTree(rootOf(spec));
    }
    const { found, skipped } = await scanAll(specs, { followLinks: this.#options.followLinks });
    const apart = found.filter(({ spec }) => !isOneFeed(spec));
    const names = this.#namer.assign(apart);
    await eachBounded(apart, ADDED_AT_ONCE, (file) => this.#add(file, names.get(file.path) as FeedName));
    for (const spec of specs.filter(isOneFeed))
      await this.#addSet(
        spec,
        found.filter((file) => file.spec === spec),
      );
    await this.#considerEarly();
    return skipped;
  }

  /** `name=GLOB`: all matches are one feed, of which the newest is written. */
  async #addSet(spec: NamedSpec, files: readonly NameableFile[]): Promise<void> {
    const paths = files.map(({ path }) => path);
    const tailed = new NewestOfPaths(paths);
    const log = this.#logOf({ path: spec.path, tailed });
    this.#options.registry.add({ name: spec.name, source: 'file', detail: spec.path, log, watch: { by: 'inotify' } });
    this.#sets.set(spec, { log, tailed });
    await this.#tail.add(log, paths);
  }

  async close(): Promise<void> {
    for (const timer of this.#folderTimers) clearTimeout(timer);
    this.#tail.close();
    await this.#watch.close();
  }

  /** The watch begins some time after it was asked for: what has come behind the first scan and before the watch is found here. */
  async #scanAgain(): Promise<void> {
    try {
      const { found } = await scanAll(this.#specs, { followLinks: this.#options.followLinks });
      await eachBounded(found, ADDED_AT_ONCE, ({ path }) => this.#consider(path));
    } catch (error) {
      this.#options.onTrouble('the second scan', error);
    }
  }

  async #considerEarly(): Promise<void> {
    const touched = [...(this.#touchedEarly ?? [])];
    this.#touchedEarly = undefined;
    await eachBounded(touched, ADDED_AT_ONCE, (path) => this.#consider(path));
  }

  async #add({ path }: NameableFile, name: FeedName): Promise<void> {
    const log = this.#logOf({ path });
    this.#options.registry.add({ name, source: 'file', detail: path, log, watch: { by: 'inotify' } });
    await this.#tail.add(log);
  }

  #logOf(place: { readonly path: string; readonly tailed?: NewestOfPaths }): FileLog {
    const { partialTimeoutMs, archives } = this.#options;
    const onFollowed = (isFollowed: boolean) => isFollowed && this.#tail.onFollowed(log);
    const log: FileLog = new FileLog({ ...place, partialTimeoutMs, archives, onFollowed });
    return log;
  }

  #onTouched(path: string): void {
    if (this.#tail.has(path)) this.#tail.wake(path);
    else void this.#consider(path);
  }

  /** A folder may have been filled before its watch began: what is in it is looked at now and once more. */
  async #onFolder(folder: string): Promise<void> {
    const timer = setTimeout(() => {
      this.#folderTimers.delete(timer);
      void this.#lookInto(folder);
    }, LOOKED_AGAIN_MS).unref();
    this.#folderTimers.add(timer);
    await this.#lookInto(folder);
  }

  async #lookInto(folder: string): Promise<void> {
    const names = await readdir(folder).catch(() => []);
    await eachBounded(names, ADDED_AT_ONCE, (name) => this.#consider(join(folder, name)));
  }

  /** A path that is not a feed has been touched: it may be one now. */
  async #consider(path: string): Promise<void> {
    if (this.#touchedEarly !== undefined) {
      if (this.#touchedEarly.size < MAX_WAITING) this.#touchedEarly.add(path);
      return;
    }
    if (
      this.#tail.has(path) ||
      this.#considering.has(path) ||
      this.#considering.size >= MAX_WAITING ||
      this.#wasJustRefused(path)
    )
      return;
    this.#considering.add(path);
    try {
      for (const spec of this.#specs) {
        if (!isBelow(rootOf(spec), path)) continue;
        const verdict = await considerFile(path, spec, { followLinks: this.#options.followLinks });
        if (verdict !== 'feed' || this.#isOlderPart(path)) continue;
        const set = this.#sets.get(spec);
        if (set !== undefined) {
          set.tailed.add(path);
          return await this.#tail.addPath(set.log, path);
        }
        const file = { path, spec, root: rootOf(spec) };
        return await this.#add(file, this.#namer.assignOne(file));
      }
      await this.#rememberRefusal(path);
    } catch (error) {
      this.#options.onTrouble(path, error);
    } finally {
      this.#considering.delete(path);
    }
  }

  /** Between the two steps of a rotation (rename, create) the live file is not there, and what it was looks like one of its own. */
  #isOlderPart(path: string): boolean {
    return liveNamesOf(basename(path)).some((live) => this.#tail.has(join(dirname(path), live)));
  }

  /** One that is not there may come at any moment, and is judged then. */
  async #rememberRefusal(path: string): Promise<void> {
    const isThere = await stat(path).catch(() => undefined);
    if (isThere !== undefined && this.#refusedAt.size < MAX_WAITING) this.#refusedAt.set(path, performance.now());
  }

  #wasJustRefused(path: string): boolean {
    const at = this.#refusedAt.get(path);
    if (at === undefined) return false;
    if (performance.now() - at < JUDGED_AGAIN_MS) return true;
    this.#refusedAt.delete(path);
    return false;
  }
}

type NamedSpec = PathSpec & { readonly name: FeedName };

function isOneFeed(spec: PathSpec): spec is NamedSpec {
  return spec.kind === 'glob' && spec.name !== undefined;
}

function isBelow(root: string, path: string): boolean {
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    if (folder === root) return true;
    if (folder === dirname(folder)) return false;
  }
}
