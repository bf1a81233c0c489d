import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { notAFile, pathTrouble } from '../config/path-trouble.ts';
import type { FileLog } from '../feed/file/file-log.ts';
import { placesOf } from './link-places.ts';
import type { Folder, WatchedBy } from './watch/folder.ts';
import type { Folders } from './watch/folders.ts';
import { WakeRate } from './watch/wake-rate.ts';

/** How a feed's file is watched, for people. */
export interface WatchState {
  readonly by: WatchedBy;
  readonly why?: string;
}

interface Place {
  readonly path: string;
  readonly folder: Folder;
}

/** From the best to the worst. A file that is seen through several folders is watched as well as the worst of them. */
const RANK: readonly WatchedBy[] = ['inotify', 'fast look', 'polling', 'nothing'];

/** A log that is tailed: where its wakes come from, and what the last look at it has found. */
export class Tailed {
  readonly log: FileLog;
  /** Which of the idle sweeps takes it: spreads thousands of files over many seconds. */
  readonly turn: number;
  readonly rate = new WakeRate();
  timer: NodeJS.Timeout | undefined;
  /** When `timer` will go off. */
  dueAt = Number.POSITIVE_INFINITY;
  isLooking = false;
  lookAgain = false;
  /** Touched since the last look, while nobody reads it. */
  isDirty = false;
  lookedAt = 0;
  /** When a look found more in it. */
  grewAt = Number.NEGATIVE_INFINITY;
  /** Since when there has been no file, by the clock of the tail. */
  missingSince: number | undefined;
  /** What is wrong with the path, in words. */
  trouble: string | undefined;
  troubleToldAt = Number.NEGATIVE_INFINITY;
  generation = 0;
  #bytes = 0;
  #bytesAppended = 0;
  #eventsAppended: number | null = null;
  #lastEventAt: number | null = null;
  readonly #own = new Map<string, Place[]>();

  constructor(log: FileLog, turn: number) {
    this.log = log;
    this.turn = turn;
  }

  /** The paths it was told to follow. */
  get paths(): IterableIterator<string> {
    return this.#own.keys();
  }

  get places(): Place[] {
    return [...this.#own.values()].flat();
  }

  /**
   * Watches every folder in which something may happen to `path`: its own and, where it is a link, that of what it points to. Whether
   * these are others than before: what happened there before now has woken nobody.
   */
  async resolve(path: string, folders: Folders): Promise<boolean> {
    const before = this.#own.get(path) ?? [];
    const places = await placesOf(path);
    if (before.length === places.length && before.every((place, index) => place.path === places[index])) return false;
    const held: Place[] = [];
    for (const place of places) held.push({ path: place, folder: await folders.hold(dirname(place)) });
    this.#own.set(path, held);
    for (const { folder } of before) folders.release(folder);
    return true;
  }

  release(folders: Folders): void {
    for (const { folder } of this.places) folders.release(folder);
    this.#own.clear();
  }

  /** Whether the figures of the log are others than at the last call; notes whether it has grown. */
  noteFigures(): boolean {
    const { bytes, bytesAppended, eventsAppended, lastEventAt } = this.log.stats;
    if (bytesAppended !== this.#bytesAppended) this.grewAt = this.lookedAt;
    else if (bytes === this.#bytes && eventsAppended === this.#eventsAppended && lastEventAt === this.#lastEventAt) return false;
    this.#bytes = bytes;
    this.#bytesAppended = bytesAppended;
    this.#eventsAppended = eventsAppended;
    this.#lastEventAt = lastEventAt;
    return true;
  }

  get isPolled(): boolean {
    return this.places.some(({ folder }) => folder.by === 'polling');
  }

  get watch(): WatchState {
    let worst: Folder | undefined;
    for (const { folder } of this.places) if (worst === undefined || rank(folder) > rank(worst)) worst = folder;
    const why = this.trouble ?? worst?.why;
    return { by: worst?.by ?? 'nothing', ...(why === undefined ? {} : { why }) };
  }
}

/** Why there is no file to follow at `path`, in words. */
export async function whyNoFile(path: string): Promise<string> {
  return stat(path).then(
    (stats) => (stats.isDirectory() ? 'is a folder' : (notAFile(stats) ?? 'is not looked at yet')),
    (error: unknown) => pathTrouble(error),
  );
}

function rank({ by }: Folder): number {
  return RANK.indexOf(by);
}
