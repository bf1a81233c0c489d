import type { Registry } from '../registry.ts';
import { FeedSet } from './feed-set.ts';
import type { Selection } from './selection.ts';
import { Vector } from './vector.ts';

interface Shared {
  readonly set: FeedSet;
  users: number;
}

/**
 * The sets of feeds that are read now: one for each selection, so that its readers share what is framed (P3). Readers who come back with a
 * place in a feed that is not here now have it in all their ids until it comes: those with the same places share a set.
 */
export class FeedSets {
  readonly #registry: Registry;
  readonly #shared = new Map<string, Shared>();

  constructor(registry: Registry) {
    this.#registry = registry;
  }

  /** `places` are those with which a reader comes. The set ends with the last `release`, which each user calls once. */
  acquire(selection: Selection, places = Vector.empty): { readonly set: FeedSet; readonly release: () => void } {
    const awaited = places.entries.length === 0 ? places : places.without(this.#registry.names());
    const key = `${selection.key} ${awaited.text}`;
    const shared = this.#shared.get(key) ?? { set: new FeedSet(selection, awaited, this.#registry), users: 0 };
    this.#shared.set(key, shared);
    shared.users += 1;
    return { set: shared.set, release: () => this.#release(key, shared) };
  }

  #release(key: string, shared: Shared): void {
    shared.users -= 1;
    if (shared.users > 0) return;
    this.#shared.delete(key);
    shared.set.close();
  }
}
