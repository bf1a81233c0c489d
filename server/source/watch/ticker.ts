import type { Folder } from './folder.ts';

/** Calls for the folders in it, time after time; there is a timer only while there is a folder. */
export class Ticker {
  readonly #everyMs: number;
  readonly #onTick: (folder: Folder, tick: number) => void;
  readonly #folders = new Set<Folder>();
  #timer: NodeJS.Timeout | undefined;
  #ticks = 0;

  constructor(everyMs: number, onTick: (folder: Folder, tick: number) => void) {
    this.#everyMs = everyMs;
    this.#onTick = onTick;
  }

  add(folder: Folder): void {
    this.#folders.add(folder);
    this.#timer ??= setInterval(() => this.#tick(), this.#everyMs).unref();
  }

  remove(folder: Folder): void {
    if (!this.#folders.delete(folder) || this.#folders.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  close(): void {
    clearInterval(this.#timer);
    this.#folders.clear();
  }

  #tick(): void {
    this.#ticks += 1;
    for (const folder of this.#folders) this.#onTick(folder, this.#ticks);
  }
}
