import { pathTrouble } from '../config/path-trouble.ts';
import type { FileLog } from '../feed/file/file-log.ts';
import type { LookFigures } from '../feed/registry.ts';
import { eachBounded } from './each-bounded.ts';
import { Tailed, type WatchState, whyNoFile } from './tailed.ts';
import { WakeIndex } from './wake-index.ts';
import type { Folder } from './watch/folder.ts';
import { FAST_LOOK_MS, type Folders } from './watch/folders.ts';

export interface TailOptions {
  readonly folders: Folders;
  /** Something is wrong with a file; not told again for a minute. */
  readonly onTrouble: (path: string, error: unknown) => void;
  /** How the file of `log` is watched has changed. */
  readonly onWatch: (log: FileLog, watch: WatchState) => void;
  /** The figures of `log` may have changed. */
  readonly onChanged: (log: FileLog) => void;
  /** Milliseconds of a clock that only goes forward. */
  readonly now: () => number;
}

/** After the last wake one more look, in case that wake came before its bytes. */
const TRAILING_LOOK_MS = 10;
const SWEEP_MS = 1_000;
/** Files that nobody reads are looked at every so many sweeps, or less often where that would be more than so many in one. */
const IDLE_SWEEPS = 10;
const MAX_IDLE_LOOKS = 200;
const LOOKS_AT_ONCE = 16;
/** On polled file systems: few, so that one that hangs does not hold all of the thread pool. */
const POLLED_LOOKS_AT_ONCE = 2;
/** Above this many wakes a second a file costs less when it is looked at. */
const MAX_WAKES_A_SECOND = 200;
/** What has grown lately is looked at in every tick of a busy folder, other files every 250 ms. */
const HOT_MS = 5_000;
const COLD_TICKS = Math.round(250 / FAST_LOOK_MS);
const TOLD_AGAIN_MS = 60_000;

/**
 * Wakes the logs of tailed files. A watch only says "look": what happened, the log finds out by stat and by content. And it is
 * looked at all the same every second (read files) or ten and more (others), because watches miss things.
 */
export class Tail {
  readonly #options: TailOptions;
  readonly #tailed = new Map<FileLog, Tailed>();
  readonly #index = new WakeIndex();
  readonly #sweepTimer: NodeJS.Timeout;
  readonly #sweeping = new Set<'watched' | 'polled'>();
  #sweeps = 0;

  constructor(options: TailOptions) {
    this.#options = options;
    this.#sweepTimer = setInterval(() => this.#sweep(), SWEEP_MS).unref();
  }

