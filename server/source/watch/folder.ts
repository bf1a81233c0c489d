import type { Dirent } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { pathTrouble } from '../../config/path-trouble.ts';
import { pollReason } from './file-system.ts';
import { FolderList } from './folder-list.ts';
import { Limits } from './limits.ts';
import { type FolderWatcher, type StartWatch, startWatch } from './start-watch.ts';
import { WakeRate } from './wake-rate.ts';

/** How it is found out that something has happened in a folder; `nothing`: it is only tried again. */
export type WatchedBy = 'inotify' | 'fast look' | 'polling' | 'nothing';

export interface FolderOptions {
  /** Why no folder is to be watched; undefined where watches are wanted. */
  readonly pollBecause: string | undefined;
  /** What watches; that of the platform unless it is given. */
  readonly startWatch?: StartWatch;
  /** Something happened to this path; what, its stat tells. */
  readonly onTouched: (path: string) => void;
  /** An entry of a folder that is listed, new or not. */
  readonly onEntry: (path: string, entry: Dirent) => void;
  /** It is watched in another way, or anew: what happened just before that may not have been told. */
  readonly onBegun: (folder: Folder) => void;
  /** A call failed, perhaps since the system has no more watches or files. */
  readonly onError: (path: string, error: unknown) => void;
}

/** Above this many wakes a second a folder costs less when it is looked at. */
const MAX_WAKES_A_SECOND = 2_000;
const QUIET_MS = 5_000;
/** A folder that is busy again as soon as it is watched is left alone for longer, up to this. */
const MAX_QUIET_MS = 300_000;
const BUSY_AGAIN_MS = 2_000;

/** One folder, watched by what works there. A watch only wakes: `check`, called every second or ten, finds out what it missed. */
export class Folder {
  readonly path: string;
  readonly list: FolderList;
  readonly #options: FolderOptions;
  readonly #rate = new WakeRate();
  #by: WatchedBy = 'nothing';
  #why: string | undefined = 'is not looked at yet';
  #watcher: FolderWatcher | undefined;
  #identity: string | undefined;
  #begunAt = 0;
  #grewAt = 0;
  #quietMs = QUIET_MS;
  #isLimited = false;
  /** Told once, not at each check. */
  #listTrouble: string | undefined;
  #checking: Promise<void> | undefined;
  #isClosed = false;

  constructor(path: string, options: FolderOptions) {
    this.path = path;
    this.#options = options;
    this.list = new FolderList(path, options.onEntry);
  }

  get by(): WatchedBy {
    return this.#by;
  }

  get why(): string | undefined {
    return this.#why;
  }

  /** Which folder this is, whatever its path; undefined where there is none. */
  get identity(): string | undefined {
    return this.#identity;
  }

  /** Looks whether it is still the same folder and still busy, and lists it where something has come or gone. */
  check(): Promise<void> {
    this.#checking ??= this.#check().finally(() => {
      this.#checking = undefined;
    });
    return this.#checking;
  }

  /** A check that begins after now, whatever goes on already. */
  async checkAnew(): Promise<void> {
    await this.#checking;
    await this.check();
  }

  /** A file in it is touched so often that looking at it costs less. */
  tooBusy(): void {
    if (this.#by !== 'inotify') return;
    const now = performance.now();
    this.#quietMs = now - this.#begunAt < BUSY_AGAIN_MS ? Math.min(this.#quietMs * 2, MAX_QUIET_MS) : QUIET_MS;
    this.#grewAt = now;
    this.#unwatch();
    this.#begin('fast look', 'its files change very often');
  }

  /** A look has found that a file in it has changed. */
  noteGrowth(): void {
    this.#grewAt = performance.now();
  }

  /** Watches it, where the system had no watch left before and has one now. */
  async retry(): Promise<void> {
    if (!this.#isLimited) return;
    this.#identity = undefined;
    await this.check();
  }

  close(): void {
    this.#isClosed = true;
    this.list.isWanted = false;
    this.#unwatch();
  }

  async #check(): Promise<void> {
    const stats = await stat(this.path, { bigint: true }).catch((error: unknown) => pathTrouble(error));
    if (typeof stats === 'string' || !stats.isDirectory()) return this.#lose(typeof stats === 'string' ? stats : 'is a file');
    const identity = `${stats.dev}:${stats.ino}`;
    const isQuiet = this.#by === 'fast look' && performance.now() - this.#grewAt > this.#quietMs;
    if (identity !== this.#identity || isQuiet) await this.#watchOrPoll(identity);
    if (this.#isClosed) return;
    await this.#updateList(stats.mtimeNs);
  }

  async #updateList(mtimeNs: bigint): Promise<void> {
    try {
      await this.list.update(mtimeNs, this.#by === 'polling');
      this.#listTrouble = undefined;
    } catch (error) {
      const trouble = pathTrouble(error);
      if (trouble !== this.#listTrouble) this.#options.onError(this.path, error);
      this.#listTrouble = trouble;
    }
  }

  async #watchOrPoll(identity: string): Promise<void> {
    const reason = this.#options.pollBecause ?? (await pollReason(this.path).catch(() => undefined));
    if (this.#isClosed) return;
    this.#unwatch();
    this.#identity = identity;
    this.#isLimited = false;
    if (reason !== undefined) return this.#begin('polling', reason);
    try {
      this.#watch();
      this.#begin('inotify', undefined);
    } catch (error) {
      this.#pollSince(error);
    }
  }

  #watch(): void {
    const watcher = (this.#options.startWatch ?? startWatch)(this.path, (name) => this.#onWake(name));
    watcher.on('error', (error) => {
      this.#unwatch();
      this.#pollSince(error);
    });
    this.#watcher = watcher;
  }

  #pollSince(error: unknown): void {
    const limit = Limits.wordsFor(error);
    this.#isLimited = limit !== undefined;
    this.#begin('polling', limit ?? `the folder ${pathTrouble(error)}`);
    this.#options.onError(this.path, error);
  }

  #onWake(name: string | null): void {
    if (this.#rate.isOver(MAX_WAKES_A_SECOND, performance.now())) this.tooBusy();
    if (name === null || this.#watcher === undefined) return;
    this.#options.onTouched(join(this.path, name));
    // Its own name: it has been moved or deleted, and its watch with it.
    if (name === basename(this.path)) void this.check();
  }

  #lose(why: string): void {
    const before = `the folder ${why}`;
    if (this.#by === 'nothing' && this.#why === before) return;
    this.#unwatch();
    this.#identity = undefined;
    this.#isLimited = false;
    this.#begin('nothing', before);
  }

  #unwatch(): void {
    this.#watcher?.close();
    this.#watcher = undefined;
  }

  #begin(by: WatchedBy, why: string | undefined): void {
    if (this.#isClosed) return;
    this.#by = by;
    this.#why = why;
    this.#begunAt = performance.now();
    this.list.soon();
    this.#options.onBegun(this);
  }
}
