import { realpath } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { FileLog } from '../feed/file/file-log.ts';
import { eachBounded } from './each-bounded.ts';
import type { FolderWatch } from './folder-watch.ts';

/** After the last wake one more look, in case that wake came before its bytes. */
const TRAILING_LOOK_MS = 10;
const SWEEP_MS = 1_000;
/** Files that nobody reads are looked at every so many sweeps. */
const IDLE_SWEEPS = 10;
const STATS_AT_ONCE = 16;

interface Tailed {
  readonly log: FileLog;
  /** Which of the idle sweeps takes it: spreads thousands of files over ten seconds. */
  readonly turn: number;
  timer: NodeJS.Timeout | undefined;
  isLooking: boolean;
  lookAgain: boolean;
  /** Touched since the last look, while nobody reads it. */
  isDirty: boolean;
}

/**
 * Wakes the logs of tailed files. A watch only says "look": what happened, the log finds out by stat and by content. And it is
 * looked at all the same every second (read files) or ten (others), because watches miss things.
 */
export class Tail {
  readonly #watch: FolderWatch;
  readonly #onError: (path: string, error: unknown) => void;
  readonly #tailed = new Map<FileLog, Tailed>();
  /** A file and the links to it share a path. */
  readonly #byPath = new Map<string, Set<Tailed>>();
  readonly #sweepTimer: NodeJS.Timeout;
  #sweeps = 0;
  #isSweeping = false;

  constructor(watch: FolderWatch, onError: (path: string, error: unknown) => void) {
    this.#watch = watch;
    this.#onError = onError;
    this.#sweepTimer = setInterval(() => void this.#sweep(), SWEEP_MS).unref();
  }

  /** Begins to tail: one look now, then whenever one of `paths` is touched. */
  async add(log: FileLog, paths: Iterable<string> = [log.path]): Promise<void> {
    const tailed: Tailed = {
      log,
      turn: this.#tailed.size % IDLE_SWEEPS,
      timer: undefined,
      isLooking: false,
      lookAgain: false,
      isDirty: false,
    };
    this.#tailed.set(log, tailed);
    for (const path of paths) await this.#watchPath(tailed, path);
    await this.#look(tailed);
  }

  /** Another path has come whose touches wake `log`. */
  async addPath(log: FileLog, path: string): Promise<void> {
    const tailed = this.#tailed.get(log);
    if (tailed === undefined) return;
    await this.#watchPath(tailed, path);
    this.wake(path);
  }

  remove(log: FileLog): void {
    const tailed = this.#tailed.get(log);
    if (tailed === undefined) return;
    clearTimeout(tailed.timer);
    this.#tailed.delete(log);
    for (const [path, sharing] of this.#byPath) if (sharing.delete(tailed) && sharing.size === 0) this.#byPath.delete(path);
  }

  has(path: string): boolean {
    return this.#byPath.has(path);
  }

  /** A path has been touched. */
  wake(path: string): void {
    for (const tailed of this.#byPath.get(path) ?? []) this.#wake(tailed);
  }

  /** Somebody has begun to read: what came while it looked for its place has woken nobody. */
  onFollowed(log: FileLog): void {
    const tailed = this.#tailed.get(log);
    if (tailed !== undefined) this.#wake(tailed);
  }

  close(): void {
    clearInterval(this.#sweepTimer);
    for (const tailed of this.#tailed.values()) clearTimeout(tailed.timer);
    this.#tailed.clear();
    this.#byPath.clear();
  }

  /** Watches the folder of the path and, where it is a link, that of what it points to: that is where its bytes come. */
  async #watchPath(tailed: Tailed, path: string): Promise<void> {
    const target = await realpath(path).catch(() => path);
    for (const name of new Set([path, target])) {
      this.#byPath.set(name, (this.#byPath.get(name) ?? new Set()).add(tailed));
      this.#watch.watchFolder(dirname(name));
    }
  }

  #wake(tailed: Tailed): void {
    tailed.isDirty = true;
    if (tailed.log.isFollowed) void this.#look(tailed).then(() => this.#lookIn(tailed, TRAILING_LOOK_MS));
  }

  async #look(tailed: Tailed): Promise<void> {
    if (tailed.isLooking) {
      tailed.lookAgain = true;
      return;
    }
    tailed.isLooking = true;
    tailed.isDirty = false;
    try {
      do {
        tailed.lookAgain = false;
        const againMs = await tailed.log.look();
        if (againMs !== undefined) this.#lookIn(tailed, againMs);
      } while (tailed.lookAgain);
    } catch (error) {
      this.#onError(tailed.log.path, error);
    } finally {
      tailed.isLooking = false;
    }
  }

  #lookIn(tailed: Tailed, ms: number): void {
    if (!this.#tailed.has(tailed.log)) return;
    clearTimeout(tailed.timer);
    tailed.timer = setTimeout(() => void this.#look(tailed), ms).unref();
  }

  async #sweep(): Promise<void> {
    if (this.#isSweeping) return;
    this.#isSweeping = true;
    this.#sweeps += 1;
    const turn = this.#sweeps % IDLE_SWEEPS;
    const due = [...this.#tailed.values()].filter(({ log, turn: own, isDirty }) => log.isFollowed || isDirty || own === turn);
    await eachBounded(due, STATS_AT_ONCE, (tailed) => this.#look(tailed));
    this.#isSweeping = false;
  }
}
