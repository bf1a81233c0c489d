import type { Files, OpenFile } from './files.ts';

interface Pooled {
  readonly file: Promise<OpenFile>;
  users: number;
}

/** Open files that are used again and again: at most so many stay open, those used last. Those in use come on top of that. */
export class FilePool {
  readonly #files: Files;
  readonly #max: number;
  /** In the order in which they were last used. */
  readonly #pooled = new Map<string, Pooled>();

  constructor(files: Files, max: number) {
    this.#files = files;
    this.#max = max;
  }

  /** Does `work` with the file at `path`, which must be there. */
  async use<Result>(path: string, work: (file: OpenFile) => Promise<Result>): Promise<Result> {
    const pooled = this.#take(path);
    try {
      return await work(await pooled.file);
    } catch (error) {
      this.#drop(path, pooled);
      throw error;
    } finally {
      pooled.users -= 1;
      if (pooled.users === 0 && this.#pooled.get(path) !== pooled) await closeQuietly(pooled);
      await this.#shrink();
    }
  }

  /** Closes the file at `path` as soon as nobody uses it. */
  async forget(path: string): Promise<void> {
    const pooled = this.#pooled.get(path);
    if (pooled === undefined) return;
    this.#drop(path, pooled);
    if (pooled.users === 0) await closeQuietly(pooled);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#pooled.keys()].map((path) => this.forget(path)));
  }

  #take(path: string): Pooled {
    const pooled = this.#pooled.get(path) ?? { file: this.#files.open(path, 'existing'), users: 0 };
    this.#pooled.delete(path);
    this.#pooled.set(path, pooled);
    pooled.users += 1;
    return pooled;
  }

  #drop(path: string, pooled: Pooled): void {
    if (this.#pooled.get(path) === pooled) this.#pooled.delete(path);
  }

  async #shrink(): Promise<void> {
    if (this.#pooled.size <= this.#max) return;
    for (const [path, pooled] of this.#pooled) {
      if (this.#pooled.size <= this.#max) return;
      if (pooled.users === 0) await this.forget(path);
    }
  }
}

/** What was written has been synced where that matters; a file that cannot be closed is no reason to fail. */
async function closeQuietly({ file }: Pooled): Promise<void> {
  await file.then((open) => open.close()).catch(() => undefined);
}
