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
  watch?: FeedWatch | undefined;
  /** Set where the source calls `Registry.touch` when the figures of its log change: such a feed is not asked while it rests. */
  readonly tellsChanges?: true;
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

/** A feed in a registry, which hears when what others set has changed. */
class RegisteredFeed implements Feed {
  readonly name: FeedName;
  readonly source: string;
  readonly log: Log;
  declare readonly detail?: string;
  declare readonly tellsChanges?: true;
  declare readonly lookFigures?: () => LookFigures;
  readonly #onTouched: (feed: Feed) => void;
  #readers = 0;
  #watch: FeedWatch | undefined;

  constructor(given: Omit<Feed, 'readers'>, onTouched: (feed: Feed) => void) {
    const { watch, ...fixed } = given;
    this.name = given.name;
    this.source = given.source;
    this.log = given.log;
    Object.assign(this, fixed);
    this.#watch = watch;
    this.#onTouched = onTouched;
  }

  get readers(): number {
    return this.#readers;
  }

  set readers(count: number) {
    this.#readers = count;
    this.#onTouched(this);
  }

  get watch(): FeedWatch | undefined {
    return this.#watch;
  }

  set watch(watch: FeedWatch | undefined) {
    this.#watch = watch;
    this.#onTouched(this);
  }
}

export type RegistryChange = { readonly type: 'added' | 'removed'; readonly feed: Feed };

/** The feeds there are, by name. */
export class Registry {
  readonly #feeds = new Map<FeedName, Feed>();
  readonly #listeners = new Set<(change: RegistryChange) => void>();
  readonly #touchListeners = new Set<(feed: Feed) => void>();

  add(feed: Omit<Feed, 'readers'>): Feed {
    if (this.#feeds.has(feed.name)) throw new Error(`feed ${feed.name} exists already`);
    const added = new RegisteredFeed(feed, (touched) => this.touch(touched));
    this.#feeds.set(feed.name, added);
    this.#tell({ type: 'added', feed: added });
    return added;
  }

  /** Something of `feed` may be other than it was. */
  touch(feed: Feed): void {
    for (const listener of this.#touchListeners) listener(feed);
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

  names(): FeedName[] {
    return [...this.#feeds.keys()];
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

  /** Calls `listener` with each feed that is touched until the returned function is called. */
  onTouch(listener: (feed: Feed) => void): () => void {
    this.#touchListeners.add(listener);
    return () => this.#touchListeners.delete(listener);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#feeds.keys()].map((name) => this.remove(name)));
  }

  #tell(change: RegistryChange): void {
    for (const listener of this.#listeners) listener(change);
  }
}
