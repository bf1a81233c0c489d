import { eachBounded } from '../each-bounded.ts';
import { Folder, type FolderOptions, type WatchedBy } from './folder.ts';
import { type InotifyFigures, inotifyFigures } from './inotify-figures.ts';
import { Limits } from './limits.ts';
import { Ticker } from './ticker.ts';

export interface FoldersOptions extends Omit<FolderOptions, 'onError'> {
  /** It is time to look at the files of a folder that is not watched: the `tick`th time. */
  readonly onTick: (folder: Folder, tick: number) => void;
  /** A limit of the system has been met. */
  readonly onLimit: (why: string) => void;
  /** Something else is wrong with a folder. */
  readonly onTrouble: (path: string, error: unknown) => void;
  /** How often watching is tried again after a limit was met, ms. */
  readonly retryMs?: number;
}

/** How the folders are watched, for /healthz. */
export interface WatchFigures extends InotifyFigures {
  readonly mode: 'inotify' | 'polling' | 'mixed';
  readonly folders: number;
  readonly polled: number;
  /** Why some folders are polled, and which limits of the system have been met lately. */
  readonly why?: string;
}

export const FAST_LOOK_MS = 5;
export const POLL_MS = 250;
const CHECK_MS = 1_000;
/** A folder whose watch works is checked every so many times. */
const WATCHED_CHECKS = 10;
/** Folders without a watch are checked every time, as long as they are not more than this. */
const UNWATCHED_A_CHECK = 200;
/** Few, so that a file system that hangs does not hold all of the thread pool. */
const CHECKS_AT_ONCE = 2;
const RETRY_MS = 60_000;
const MAX_REASONS = 5;

interface Held {
  readonly folder: Folder;
  /** Which of the checks takes it: spreads many folders over several seconds. */
  readonly turn: number;
  holders: number;
}

/** All folders that are watched, each once, for as long as somebody holds it. */
export class Folders {
  readonly #options: FoldersOptions;
  readonly #held = new Map<string, Held>();
  readonly #limits: Limits;
  readonly #fast: Ticker;
  readonly #polled: Ticker;
  readonly #timers: readonly NodeJS.Timeout[];
  #checks = 0;
  #isChecking = false;

  constructor(options: FoldersOptions) {
    this.#options = options;
    this.#limits = new Limits(options.onLimit);
    this.#fast = new Ticker(FAST_LOOK_MS, options.onTick);
    this.#polled = new Ticker(POLL_MS, options.onTick);
    this.#timers = [
      setInterval(() => void this.#checkDue(), CHECK_MS).unref(),
      setInterval(() => void this.#retry(), options.retryMs ?? RETRY_MS).unref(),
    ];
  }

  /** The folder at `path`, watched; to be given back with `release`. */
  async hold(path: string): Promise<Folder> {
    const held = this.#held.get(path) ?? this.#add(path);
    held.holders += 1;
    if (held.folder.identity === undefined) await held.folder.check();
    return held.folder;
  }

  release({ path }: Folder): void {
    const held = this.#held.get(path);
    if (held === undefined) return;
    held.holders -= 1;
    if (held.holders > 0) return;
    this.#held.delete(path);
    this.#fast.remove(held.folder);
    this.#polled.remove(held.folder);
    held.folder.close();
  }

  get(path: string): Folder | undefined {
    return this.#held.get(path)?.folder;
  }

  /** Takes note of an error that may be one of a limit; whether it was. */
  noteLimit(error: unknown): boolean {
    return this.#limits.note(error, performance.now());
  }

  async figures(): Promise<WatchFigures> {
    const folders = [...this.#held.values()].map(({ folder }) => folder);
    const polled = folders.filter(({ by }) => by === 'polling');
    const reasons = new Set([...polled.map(({ why }) => why ?? ''), ...this.#limits.current(performance.now())]);
    return {
      mode: this.#modeOf(folders.length, polled.length),
      folders: folders.length,
      ...(await inotifyFigures()),
      polled: polled.length,
      ...(reasons.size === 0 ? {} : { why: [...reasons].slice(0, MAX_REASONS).join('; ') }),
    };
  }

  close(): void {
    for (const timer of this.#timers) clearInterval(timer);
    for (const ticker of [this.#fast, this.#polled]) ticker.close();
    for (const { folder } of this.#held.values()) folder.close();
    this.#held.clear();
  }

  #modeOf(folders: number, polled: number): WatchFigures['mode'] {
    if (this.#options.pollBecause !== undefined || (polled > 0 && polled === folders)) return 'polling';
    return polled > 0 ? 'mixed' : 'inotify';
  }

  #add(path: string): Held {
    const onError = (of: string, error: unknown) => {
      if (!this.noteLimit(error)) this.#options.onTrouble(of, error);
    };
    const folder = new Folder(path, { ...this.#options, onError, onBegun: (begun) => this.#onBegun(begun) });
    const held = { folder, turn: this.#held.size, holders: 0 };
    this.#held.set(path, held);
    return held;
  }

  #onBegun(folder: Folder): void {
    const by: WatchedBy = folder.by;
    if (by === 'fast look') this.#fast.add(folder);
    else this.#fast.remove(folder);
    if (by === 'polling') this.#polled.add(folder);
    else this.#polled.remove(folder);
    this.#options.onBegun(folder);
  }

  async #checkDue(): Promise<void> {
    if (this.#isChecking) return;
    this.#isChecking = true;
    this.#checks += 1;
    const all = [...this.#held.values()];
    const unwatched = all.filter(({ folder }) => folder.by !== 'inotify').length;
    const unwatchedChecks = Math.ceil(unwatched / UNWATCHED_A_CHECK);
    const due = all.filter(({ folder, turn }) => {
      const every = folder.by === 'inotify' ? WATCHED_CHECKS : unwatchedChecks;
      return turn % every === this.#checks % every;
    });
    await eachBounded(due, CHECKS_AT_ONCE, ({ folder }) => folder.check());
    this.#isChecking = false;
  }

  async #retry(): Promise<void> {
    const folders = [...this.#held.values()].map(({ folder }) => folder);
    await eachBounded(folders, CHECKS_AT_ONCE, (folder) => folder.retry());
  }
}
