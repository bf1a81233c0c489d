import { isOfLimit, OpenFile } from './open-file.ts';
import type { Listed } from './steady-listing.ts';

/** Files that are opened by the names of a listing and kept by what they are: one that is renamed after that is the same file. */
export class HeldFiles {
  readonly #files = new Map<string, OpenFile>();
  /** What the system will not open. */
  readonly #refused = new Set<string>();

  /** Opens what is not open yet; whether all is that can be: a file may have been renamed since it was listed. Throws at a limit. */
  async open(listed: readonly Listed[]): Promise<boolean> {
    const opened = await Promise.allSettled(listed.map((each) => this.#open(each)));
    for (const each of opened) if (each.status === 'rejected') throw each.reason;
    return opened.every((each) => each.status === 'fulfilled' && each.value);
  }

  /** Hands over what is open of a file: its closing is then the taker's. */
  take(listed: Listed): OpenFile | undefined {
    const file = this.#files.get(keyOf(listed));
    this.#files.delete(keyOf(listed));
    return file;
  }

  async close(): Promise<void> {
    const left = [...this.#files.values()];
    this.#files.clear();
    await Promise.all(left.map((file) => file.close()));
  }

  async #open(listed: Listed): Promise<boolean> {
    const key = keyOf(listed);
    if (this.#files.has(key) || this.#refused.has(key)) return true;
    const file = await OpenFile.open(listed.path).catch((error) => {
      if (isOfLimit(error)) throw error;
      this.#refused.add(key);
      return undefined;
    });
    if (file === undefined) return this.#refused.has(key);
    const stats = await file.stat();
    // It was replaced since it was listed, or is a link now: it is judged when it is listed again.
    const isListed = keyOf({ dev: Number(stats.dev), ino: Number(stats.ino) }) === key;
    // One file may have two names.
    if (isListed && !this.#files.has(key)) this.#files.set(key, file);
    else await file.close();
    return isListed;
  }
}

function keyOf({ dev, ino }: Pick<Listed, 'dev' | 'ino'>): string {
  return `${dev}:${ino}`;
}
