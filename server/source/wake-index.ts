import type { Tailed } from './tailed.ts';
import type { Folder } from './watch/folder.ts';

/** Which logs are meant when a path is touched, or something is known of a folder. */
export class WakeIndex {
  readonly #atPath = new Map<string, Set<Tailed>>();
  readonly #inFolder = new Map<Folder, Set<Tailed>>();
  readonly #followedIn = new Map<Folder, Set<Tailed>>();
  /** Where each was found to be when it was put here last. */
  readonly #places = new Map<Tailed, Tailed['places']>();

  /** To be called again when the places of `tailed` have changed, or whether it is followed. In between it is found where it was. */
  put(tailed: Tailed): void {
    this.remove(tailed);
    const { places } = tailed;
    this.#places.set(tailed, places);
    for (const { path, folder } of places) {
      put(this.#atPath, path, tailed);
      put(this.#inFolder, folder, tailed);
      if (tailed.log.isFollowed) put(this.#followedIn, folder, tailed);
    }
  }

  remove(tailed: Tailed): void {
    const places = this.#places.get(tailed) ?? [];
    this.#places.delete(tailed);
    for (const { path, folder } of places) {
      take(this.#atPath, path, tailed);
      take(this.#inFolder, folder, tailed);
      take(this.#followedIn, folder, tailed);
    }
  }

  at(path: string): ReadonlySet<Tailed> {
    return this.#atPath.get(path) ?? NONE;
  }

  in(folder: Folder): ReadonlySet<Tailed> {
    return this.#inFolder.get(folder) ?? NONE;
  }

  followedIn(folder: Folder): ReadonlySet<Tailed> {
    return this.#followedIn.get(folder) ?? NONE;
  }
}

const NONE: ReadonlySet<Tailed> = new Set();

function put<K>(map: Map<K, Set<Tailed>>, key: K, tailed: Tailed): void {
  const set = map.get(key);
  if (set === undefined) map.set(key, new Set([tailed]));
  else set.add(tailed);
}

function take<K>(map: Map<K, Set<Tailed>>, key: K, tailed: Tailed): void {
  const set = map.get(key);
  if (set?.delete(tailed) && set.size === 0) map.delete(key);
}
