import { randomBytes } from 'node:crypto';
import { dirname, join, resolve } from 'node:path';
import type { FeedName } from '../name.ts';
import { type Files, isMissing, realFiles } from './files.ts';
import { feedIn, folderOf } from './folder-name.ts';
import { FolderLock } from './lock.ts';

/** The folder of the folders of the feeds. */
export const FEEDS = 'feeds';
const REMOVED = 'removed';

/** Where the feeds have their folders. It belongs to one process at a time, and is made when something is first kept in it. */
export class DataFolder {
  readonly #dir: string;
  readonly #files: Files;
  #lock: FolderLock | undefined;
  #making: Promise<void> | undefined;

  constructor(dir: string, files: Files) {
    this.#dir = resolve(dir);
    this.#files = files;
  }

  /** Takes it, where it is there; answers the feeds that have a folder. Rejects (DataFolderError) where another process has it. */
  async open(): Promise<FeedName[]> {
    const entries = await this.#files.list(this.#dir).catch((error: unknown) => {
      if (isMissing(error)) return undefined;
      throw error;
    });
    if (entries === undefined) return [];
    await this.#takeLock();
    await this.#files.removeFolder(join(this.#dir, REMOVED));
    if (!entries.includes(FEEDS)) return [];
    const folders = await this.#files.list(join(this.#dir, FEEDS));
    return folders.map(feedIn).filter((name) => name !== undefined);
  }

  of(name: FeedName): string {
    return join(this.#dir, FEEDS, folderOf(name));
  }

  async make(name: FeedName): Promise<void> {
    this.#making ??= this.#makeDataFolder().catch((error: unknown) => {
      this.#making = undefined;
      throw error;
    });
    await this.#making;
    await this.#files.makeFolder(this.of(name));
    await this.#files.syncFolder(join(this.#dir, FEEDS));
  }

  /** Removes a feed's folder, if there is one. It is renamed first, so that no half of it is found after a crash. */
  async remove(name: FeedName): Promise<void> {
    const grave = join(this.#dir, REMOVED, randomBytes(8).toString('hex'));
    try {
      await this.#files.makeFolder(join(this.#dir, REMOVED));
      await this.#files.rename(this.of(name), grave);
    } catch (error) {
      if (isMissing(error)) return;
      throw error;
    }
    await this.#files.syncFolder(join(this.#dir, FEEDS));
    await this.#files.removeFolder(grave);
  }

  async release(): Promise<void> {
    await this.#lock?.release();
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
