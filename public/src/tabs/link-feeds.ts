import { parseRefusal } from '../connection/refusal.ts';

export interface LinkFeedsOptions {
  readonly base: string;
  /** Aborted when the connection is over. */
  readonly signal: AbortSignal;
  isRead(feed: string): boolean;
  /** Those that are read and that somebody wants. */
  wanted(): readonly string[];
  /** Something is read that nobody wants. */
  isUnwanted(): boolean;
}

/** Keeps the feeds of a live connection as they are wanted, by `PATCH`: one change at a time. */
export class LinkFeeds {
  readonly #options: LinkFeedsOptions;
  readonly #asked = new Map<string, { readonly answer: Promise<boolean>; settle(isRead: boolean): void }>();
  #connection: string | undefined;
  #isChanging = false;
  #nextOpen: (() => void) | undefined;

  constructor(options: LinkFeedsOptions) {
    this.#options = options;
    options.signal.addEventListener('abort', () => this.#end());
  }

  /** Whether the service gives the feed; false too where the connection ends. */
  ask(feed: string): Promise<boolean> {
    const asked = this.#asked.get(feed) ?? pending();
    this.#asked.set(feed, asked);
    void this.#change();
    return asked.answer;
  }

  /** What nobody wants any more is read no longer. */
  shrink(): void {
    void this.#change();
  }

  /** The connection has begun under this id, or reads other feeds now. */
  opened(connection: string | undefined): void {
    this.#connection = connection;
    this.#nextOpen?.();
    void this.#change();
  }

  async #change(): Promise<void> {
    if (this.#isChanging || this.#connection === undefined) return;
    this.#isChanging = true;
    try {
      const gone = new Set<string>();
      for (let mayShrink = true; !this.#options.signal.aborted; ) {
        this.#settleThoseRead();
        const newcomers = [...this.#asked.keys()];
        if (newcomers.length === 0 && !(mayShrink && this.#options.isUnwanted())) return;
        mayShrink = newcomers.length > 0;
        await this.#ask(newcomers, gone);
      }
    } finally {
      this.#isChanging = false;
    }
  }

  /** What it is asked for and does not read then cannot be had by this connection. */
  async #ask(newcomers: readonly string[], gone: Set<string>): Promise<void> {
    const feeds = [...this.#options.wanted(), ...newcomers].filter((feed) => !gone.has(feed));
    const missing = await this.#patch(feeds);
    if (missing !== undefined && feeds.includes(missing)) {
      // The others are asked for once more, without the one that is not there.
      gone.add(missing);
      this.#settle(missing, false);
    } else for (const feed of newcomers) this.#settle(feed, this.#options.isRead(feed));
  }

  /** Resolves when the feeds have been changed, or are not; with the one that is not there. */
  async #patch(feeds: readonly string[]): Promise<string | undefined> {
    const { base, signal } = this.#options;
    const changed = new Promise<void>((resolve) => (this.#nextOpen = resolve));
    try {
      const response = await fetch(`${base}/connections/${this.#connection}`, {
        method: 'PATCH',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ feeds }),
        signal,
      });
      const body = await response.text();
      if (response.ok) await changed;
      return response.ok ? undefined : parseRefusal(response.status, body).feed;
    } catch {
      return undefined;
    } finally {
      this.#nextOpen = undefined;
    }
  }

  #settleThoseRead(): void {
    for (const feed of [...this.#asked.keys()]) if (this.#options.isRead(feed)) this.#settle(feed, true);
  }

  #settle(feed: string, isRead: boolean): void {
    this.#asked.get(feed)?.settle(isRead);
    this.#asked.delete(feed);
  }

  #end(): void {
    this.#nextOpen?.();
    for (const feed of [...this.#asked.keys()]) this.#settle(feed, false);
  }
}

function pending(): { readonly answer: Promise<boolean>; settle(isRead: boolean): void } {
  let settle: (isRead: boolean) => void = () => undefined;
  const answer = new Promise<boolean>((resolve) => (settle = resolve));
  return { answer, settle };
}
