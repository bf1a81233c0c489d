import { createHash } from 'node:crypto';
import { relative } from 'node:path';
import type { PathSpec } from '../config/path-spec.ts';
import { type FeedName, MAX_FEED_NAME_BYTES, toFeedName } from '../feed/name.ts';

/** A file that becomes a feed, how it was asked for, and the folder it was found below. */
export interface NameableFile {
  readonly path: string;
  readonly spec: PathSpec;
  readonly root: string;
}

const HASH_LENGTH = 6;

/**
 * Names tailed files. Files that are there at the start are named together, by the shortest end of their path that is unique; what
 * comes later gets a name that is still free, and never changes another's.
 */
export class FeedNamer {
  readonly #nameByPath = new Map<string, FeedName>();
  readonly #taken: Set<FeedName>;
  readonly #isTakenElsewhere: (name: FeedName) => boolean;

  /** `isTakenElsewhere`: names that others take and give back, like those of published feeds. */
  constructor(taken: Iterable<FeedName> = [], isTakenElsewhere: (name: FeedName) => boolean = () => false) {
    this.#taken = new Set(taken);
    this.#isTakenElsewhere = isTakenElsewhere;
  }

  /** Names `files` together; those that have a name keep it. */
  assign(files: readonly NameableFile[]): Map<string, FeedName> {
    const fresh = files.filter(({ path }) => !this.#nameByPath.has(path)).map((file) => new Naming(file));
    // Chosen names first: no found file may take one away.
    for (const naming of fresh.filter(({ isExact }) => isExact)) this.#take(naming);
    const ends = fresh.filter(({ isExact }) => !isExact);
    lengthenUntilUnique(ends);
    for (const naming of ends) this.#take(naming);
    return new Map(files.map((file) => [file.path, this.#nameByPath.get(file.path) ?? toFeedName(file.path)]));
  }

  /** Names one file that has appeared later. */
  assignOne(file: NameableFile): FeedName {
    if (!this.#nameByPath.has(file.path)) this.#take(new Naming(file));
    return this.#nameByPath.get(file.path) ?? toFeedName(file.path);
  }

  /** Gives the name of a file that is no feed any more back. */
  forget(path: string): void {
    const name = this.#nameByPath.get(path);
    if (name === undefined) return;
    this.#nameByPath.delete(path);
    this.#taken.delete(name);
  }

  #take(naming: Naming): void {
    const isTaken = (one: FeedName) => this.#taken.has(one) || this.#isTakenElsewhere(one);
    while (isTaken(naming.name) && naming.lengthen());
    let name = naming.name;
    for (let length = HASH_LENGTH; isTaken(name); length += 1) name = withHash(naming.name, naming.path, length);
    this.#nameByPath.set(naming.path, name);
    this.#taken.add(name);
  }
}

/** A file with the end of its path that it is called by so far. */
class Naming {
  readonly path: string;
  /** Whether the user chose the name, so that longer ends of the path are not tried. */
  readonly isExact: boolean;
  readonly #segments: readonly string[];
  #depth = 1;
  name: FeedName;

  constructor({ path, spec, root }: NameableFile) {
    this.path = path;
    this.isExact = spec.name !== undefined;
    this.#segments = path.split('/').filter((segment) => segment !== '');
    if (spec.name === undefined) this.name = this.#ofDepth();
    else this.name = spec.kind === 'directory' ? nameBelow(spec.name, relative(root, path)) : spec.name;
  }

  /** Takes one more folder into the name; false where that makes no difference. */
  lengthen(): boolean {
    const before = this.name;
    if (this.isExact || this.#depth >= this.#segments.length) return false;
    this.#depth += 1;
    this.name = this.#ofDepth();
    return this.name !== before;
  }

  #ofDepth(): FeedName {
    return toFeedName(this.#segments.slice(-this.#depth).join('/'));
  }
}

function lengthenUntilUnique(namings: readonly Naming[]): void {
  for (;;) {
    const longer = sameNamed(namings).map((naming) => naming.lengthen());
    if (!longer.includes(true)) return;
  }
}

function sameNamed(namings: readonly Naming[]): Naming[] {
  const counts = new Map<FeedName, number>();
  for (const { name } of namings) counts.set(name, (counts.get(name) ?? 0) + 1);
  return namings.filter(({ name }) => (counts.get(name) ?? 0) > 1);
}

/** The name that the user chose stays whole where all of it is too long. */
function nameBelow(chosen: FeedName, rest: string): FeedName {
  const end = toFeedName(rest).slice(-(MAX_FEED_NAME_BYTES - chosen.length - 1));
  return toFeedName(`${chosen}/${end}`);
}

function withHash(name: FeedName, path: string, length: number): FeedName {
  const hash = createHash('sha256').update(path).digest('hex').slice(0, length);
  return toFeedName(`${name.slice(0, MAX_FEED_NAME_BYTES - length - 1)}-${hash}`);
}
