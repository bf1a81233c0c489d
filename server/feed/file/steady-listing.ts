import { isDeepStrictEqual } from 'node:util';

/** One file of a folder, as it is called now. */
export interface Listed {
  readonly path: string;
  readonly dev: number;
  readonly ino: number;
}

/** What a folder held while it was listed. */
export interface Listing<T extends Listed> {
  /** All names that were there. One that names nothing any more by the time it is looked at was renamed or removed meanwhile. */
  readonly paths: readonly string[];
  readonly files: readonly T[];
}

export interface SteadyOptions<T extends Listed> {
  /** Done between two listings: whether all is done with what the first found. */
  readonly meanwhile?: (found: readonly T[]) => Promise<boolean>;
  /** Whether a folder that does not come to rest is taken as it is: where other files are in it, whose names do not matter. */
  readonly mayChange?: boolean;
  /** Gives up after that, ms: a rotation takes a moment, and so do a few in a row; nobody renames for so long without a pause. */
  readonly mostMs?: number;
}

/** A folder in which others work may never rest: so many listings tell enough of it. And one alone may take long. */
const MIN_LISTINGS = 5;

/**
 * Lists until nothing has been renamed between two listings: a rotator that renames `.1` to `.2` in between would show one part twice
 * and hide another, and what is hidden would be lost in silence. Throws where that does not come to an end.
 */
export async function listSteadily<T extends Listed>(
  list: () => Promise<Listing<T>>,
  options: SteadyOptions<T> = {},
): Promise<readonly T[]> {
  const { meanwhile = async () => true, mayChange = false, mostMs = 5_000 } = options;
  const startedAt = performance.now();
  let found = await list();
  for (let listings = 2; ; listings += 1) {
    const isDone = await meanwhile(found.files);
    const now = await list();
    const isLast = listings >= MIN_LISTINGS && (mayChange || performance.now() - startedAt > mostMs);
    // Where the system tells of another file than the one it opens, each time, there is no more to find out.
    if (isSame(found, now) ? isDone || isLast : isLast && mayChange) return found.files;
    if (isLast)
      throw new Error(`${now.paths[0] ?? found.paths[0]} and what lies beside it is renamed faster than it can be opened`);
    found = now;
  }
}

function isSame<T extends Listed>(a: Listing<T>, b: Listing<T>): boolean {
  return isDeepStrictEqual(namesIn(a), namesIn(b));
}

function namesIn({ paths, files }: Listing<Listed>): ReadonlyMap<string, string> {
  const inodes = new Map(files.map(({ path, dev, ino }) => [path, `${dev}:${ino}`]));
  return new Map(paths.map((path) => [path, inodes.get(path) ?? 'none']));
}
