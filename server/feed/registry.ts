import type { Log } from './log.ts';
import type { FeedName } from './name.ts';

/** A named log, and what is known about it besides its events. */
export interface Feed {
  readonly name: FeedName;
  /** What writes it, for people: `file`, `stdin`, `command`, `generator`, `service`. */
  readonly source: string;
  /** More about the source, for people: the path, the command. */
  readonly detail?: string;
  readonly log: Log;
  /** Subscribers connected now. */
  readers: number;
  /** How the source watches (tailed feeds), and why so. */
  watch?: FeedWatch;
  /** What the source knows of its last look: changes all the time, so it is only given to who asks. */
  readonly lookFigures?: () => LookFigures;
}

export interface FeedWatch {
  readonly by: string;
  readonly why?: string;
}

export interface LookFigures {
  readonly lastLookAt: string;
  /** Bytes of the file that followers have not been given yet; null where nobody follows. */
  readonly lagBytes: number | null;
  /** How many files, or contents of one file, have been seen at the path so far. */
  readonly generation: number;
}

export type RegistryChange = { readonly type: 'added' | 'removed'; readonly feed: Feed };

/** The feeds there are, by name. */
export class Registry {
  readonly #feeds = new Map<FeedName, Feed>();
  readonly #listeners = new Set<(change: RegistryChange) => void>();

  add(feed: Omit<Feed, 'readers'>): Feed {
    if (this.#feeds.has(feed.name)) throw new Error(`feed ${feed.name} exists already`);
    const added: Feed = { ...feed, readers: 0 };
    this.#feeds.set(feed.name, added);
    this.#tell({ type: 'added', feed: added });
    return added;
  }

  async remove(name: FeedName): Promise<void> {
    const feed = this.#feeds.get(name);
    if (feed === undefined) return;
    this.#feeds.delete(name);
    this.#tell({ type: 'removed', feed });
    await feed.log.close();
  }

  get(name: string): Feed | undefined {
    return this.#feeds.get(name as FeedName);
  }

  get size(): number {
    return this.#feeds.size;
  }

  /** All feeds, in order of their names. */
  list(): Feed[] {
    return [...this.#feeds.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Calls `listener` at each change until the returned function is called. */
  onChange(listener: (change: RegistryChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#feeds.keys()].map((name) => this.remove(name)));
  }

  #tell(change: RegistryChange): void {
    for (const listener of this.#listeners) listener(change);
  }
}
