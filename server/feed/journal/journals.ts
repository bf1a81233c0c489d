import type { FeedName } from '../name.ts';
import { bootId } from './boot-id.ts';
import { DataFolder } from './data-folder.ts';
import type { Fsync } from './durability.ts';
import { FilePool } from './file-pool.ts';
import { type Files, realFiles } from './files.ts';
import { type Glance, glanceAt } from './glance.ts';
import { JournalLog } from './journal-log.ts';
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

/** One journal for each published feed, in the data folder. */
export class Journals {
  readonly #folder: DataFolder;
  readonly #files: Files;
  readonly #pool: FilePool;
  readonly #options: JournalsOptions & typeof DEFAULTS;
  readonly #bootId: string;
  readonly #names = new Map<FeedName, Glance | undefined>();
  readonly #logs = new Map<FeedName, JournalLog>();
  /** Those that something has been asked of, in the order in which that last was. */
  readonly #awake = new Set<FeedName>();
  readonly #retention = new Map<FeedName, Retention>();
  #sweeping: Promise<void> | undefined;
  #sweepTimer: NodeJS.Timeout | undefined;

  /** Rejects (DataFolderError) where another process has the folder. */
  static async open(dir: string, options: JournalsOptions = {}): Promise<Journals> {
    const journals = new Journals(dir, options);
    try {
      await journals.#load();
    } catch (error) {
      await journals.close();
      throw error;
    }
    return journals;
  }

  private constructor(dir: string, options: JournalsOptions) {
    this.#files = options.files ?? realFiles;
    this.#folder = new DataFolder(dir, this.#files);
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
    const known = this.#retention.get(name) ?? (await loadRetention(this.#files, this.#folder.of(name), this.#options.retention));
    if (this.#names.has(name)) this.#retention.set(name, known);
    return known;
  }

  /** Sets what is given of the retention, and makes the feed where it is not there. What is too much by that is dropped. */
  async setRetention(name: FeedName, change: Partial<Retention>): Promise<Retention> {
    const retention = { ...(await this.retention(name)), ...change };
    const log = this.create(name);
    await this.#folder.make(name);
    await saveRetention(this.#files, this.#folder.of(name), retention);
    this.#retention.set(name, retention);
    await log.retain(retention, Date.now());
    return retention;
  }

  /** Removes a feed and all its events. */
  async remove(name: FeedName): Promise<void> {
    const log = this.get(name);
    if (log === undefined) return;
    await log.close();
    this.#forget(name);
    await this.#folder.remove(name);
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
    await this.#folder.release();
  }

  async #load(): Promise<void> {
    await eachOf(await this.#folder.open(), async (name) => {
      this.#names.set(name, await glanceAt(this.#folder.of(name), this.#files));
    });
  }

  #log(name: FeedName): JournalLog {
    const known = this.#logs.get(name);
    if (known !== undefined) return known;
    const { fsync, syncEveryMs, segmentBytes, onTrouble } = this.#options;
    const options = {
      folder: this.#folder.of(name),
      files: this.#files,
      pool: this.#pool,
      fsync,
      syncEveryMs,
      segmentBytes,
      bootId: this.#bootId,
      onTrouble: (error: unknown) => onTrouble?.(name, error),
      makeFolder: () => this.#folder.make(name),
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
        const glance = await glanceAt(this.#folder.of(name), this.#files);
        if (glance?.oldestAt != null && nowMs - glance.oldestAt > retention.maxAgeMs)
          await this.get(name)?.retain(retention, nowMs);
      } catch (error) {
        this.#options.onTrouble?.(name, error);
      }
    }
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
