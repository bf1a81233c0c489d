import type { FeedEntry } from './feed-entry.ts';
import { Growth } from './growth.ts';
import { KeptNames } from './kept-names.ts';
import { LastSeen, type Seen } from './last-seen.ts';

/** What this browser knows of the feeds, besides what the service lists: favourites, folded groups, what was seen and what is new. */
export class FeedMemory {
  readonly favourites = new KeptNames('livefeed.favourites');
  readonly folded = new KeptNames('livefeed.folded');
  readonly #seen = new LastSeen();
  readonly #growth = new Growth();

  seen(name: string): Seen | undefined {
    return this.#seen.of(name);
  }

  /** Bytes that came since the feed was last open. */
  grown(name: string): number {
    return this.#growth.of(name);
  }

  /** The list of feeds has come or changed; `open` are the feeds whose lines are on the screen. */
  look(entries: ReadonlyMap<string, FeedEntry>, open: readonly string[]): void {
    for (const { name, bytes } of entries.values()) this.#growth.look(name, bytes, this.#seen.of(name));
    for (const name of open) this.#growth.reset(name);
  }

  /** The feed has been read up to `cursor`. */
  read(name: string, cursor: string, bytes: number): void {
    if (cursor !== '') this.#seen.put(name, { atMs: Date.now(), bytes, cursor });
    this.#growth.reset(name);
  }
}
