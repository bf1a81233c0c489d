import { join } from 'node:path';
import type { FilePool } from './file-pool.ts';
import { type Files, isMissing, writeSmallFile } from './files.ts';
import type { Segment } from './segments.ts';

export type Fsync = 'always' | 'interval' | 'never';

export interface DurabilityOptions {
  readonly folder: string;
  readonly files: Files;
  readonly pool: FilePool;
  readonly fsync: Fsync;
  /** With `interval`: what is written is durable so long after, or a little later. */
  readonly syncEveryMs: number;
  /** Names the time since the machine was started: what the system has taken is not lost before that ends. */
  readonly bootId: string;
  /** Told when what has been acknowledged could not be made durable. */
  readonly onTrouble: (error: unknown) => void;
}

const MARKER = 'unsynced';

/**
 * Makes what is written outlast a power cut, sooner or later. Later means that readers see what may be lost: a file in the folder says
 * so, from before the first write to a clean end. Who finds it after another start of the machine begins a new epoch.
 */
export class Durability {
  readonly #options: DurabilityOptions;
  readonly #unsynced = new Set<Segment>();
  #isMarked: boolean;
  #timer: NodeJS.Timeout | undefined;
  #hasFailed = false;
  /** Once something is lost, no later success makes up for it: systems forget what they could not write. */
  #isLost = false;

  constructor(options: DurabilityOptions, isMarked: boolean) {
    this.#options = options;
    this.#isMarked = isMarked;
  }

  get isAlways(): boolean {
    return this.#options.fsync === 'always';
  }

  /** Whether a sync has failed since this was last asked. */
  takeFailure(): boolean {
    const { hasFailed } = { hasFailed: this.#hasFailed };
    this.#hasFailed = false;
    return hasFailed;
  }

  /** To be called before anything is written. */
  async mark(): Promise<void> {
    if (this.isAlways || this.#isMarked) return;
    await markUnsynced(this.#options);
    this.#isMarked = true;
  }

  /** To be called when something has been written to `segment`. */
  async written(segment: Segment): Promise<void> {
    if (this.isAlways) return this.#sync(segment);
    this.#unsynced.add(segment);
    if (this.#options.fsync === 'never' || this.#timer !== undefined) return;
    this.#timer = setTimeout(() => void this.#syncAll(), this.#options.syncEveryMs);
    this.#timer.unref();
  }

  /** A segment that is dropped need not be synced. */
  forget(segment: Segment): void {
    this.#unsynced.delete(segment);
  }

  /** A clean end: everything is durable. */
  async close(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#syncAll();
    if (!this.#isMarked || this.#isLost) return;
    await this.#options.files.syncFolder(this.#options.folder);
    await this.#options.files.unlink(join(this.#options.folder, MARKER));
    this.#isMarked = false;
  }

  async #syncAll(): Promise<void> {
    this.#timer = undefined;
    for (const segment of [...this.#unsynced]) {
      this.#unsynced.delete(segment);
      await this.#sync(segment).catch((error: unknown) => {
        if (isMissing(error)) return;
        this.#hasFailed = true;
        this.#isLost = true;
        this.#options.onTrouble(error);
      });
    }
  }

  async #sync({ path }: Segment): Promise<void> {
    await this.#options.pool.use(path, (file) => file.sync());
  }
}

export type Marker = 'none' | 'this boot' | 'another boot';

/** Whether the folder was left with events that may not have been durable, and whether they may have been lost since. */
export async function readMarker(folder: string, files: Files, bootId: string): Promise<Marker> {
  try {
    return (await files.read(join(folder, MARKER))).toString() === bootId ? 'this boot' : 'another boot';
  } catch (error) {
    if (isMissing(error)) return 'none';
    throw error;
  }
}

/** What the marker holds may be lost with the power, that it is there may not: without the name of a boot it counts as another's. */
async function markUnsynced({ folder, files, bootId }: DurabilityOptions): Promise<void> {
  await writeSmallFile(files, join(folder, MARKER), Buffer.from(bootId));
  await files.syncFolder(folder);
}

export async function unmark(folder: string, files: Files): Promise<void> {
  await files.unlink(join(folder, MARKER));
}
