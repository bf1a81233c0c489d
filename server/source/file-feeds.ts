import { basename, dirname, join } from 'node:path';
import type { NamedSpec, PathSpec } from '../config/path-spec.ts';
import type { ArchiveCache } from '../feed/file/archive-cache.ts';
import { FileLog } from '../feed/file/file-log.ts';
import { liveNamesOf } from '../feed/file/rotated-name.ts';
import { NewestOfPaths, type TailedPath } from '../feed/file/tailed-path.ts';
import type { FeedName } from '../feed/name.ts';
import type { Feed, Registry } from '../feed/registry.ts';
import { isAskedFor } from './candidate.ts';
import { eachBounded } from './each-bounded.ts';
import { FeedNamer, type NameableFile } from './feed-naming.ts';
import { MAX_FOUND } from './scan.ts';
import type { Tail } from './tail.ts';
import type { WatchState } from './tailed.ts';

export interface FileFeedsOptions {
  readonly registry: Registry;
  /** Takes the lines of container logs as they are. */
  readonly raw: boolean;
  readonly partialTimeoutMs: number;
  /** Where rotated files that are compressed are inflated. */
  readonly archives: ArchiveCache;
  readonly onTrouble: (path: string, trouble: unknown) => void;
}

interface FileFeed {
  readonly feed: Feed;
  readonly log: FileLog;
  /** A feed that was asked for by name stays, whatever becomes of its file. */
  readonly isNamed: boolean;
}

const ADDED_AT_ONCE = 16;
/** A feed that was found, not named, goes when its file has been gone for this long and nobody reads it. */
const DROPPED_AFTER_MS = 3_600_000;

/** The feeds that are files. */
export class FileFeeds {
  readonly #options: FileFeedsOptions;
  readonly #tail: Tail;
  readonly #namer: FeedNamer;
  readonly #byLog = new Map<FileLog, FileFeed>();
  readonly #sets = new Map<PathSpec, { readonly log: FileLog; readonly tailed: NewestOfPaths }>();
  /** Every path that is followed, by itself or with others. */
  readonly #paths = new Set<string>();
  #isFullTold = false;

  constructor(tail: Tail, options: FileFeedsOptions) {
    this.#options = options;
    this.#tail = tail;
    this.#namer = new FeedNamer([], (name) => options.registry.get(name) !== undefined);
  }

  has(path: string): boolean {
    return this.#paths.has(path);
  }

  /** Whether `path` is called like an older part of a file that is followed; that may be gone for a moment, while it is rotated. */
  isOlderPart(path: string): boolean {
    return liveNamesOf(basename(path)).some((live) => this.#paths.has(join(dirname(path), live)));
  }

  /** Files that are found together are named together. */
  async addAll(files: readonly NameableFile[]): Promise<void> {
    const names = this.#namer.assign(files);
    await eachBounded(files, ADDED_AT_ONCE, (file) => this.#add(file, names.get(file.path) as FeedName));
  }

  /** A file that has appeared later. */
  async addOne(file: NameableFile): Promise<void> {
    if (this.#byLog.size >= MAX_FOUND) return this.#tellFull(file.path);
    await this.#add(file, this.#namer.assignOne(file));
  }

  /** `name=GLOB`: all matches are one feed, of which the newest is written. */
  async addSet(spec: NamedSpec, paths: readonly string[]): Promise<void> {
    const tailed = new NewestOfPaths(paths, (path) => isAskedFor(path, spec));
    const log = this.#addFeed(spec.name, spec.path, true, tailed);
    this.#sets.set(spec, { log, tailed });
    for (const path of paths) this.#paths.add(path);
    await this.#tail.add(log, paths);
  }

  /** Another match of a glob whose matches are one feed; whether `spec` is one. */
  async addToSet(spec: PathSpec, path: string): Promise<boolean> {
    const set = this.#sets.get(spec);
    if (set === undefined) return false;
    this.#paths.add(path);
    set.tailed.add(path);
    await this.#tail.addPath(set.log, path);
    return true;
  }

  /** The figures of `log` may have changed. */
  touch(log: FileLog): void {
    const fileFeed = this.#byLog.get(log);
    if (fileFeed !== undefined) this.#options.registry.touch(fileFeed.feed);
  }

  setWatch(log: FileLog, watch: WatchState): void {
    const fileFeed = this.#byLog.get(log);
    if (fileFeed !== undefined) fileFeed.feed.watch = watch;
  }

  /** Lets go of feeds whose files have been gone for an hour, which nobody asked for by name and nobody reads. */
  async dropMissing(): Promise<void> {
    for (const log of this.#tail.missingFor(DROPPED_AFTER_MS)) {
      const fileFeed = this.#byLog.get(log);
      if (fileFeed === undefined || fileFeed.isNamed || fileFeed.feed.readers > 0 || log.isFollowed) continue;
      this.#byLog.delete(log);
      this.#paths.delete(log.path);
      this.#namer.forget(log.path);
      this.#tail.remove(log);
      await this.#options.registry.remove(fileFeed.feed.name);
    }
  }

  async #add({ path, spec }: NameableFile, name: FeedName): Promise<void> {
    this.#paths.add(path);
    await this.#tail.add(this.#addFeed(name, path, spec.kind === 'file'));
  }

  #addFeed(name: FeedName, path: string, isNamed: boolean, tailed?: TailedPath): FileLog {
    const { registry, raw, partialTimeoutMs, archives } = this.#options;
    const onFollowed = () => this.#tail.follow(log);
    const onError = (error: unknown) => this.#tail.noteLimit(error);
    const log = new FileLog({
      path,
      raw,
      partialTimeoutMs,
      archives,
      onFollowed,
      onError,
      ...(tailed === undefined ? {} : { tailed }),
    });
    const lookFigures = () => this.#tail.figures(log);
    const feed = registry.add({ name, source: 'file', detail: path, log, lookFigures, tellsChanges: true });
    this.#byLog.set(log, { feed, log, isNamed });
    return log;
  }

  #tellFull(path: string): void {
    if (this.#isFullTold) return;
    this.#isFullTold = true;
    this.#options.onTrouble(path, new Error(`there are ${MAX_FOUND} feeds of files already: no more are added`));
  }
}
