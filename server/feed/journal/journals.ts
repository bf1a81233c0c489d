import { randomBytes } from 'node:crypto';
import { dirname, join, resolve } from 'node:path';
import type { FeedName } from '../name.ts';
import { bootId } from './boot-id.ts';
import type { Fsync } from './durability.ts';
import { FilePool } from './file-pool.ts';
import { type Files, isMissing, realFiles } from './files.ts';
import { feedIn, folderOf } from './folder-name.ts';
import { type Glance, glanceAt } from './glance.ts';
import { JournalLog } from './journal-log.ts';
import { FolderLock } from './lock.ts';
import { DEFAULT_RETENTION, loadRetention, type Retention, saveRetention } from './retention.ts';

export interface JournalsOptions {
  /** When what was appended is made to outlast a power cut: before it is acknowledged, soon after, or when the system likes. */
  readonly fsync?: Fsync;
  /** With `interval`: so soon after. */
  readonly syncEveryMs?: number;
  /** What is kept of feeds for which nothing else was set. */
  readonly retention?: Retention;
  /** A segment that has so many bytes is followed by a new one. */
  readonly segmentBytes?: number;
  /** At most so many files stay open. */
  readonly maxOpenFiles?: number;
  /** Of at most so many feeds it is kept in memory what they hold. */
  readonly maxAwake?: number;
  /** Told of what goes wrong and cannot be told to somebody who asked: it stays as it is. */
  readonly onTrouble?: (name: FeedName, error: unknown) => void;
  readonly files?: Files;
  readonly bootId?: string;
}

/** The folder of the folders of the feeds. */
export const FEEDS = 'feeds';
const REMOVED = 'removed';
/** What has become too old is looked for this often. */
const SWEEP_MS = 60_000;
const DEFAULTS = {
  fsync: 'always',
  syncEveryMs: 1_000,
  segmentBytes: 8 * 1024 * 1024,
  maxOpenFiles: 256,
  maxAwake: 256,
  retention: DEFAULT_RETENTION,
} as const;

/** The data folder: one journal for each published feed. It belongs to one process at a time, and is made at the first publish. */
export class Journals {
  readonly #dir: string;
  readonly #files: Files;
  readonly #pool: FilePool;
  readonly #options: JournalsOptions & typeof DEFAULTS;
  readonly #bootId: string;
  readonly #names = new Map<FeedName, Glance | undefined>();
  readonly #logs = new Map<FeedName, JournalLog>();
  /** Those that something has been asked of, in the order in which that last was. */
  readonly #awake = new Set<FeedName>();
  readonly #retention = new Map<FeedName, Retention>();
  #lock: FolderLock | undefined;
  #making: Promise<void> | undefined;
  #sweeping: Promise<void> | undefined;
  #sweepTimer: NodeJS.Timeout | undefined;

  /** Rejects (DataFolderError) where another process has the folder. */
  static async open(dir: string, options: JournalsOptions = {}): Promise<Journals> {
    const journals = new Journals(resolve(dir), options);
    try {
      await journals.#load();
    } catch (error) {
      await journals.close();
      throw error;
    }
    return journals;
  }

  private constructor(dir: string, options: JournalsOptions) {
    this.#dir = dir;
    this.#files = options.files ?? realFiles;
    this.#options = { ...DEFAULTS, ...options } as JournalsOptions & typeof DEFAULTS;
    this.#pool = new FilePool(this.#files, this.#options.maxOpenFiles);
    this.#bootId = options.bootId ?? bootId();
    this.#sweepTimer = setInterval(() => void this.sweep(Date.now()), SWEEP_MS);
    this.#sweepTimer.unref();
  }