  /** Begins to tail: one look now, then whenever one of `paths` is touched. */
  async add(log: FileLog, paths: Iterable<string> = [log.path]): Promise<void> {
    const tailed = new Tailed(log, this.#tailed.size);
    this.#tailed.set(log, tailed);
    for (const path of paths) await tailed.resolve(path, this.#options.folders);
    if (!this.#tailed.has(log)) return tailed.release(this.#options.folders);
    this.#index.put(tailed);
    this.#tell(tailed);
    await this.#look(tailed);
  }

  /** Another path has come whose touches wake `log`. */
  async addPath(log: FileLog, path: string): Promise<void> {
    const tailed = this.#tailed.get(log);
    if (tailed === undefined) return;
    await tailed.resolve(path, this.#options.folders);
    this.#index.put(tailed);
    this.wake(path);
  }

  remove(log: FileLog): void {
    const tailed = this.#tailed.get(log);
    if (tailed === undefined) return;
    clearTimeout(tailed.timer);
    this.#tailed.delete(log);
    this.#index.remove(tailed);
    tailed.release(this.#options.folders);
  }

  figures(log: FileLog): LookFigures {
    const agoMs = performance.now() - (this.#tailed.get(log)?.lookedAt ?? 0);
    const { lagBytes, generation } = log;
    return { lastLookAt: new Date(Date.now() - agoMs).toISOString(), lagBytes, generation };
  }

  /** The logs whose path has been naming no file for `ms`. */
  missingFor(ms: number): FileLog[] {
    const since = this.#options.now() - ms;
    const missing = [...this.#tailed.values()].filter(({ missingSince }) => missingSince !== undefined && missingSince <= since);
    return missing.map(({ log }) => log);
  }

  /** A path has been touched. */
  wake(path: string): void {
    for (const tailed of this.#index.at(path)) {
      tailed.isDirty = true;
      if (!tailed.log.isFollowed) continue;
      if (tailed.rate.isOver(MAX_WAKES_A_SECOND, performance.now())) this.#stopWatching(tailed);
      void this.#look(tailed).then(() => this.#lookIn(tailed, TRAILING_LOOK_MS));
    }
  }

  /** The first reader of `log` has come, or the last has gone. */
  follow(log: FileLog): void {
    const tailed = this.#tailed.get(log);
    if (tailed === undefined) return;
    this.#index.put(tailed);
    this.#options.onChanged(log);
    if (log.isFollowed) void this.#look(tailed);
  }

  /** An error that somebody met may be that of a limit of the system, which concerns all. */
  noteLimit(error: unknown): void {
    this.#options.folders.noteLimit(error);
  }

  /** What happened in `folder` before now may not have been told. */
  onBegun(folder: Folder): void {
    for (const tailed of this.#index.in(folder)) {
      this.#tell(tailed);
      tailed.isDirty = true;
      if (tailed.log.isFollowed) void this.#look(tailed);
    }
  }

  /** It is time to look at the files that are followed in `folder`, since nobody tells when they change. */
  onTick(folder: Folder, tick: number): void {
    const hotSince = performance.now() - HOT_MS;
    const every = folder.by === 'fast look' ? COLD_TICKS : 1;
    let index = 0;
    for (const tailed of this.#index.followedIn(folder)) {
      index += 1;
      if (!tailed.isLooking && (tailed.grewAt > hotSince || index % every === tick % every)) void this.#look(tailed);
    }
  }

  close(): void {
    clearInterval(this.#sweepTimer);
    for (const log of [...this.#tailed.keys()]) this.remove(log);
  }

  async #look(tailed: Tailed): Promise<void> {
    if (tailed.isLooking) {
      tailed.lookAgain = true;
      return;
    }
    tailed.isLooking = true;
    try {
      do {
        tailed.lookAgain = false;
        tailed.isDirty = false;
        const againMs = await tailed.log.look();
        await this.#noteLook(tailed);
        if (againMs !== undefined) this.#lookIn(tailed, againMs);
      } while (tailed.lookAgain);
    } catch (error) {
      this.#noteTrouble(tailed, error);
    } finally {
      tailed.isLooking = false;
    }
  }

  #lookIn(tailed: Tailed, ms: number): void {
    const dueAt = performance.now() + ms;
    if (!this.#tailed.has(tailed.log) || tailed.dueAt <= dueAt) return;
    clearTimeout(tailed.timer);
    tailed.dueAt = dueAt;
    tailed.timer = setTimeout(() => {
      tailed.dueAt = Number.POSITIVE_INFINITY;
      void this.#look(tailed);
    }, ms).unref();
  }

  async #noteLook(tailed: Tailed): Promise<void> {
    const { log } = tailed;
    tailed.lookedAt = performance.now();
    if (tailed.noteFigures()) this.#options.onChanged(log);
    if (tailed.grewAt === tailed.lookedAt) for (const { folder } of tailed.places) folder.noteGrowth();
    const wasThere = tailed.missingSince === undefined;
    if (log.generation !== tailed.generation || log.isThere !== wasThere) await this.#onOtherFile(tailed);
    const trouble = log.isThere ? undefined : await whyNoFile(log.path);
    if (trouble === tailed.trouble) return;
    tailed.trouble = trouble;
    this.#tell(tailed);
  }

  /** The path names another file than before, or none: where it is a link, it may point elsewhere now. */
  async #onOtherFile(tailed: Tailed): Promise<void> {
    const { log } = tailed;
    tailed.generation = log.generation;
    tailed.missingSince = log.isThere ? undefined : this.#options.now();
    if (!this.#tailed.has(log)) return;
    for (const path of [...tailed.paths]) {
      const isElsewhere = await tailed.resolve(path, this.#options.folders);
      tailed.lookAgain ||= isElsewhere;
    }
    if (this.#tailed.has(log)) this.#index.put(tailed);
    else tailed.release(this.#options.folders);
  }

  #noteTrouble(tailed: Tailed, error: unknown): void {
    const { path } = tailed.log;
    const now = performance.now();
    if (!this.#options.folders.noteLimit(error) && now - tailed.troubleToldAt > TOLD_AGAIN_MS) {
      tailed.troubleToldAt = now;
      this.#options.onTrouble(path, error);
    }
    const trouble = pathTrouble(error);
    if (trouble === tailed.trouble) return;
    tailed.trouble = trouble;
    this.#tell(tailed);
  }

  #stopWatching(tailed: Tailed): void {
    for (const { folder } of tailed.places) folder.tooBusy();
  }

  #tell(tailed: Tailed): void {
    this.#options.onWatch(tailed.log, tailed.watch);
  }

  #sweep(): void {
    this.#sweeps += 1;
    const idleSweeps = Math.max(IDLE_SWEEPS, Math.ceil(this.#tailed.size / MAX_IDLE_LOOKS));
    const hotSince = performance.now() - HOT_MS;
    const isDue = ({ log, turn, isDirty, grewAt }: Tailed) =>
      log.isFollowed || isDirty || grewAt > hotSince || (turn - this.#sweeps) % idleSweeps === 0;
    const due = [...this.#tailed.values()].filter(isDue);
    const isPolled = (tailed: Tailed) => tailed.isPolled;
    void this.#lookAtAll('polled', due.filter(isPolled), POLLED_LOOKS_AT_ONCE);
    void this.#lookAtAll(
      'watched',
      due.filter((tailed) => !isPolled(tailed)),
      LOOKS_AT_ONCE,
    );
  }

  /** Skipped where the last one of its kind is still busy: a slow file system is looked at as often as it can be. */
  async #lookAtAll(kind: 'watched' | 'polled', due: readonly Tailed[], atOnce: number): Promise<void> {
    if (this.#sweeping.has(kind)) return;
    this.#sweeping.add(kind);
    await eachBounded(due, atOnce, (tailed) => this.#look(tailed));
    this.#sweeping.delete(kind);
  }
}
