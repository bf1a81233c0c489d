import type { Filter } from '../filter/filter.ts';
import type { FilterViews } from '../filter/filter-views.ts';
import type { Registry } from '../registry.ts';
import { FeedSet } from './feed-set.ts';
import { MemberLogs } from './member-logs.ts';
import type { Selection } from './selection.ts';
import { Vector } from './vector.ts';

interface Shared {
  readonly set: FeedSet;
  users: number;
}

/**
 * The sets of feeds that are read now: one for each selection and filter, so that its readers share what is framed (P3). Readers who come back with a
 * place in a feed that is not here now have it in all their ids until it comes: those with the same places share a set.
 */
export class FeedSets {
  readonly #registry: Registry;
  readonly #views: FilterViews;
  readonly #shared = new Map<string, Shared>();

  constructor(registry: Registry, views: FilterViews) {
    this.#registry = registry;
    this.#views = views;
  }

  /** `places` are those with which a reader comes. The set ends with the last `release`, which each user calls once. */
  acquire(selection: Selection, places = Vector.empty, filter?: Filter): { readonly set: FeedSet; readonly release: () => void } {
    const awaited = places.entries.length === 0 ? places : places.without(this.#registry.names());
    const key = `${selection.key} ${awaited.text} ${filter?.key ?? ''}`;
    const known = this.#shared.get(key);
    const shared = known === undefined || known.set.hasEnded ? this.#open(selection, awaited, filter) : known;
    this.#shared.set(key, shared);
    shared.set.retry();
    shared.users += 1;
    return { set: shared.set, release: () => this.#release(key, shared) };
  }

  #open(selection: Selection, awaited: Vector, filter: Filter | undefined): Shared {
    const logs = new MemberLogs(filter === undefined ? undefined : { filter, views: this.#views });
    return { set: new FeedSet(selection, awaited, this.#registry, logs), users: 0 };
  }

  #release(key: string, shared: Shared): void {
    shared.users -= 1;
    if (shared.users > 0) return;
    if (this.#shared.get(key) === shared) this.#shared.delete(key);
    shared.set.close();
  }
}
