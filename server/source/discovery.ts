import type { Dirent } from 'node:fs';
import { dirname } from 'node:path';
import { isOneFeed, type PathSpec } from '../config/path-spec.ts';
import { Arrivals } from './arrivals.ts';
import { considerFile, rootOf } from './candidate.ts';
import { FileFeeds, type FileFeedsOptions } from './file-feeds.ts';
import { type Skipped, scanAll } from './scan.ts';
import { Tail, type TailOptions } from './tail.ts';
import { Trees } from './trees.ts';
import type { Folder } from './watch/folder.ts';
import { Folders, type WatchFigures } from './watch/folders.ts';

export interface DiscoveryOptions extends FileFeedsOptions {
  readonly followLinks: boolean;
  /** Whether nothing is to be watched, and everything polled. */
  readonly poll: boolean;
  /** The system has no more watches or open files to give; told once for each time that it gets so far. */
  readonly onLimit: (why: string) => void;
  /** Milliseconds of a clock that only goes forward; for tests. */
  readonly now?: () => number;
  /** How often what was refused is judged again and what is long gone is dropped, ms; for tests. */
  readonly tidyMs?: number;
}

const TIDY_MS = 10_000;
/** The start waits no longer than this for what has come since the scan began. */
const SETTLE_MS = 2_000;

/** Turns files into feeds: those that are there at the start, and those that come. */
export class Discovery {
  readonly #followLinks: boolean;
  readonly #folders: Folders;
  readonly #trees: Trees;
  readonly #arrivals: Arrivals;
  readonly #tail: Tail;
  readonly #feeds: FileFeeds;
  readonly #tidyTimer: NodeJS.Timeout;
  #specs: readonly PathSpec[] = [];

  constructor(options: DiscoveryOptions) {
    const { onTrouble, onLimit, now = () => performance.now() } = options;
    this.#followLinks = options.followLinks;
    this.#folders = new Folders({
      pollBecause: options.poll ? 'asked for (--poll)' : undefined,
      onTouched: (path) => this.#onTouched(path),
      onEntry: (path, entry) => this.#onEntry(path, entry),
      onTick: (folder, tick) => this.#tail.onTick(folder, tick),
      onBegun: (folder) => this.#onBegun(folder),
      onLimit,
      onTrouble,
    });
    this.#trees = new Trees(this.#folders, { followLinks: options.followLinks, onTrouble });
    const onOverflow = (path: string) => this.#trees.listSoon(path);
    this.#arrivals = new Arrivals({ judge: (path) => this.#judge(path), onTrouble, onOverflow });
    const onWatch: TailOptions['onWatch'] = (log, watch) => this.#feeds.setWatch(log, watch);
    const onChanged: TailOptions['onChanged'] = (log) => this.#feeds.touch(log);
    this.#tail = new Tail({ folders: this.#folders, onTrouble, onWatch, onChanged, now });
    this.#feeds = new FileFeeds(this.#tail, options);
    this.#tidyTimer = setInterval(() => void this.#tidy(), options.tidyMs ?? TIDY_MS).unref();
  }

  /** Finds what the specs mean and begins to tail it. The first scan is done when this resolves. */
  async start(specs: readonly PathSpec[]): Promise<readonly Skipped[]> {
    this.#specs = specs.filter(({ kind }) => kind === 'directory' || kind === 'glob');
    const { found, skipped } = await scanAll(specs, { followLinks: this.#followLinks });
    await this.#feeds.addAll(found.filter(({ spec }) => !isOneFeed(spec)));
    for (const spec of specs.filter(isOneFeed)) {
      const matches = found.filter((file) => file.spec === spec);
      await this.#feeds.addSet(
        spec,
        matches.map(({ path }) => path),
      );
    }
    for (const { path } of skipped) this.#arrivals.refuse(path);
    // The folders are listed once they are watched: what has come since the scan is found then.
    await this.#trees.start(this.#specs);
    await this.#arrivals.settle(SETTLE_MS);
    return skipped;
  }

  /** How the folders are watched. */
  watchFigures(): Promise<WatchFigures> {
    return this.#folders.figures();
  }

  close(): void {
    clearInterval(this.#tidyTimer);
    this.#arrivals.close();
    this.#tail.close();
    this.#folders.close();
  }

  #onTouched(path: string): void {
    this.#tail.wake(path);
    if (!this.#feeds.has(path) && this.#trees.isListed(dirname(path))) this.#arrivals.add(path, 'touched');
  }

  #onEntry(path: string, entry: Dirent): void {
    if (this.#feeds.has(path) || (entry.isDirectory() && !this.#trees.wants(path))) return;
    this.#arrivals.add(path, 'seen');
  }

  #onBegun(folder: Folder): void {
    this.#tail.onBegun(folder);
    this.#trees.onBegun(folder);
  }

  /** A path that is not followed has been touched or met: it may be a file to follow now, or a folder with such files. */
  async #judge(path: string): Promise<boolean> {
    if (this.#feeds.has(path)) return true;
    if (await this.#trees.isFolder(path)) return this.#trees.enter(path);
    const isOlderPart = this.#feeds.isOlderPart(path);
    for (const spec of this.#specs) {
      if (isOlderPart && !isOneFeed(spec)) continue;
      const verdict = await considerFile(path, spec, { followLinks: this.#followLinks });
      if (verdict !== 'feed' || this.#feeds.has(path)) continue;
      if (!(await this.#feeds.addToSet(spec, path))) await this.#feeds.addOne({ path, spec, root: rootOf(spec) });
      return true;
    }
    return false;
  }

  async #tidy(): Promise<void> {
    this.#arrivals.again();
    await this.#feeds.dropMissing();
  }
}
