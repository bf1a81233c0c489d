import type { Dirent } from 'node:fs';
import { opendir } from 'node:fs/promises';
import { join } from 'node:path';

const MAX_ENTRIES = 100_000;
/** How long a folder is left alone after it was listed, for each of its entries: listing takes some 2 % of a core at most. */
const REST_MS_AN_ENTRY = 0.2;
const MAX_REST_MS = 10_000;

/** Tells what lies in a folder, when that may have changed. Of a folder with more than 100,000 entries, the first it gets to see. */
export class FolderList {
  /** Whether anyone wants to know. */
  isWanted = false;
  readonly #path: string;
  readonly #onEntry: (path: string, entry: Dirent) => void;
  #listedAs: bigint | undefined;
  #again = true;
  #notBefore = 0;

  constructor(path: string, onEntry: (path: string, entry: Dirent) => void) {
    this.#path = path;
    this.#onEntry = onEntry;
  }

  /** Makes the next `update` list it, whatever its time of change says. */
  soon(): void {
    this.#again = true;
  }

  /**
   * Lists it where its time of change is another than at the last time, and once more then: what came after that within the same
   * tick of the file system's clock shows in the second. `always`: where that time cannot be trusted.
   */
  async update(mtimeNs: bigint, always: boolean): Promise<void> {
    const hasChanged = always || mtimeNs !== this.#listedAs;
    if (!this.isWanted || !(hasChanged || this.#again) || performance.now() < this.#notBefore) return;
    this.#listedAs = mtimeNs;
    this.#again = hasChanged;
    const count = await this.#list();
    this.#notBefore = performance.now() + Math.min(count * REST_MS_AN_ENTRY, MAX_REST_MS);
  }

  async #list(): Promise<number> {
    let count = 0;
    for await (const entry of await opendir(this.#path, { bufferSize: 512 })) {
      if (!this.isWanted || count >= MAX_ENTRIES) return count;
      this.#onEntry(join(this.#path, entry.name), entry);
      count += 1;
    }
    return count;
  }
}
