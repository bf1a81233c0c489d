import { keep, keptStrings, loadKept } from '../kept.ts';

const MAX_NAMES = 500;

/** A set of names that this browser keeps: favourite feeds, groups that are folded. The oldest go first. */
export class KeptNames {
  readonly #key: string;
  #names: ReadonlySet<string>;

  constructor(key: string) {
    this.#key = key;
    this.#names = this.#load();
  }

  get names(): ReadonlySet<string> {
    return this.#names;
  }

  has(name: string): boolean {
    return this.#names.has(name);
  }

  toggle(name: string): void {
    // Another tab may have changed it meanwhile.
    const names = this.#load();
    if (!names.delete(name)) names.add(name);
    this.#names = new Set([...names].slice(-MAX_NAMES));
    keep(this.#key, [...this.#names]);
  }

  #load(): Set<string> {
    return new Set(keptStrings(loadKept(this.#key), MAX_NAMES));
  }
}
