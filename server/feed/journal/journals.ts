import { randomBytes } from 'node:crypto';
import { dirname, join, resolve } from 'node:path';
import type { FeedName } from '../name.ts';
import { FilePool } from './file-pool.ts';
import { type Files, isMissing, realFiles } from './files.ts';
import { feedIn, folderOf } from './folder-name.ts';
import { type Fsync, JournalLog } from './journal-log.ts';
import { FolderLock } from './lock.ts';
import { DEFAULT_RETENTION, loadRetention, type Retention, saveRetention } from './retention.ts';

export interface JournalsOptions {
  /** When what was appended is made to outlast a power cut: before it is acknowledged, every second or so, or when the system likes. */
  readonly fsync?: Fsync;
  /** A segment that has so many bytes is followed by a new one. */
  readonly segmentBytes?: number;
  /** At most so many files stay open. */
  readonly maxOpenFiles?: number;
  readonly files?: Files;
}

const FEEDS = 'feeds';
const REMOVED = 'removed';

/** The data folder: one journal for each published feed. It belongs to one process at a time, and is made at the first publish. */
export class Journals {
  readonly #dir: string;
  readonly #files: Files;
  readonly #pool: FilePool;
  readonly #options: Required<Pick<JournalsOptions, 'fsync' | 'segmentBytes'>>;
  readonly #logs = new Map<FeedName, JournalLog>();
  readonly #retention = new Map<FeedName, Retention>();
  readonly #names = new Set<FeedName>();
  #lock: FolderLock | undefined;
  #making: Promise<void> | undefined;

  /** Rejects (DataFolderError) where another process has the folder. */
  static async open(dir: string, options: JournalsOptions = {}): Promise<Journals> {
    const journals = new Journals(resolve(dir), options);
    await journals.#load();
    return journals;
  }

  private constructor(dir: string, options: JournalsOptions) {
    this.#dir = dir;
    this.#files = options.files ?? realFiles;
    this.#pool = new FilePool(this.#files, options.maxOpenFiles ?? 256);
    this.#options = { fsync: options.fsync ?? 'always', segmentBytes: options.segmentBytes ?? 8 * 1024 * 1024 };
  }

  /** The feeds that there are, in no order. */
  names(): FeedName[] {
    return [...this.#names];
  }

  get(name: FeedName): JournalLog | undefined {
    return this.#names.has(name) ? this.#log(name) : undefined;
  }

  /** The feed of that name, as it is or new. A new one has no folder until something is published. */
  create(name: FeedName): JournalLog {
    this.#names.add(name);
    return this.#log(name);
  }

  async retention(name: FeedName): Promise<Retention> {
    const known = this.#retention.get(name) ?? (await loadRetention(this.#files, this.#folder(name)));
    this.#retention.set(name, known);
    return known;
  }

  /** Sets what is given of the retention, and makes the feed where it is not there. */
  async setRetention(name: FeedName, change: Partial<Retention>): Promise<Retention> {
    const retention = { ...DEFAULT_RETENTION, ...(await this.retention(name)), ...change };
    this.create(name);
    await this.#makeFolder(name);
    await saveRetention(this.#files, this.#folder(name), retention);
    this.#retention.set(name, retention);
    return retention;
  }

  /** Removes a feed and all its events. Its folder is renamed first, so that no half of it is found after a crash. */
  async remove(name: FeedName): Promise<void> {
    if (!this.#names.delete(name)) return;
    const log = this.#logs.get(name);
    this.#logs.delete(name);
    this.#retention.delete(name);
    await log?.close();
    const removed = join(this.#dir, REMOVED);
    const grave = join(removed, randomBytes(8).toString('hex'));
    try {
      await this.#files.makeFolder(removed);
      await this.#files.rename(this.#folder(name), grave);
    } catch (error) {
      if (isMissing(error)) return;
      throw error;
    }
    await this.#files.syncFolder(join(this.#dir, FEEDS));
    await this.#files.removeFolder(grave);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#logs.values()].map((log) => log.close()));
    await this.#pool.close();
    await this.#lock?.release();
  }

  async #load(): Promise<void> {
    const entries = await this.#files.list(this.#dir).catch((error: unknown) => {
      if (isMissing(error)) return undefined;
      throw error;
    });
    if (entries === undefined) return;
    this.#lock = await FolderLock.take(this.#dir);
    await this.#files.removeFolder(join(this.#dir, REMOVED));
    if (!entries.includes(FEEDS)) return;
    for (const folder of await this.#files.list(join(this.#dir, FEEDS))) {
      const name = feedIn(folder);
      if (name !== undefined) this.#names.add(name);
    }
  }

  #log(name: FeedName): JournalLog {
    const known = this.#logs.get(name);
    if (known !== undefined) return known;
    const { fsync, segmentBytes } = this.#options;
    const log = new JournalLog({
      folder: this.#folder(name),
      files: this.#files,
      pool: this.#pool,
      fsync,
      segmentBytes,
      makeFolder: () => this.#makeFolder(name),
    });
    this.#logs.set(name, log);
    return log;
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

  async #makeDataFolder(): Promise<void> {
    await this.#makeDurable(this.#dir);
    this.#lock ??= await FolderLock.take(this.#dir);
    await this.#makeDurable(join(this.#dir, FEEDS));
  }

  /** Makes a folder and those above it that are not there, so that they are still there after a power cut. */
  async #makeDurable(folder: string): Promise<void> {
    const parent = dirname(folder);
    const isNew = await this.#files.makeFolder(folder).catch(async (error: unknown) => {
      if (!isMissing(error) || parent === folder) throw error;
      await this.#makeDurable(parent);
      return this.#files.makeFolder(folder);
    });
    if (isNew) await this.#files.syncFolder(parent);
  }
}