  /** The feeds that there are, in no order. */
  names(): FeedName[] {
    return [...this.#names.keys()];
  }

  get(name: FeedName): JournalLog | undefined {
    return this.#names.has(name) ? this.#log(name) : undefined;
  }

  /** The feed of that name, as it is or new. A new one has no folder until something is published. */
  create(name: FeedName): JournalLog {
    if (!this.#names.has(name)) this.#names.set(name, undefined);
    return this.#log(name);
  }

  async retention(name: FeedName): Promise<Retention> {
    const known = this.#retention.get(name) ?? (await loadRetention(this.#files, this.#folder(name), this.#options.retention));
    if (this.#names.has(name)) this.#retention.set(name, known);
    return known;
  }

  /** Sets what is given of the retention, and makes the feed where it is not there. What is too much by that is dropped. */
  async setRetention(name: FeedName, change: Partial<Retention>): Promise<Retention> {
    const retention = { ...(await this.retention(name)), ...change };
    const log = this.create(name);
    await this.#makeFolder(name);
    await saveRetention(this.#files, this.#folder(name), retention);
    this.#retention.set(name, retention);
    await log.retain(retention, Date.now());
    return retention;
  }

  /** Removes a feed and all its events. Its folder is renamed first, so that no half of it is found after a crash. */
  async remove(name: FeedName): Promise<void> {
    const log = this.get(name);
    if (log === undefined) return;
    await log.close();
    this.#forget(name);
    const grave = join(this.#dir, REMOVED, randomBytes(8).toString('hex'));
    try {
      await this.#files.makeFolder(join(this.#dir, REMOVED));
      await this.#files.rename(this.#folder(name), grave);
    } catch (error) {
      if (isMissing(error)) return;
      throw error;
    }
    await this.#files.syncFolder(join(this.#dir, FEEDS));
    await this.#files.removeFolder(grave);
  }

  /** Drops what has become too old, in all feeds. */
  async sweep(nowMs: number): Promise<void> {
    this.#sweeping ??= this.#sweepAll(nowMs).finally(() => {
      this.#sweeping = undefined;
    });
    await this.#sweeping;
  }

  /** Everything that has been acknowledged is kept, and durable. */
  async close(): Promise<void> {
    clearInterval(this.#sweepTimer);
    await Promise.all([...this.#logs.values()].map((log) => log.close()));
    await this.#sweeping;
    await this.#pool.close();
    await this.#lock?.release();
  }

  async #load(): Promise<void> {
    const entries = await this.#files.list(this.#dir).catch((error: unknown) => {
      if (isMissing(error)) return undefined;
      throw error;
    });
    if (entries === undefined) return;
    await this.#takeLock();
    await this.#files.removeFolder(join(this.#dir, REMOVED));
    if (!entries.includes(FEEDS)) return;
    await eachOf(await this.#files.list(join(this.#dir, FEEDS)), async (folder) => {
      const name = feedIn(folder);
      if (name !== undefined) this.#names.set(name, await glanceAt(this.#folder(name), this.#files));
    });
  }

  #log(name: FeedName): JournalLog {
    const known = this.#logs.get(name);
    if (known !== undefined) return known;
    const { fsync, syncEveryMs, segmentBytes, onTrouble } = this.#options;
    const options = {
      folder: this.#folder(name),
      files: this.#files,
      pool: this.#pool,
      fsync,
      syncEveryMs,
      segmentBytes,
      bootId: this.#bootId,
      onTrouble: (error: unknown) => onTrouble?.(name, error),
      makeFolder: () => this.#makeFolder(name),
      loadRetention: () => this.retention(name),
      onUse: () => this.#used(name),
    };
    const log = new JournalLog(options, this.#names.get(name));
    this.#logs.set(name, log);
    return log;
  }

  /** One more is awake: the one that has been asked for longest ago may rest. */
  #used(name: FeedName): void {
    this.#awake.delete(name);
    this.#awake.add(name);
    if (this.#awake.size <= this.#options.maxAwake) return;
    const [longest] = this.#awake;
    if (longest === undefined) return;
    this.#awake.delete(longest);
    this.#logs
      .get(longest)
      ?.rest()
      .catch((error: unknown) => this.#options.onTrouble?.(longest, error));
  }

  #forget(name: FeedName): void {
    this.#names.delete(name);
    this.#logs.delete(name);
    this.#awake.delete(name);
    this.#retention.delete(name);
  }

  /** Only those are looked into whose oldest segment was last written to so long ago. */
  async #sweepAll(nowMs: number): Promise<void> {
    for (const name of this.names()) {
      try {
        const retention = await this.retention(name);
        const glance = await glanceAt(this.#folder(name), this.#files);
        if (glance?.oldestAt != null && nowMs - glance.oldestAt > retention.maxAgeMs)
          await this.get(name)?.retain(retention, nowMs);
      } catch (error) {
        this.#options.onTrouble?.(name, error);
      }
    }
  }

  #folder(name: FeedName): string {
    return join(this.#dir, FEEDS, folderOf(name));
  }

  async #makeFolder(name: FeedName): Promise<void> {
    this.#making ??= this.#makeDataFolder().catch((error: unknown) => {
      this.#making = undefined;
      throw error;
    });
    await this.#making;
    await this.#files.makeFolder(this.#folder(name));
    await this.#files.syncFolder(join(this.#dir, FEEDS));
  }

  /** It may have been made just before a crash: that it is there does not say that it will still be after a power cut. */
  async #makeDataFolder(): Promise<void> {
    await this.#makeWithParents(this.#dir);
    await this.#takeLock();
    await this.#files.makeFolder(join(this.#dir, FEEDS));
    await this.#files.syncFolder(this.#dir);
  }

  async #makeWithParents(folder: string): Promise<void> {
    const parent = dirname(folder);
    await this.#files.makeFolder(folder).catch(async (error: unknown) => {
      if (!isMissing(error) || parent === folder) throw error;
      await this.#makeWithParents(parent);
      await this.#files.makeFolder(folder);
    });
    await this.#files.syncFolder(parent);
  }

  async #takeLock(): Promise<void> {
    // A disk that is not this machine's has no sockets.
    if (this.#files === realFiles) this.#lock ??= await FolderLock.take(this.#dir);
  }
}

const AT_ONCE = 16;

/** Does `work` for each of `items`, some at a time. */
async function eachOf<Item>(items: Item[], work: (item: Item) => Promise<void>): Promise<void> {
  const rest = items.values();
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (const item of rest) await work(item);
    }),
  );
}
