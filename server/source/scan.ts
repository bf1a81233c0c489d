import type { Dirent } from 'node:fs';
import { opendir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { PathSpec } from '../config/path-spec.ts';
import { pathTrouble } from '../config/path-trouble.ts';
import { liveNamesOf } from '../feed/file/rotated-name.ts';
import { considerFile, depthOf, isIgnoredFolder, rootOf, type ScanOptions } from './candidate.ts';
import type { NameableFile } from './feed-naming.ts';

/** A file that is not followed, and why. */
export interface Skipped {
  readonly path: string;
  readonly reason: string;
}

export interface Scan<File> {
  readonly found: readonly File[];
  readonly skipped: readonly Skipped[];
}

export const MAX_FOUND = 10_000;
/** A scan that meets this many entries was pointed at something that is not logs, like /. */
export const MAX_SEEN = 100_000;
const MAX_SKIPPED = 1_000;
const LOOK_AT_ONCE = 32;

/** Finds what every spec means. A file that several mean is found once; explicit files first, since they may be named. */
export async function scanAll(specs: readonly PathSpec[], options: ScanOptions): Promise<Scan<NameableFile>> {
  const ordered = [...specs].sort((a, b) => rank(a) - rank(b));
  const scans = await Promise.all(ordered.map((spec) => scanSpec(spec, options)));
  const byPath = new Map<string, NameableFile>();
  ordered.forEach((spec, index) => {
    for (const { path } of scans[index]?.found ?? []) if (!byPath.has(path)) byPath.set(path, { path, spec, root: rootOf(spec) });
  });
  const { found, skipped } = withoutOlderParts([...byPath.values()]);
  const reasons = scans.flatMap((scan) => scan.skipped).filter(({ path }) => !byPath.has(path));
  return { found, skipped: [...reasons, ...skipped] };
}

/** Finds the files that `spec` means. One that was named and is not there yet is found: it is waited for. */
export async function scanSpec(
  spec: PathSpec,
  options: ScanOptions,
  maxFound = MAX_FOUND,
): Promise<Scan<{ readonly path: string }>> {
  if (spec.kind === 'stdin') return { found: [], skipped: [] };
  const walk = new Walk(spec, options, maxFound);
  if (spec.kind === 'file') await walk.lookAtNamed(spec.path);
  else await walk.run();
  return { found: walk.found.sort((a, b) => (a.path < b.path ? -1 : 1)), skipped: walk.skipped };
}

/** A folder still to be read, and how many levels below it count. */
interface Folder {
  readonly path: string;
  readonly depth: number;
}

/** A walk through folders, the upper ones first, so that a bound cuts off the deepest. */
class Walk {
  readonly found: { readonly path: string }[] = [];
  readonly skipped: Skipped[] = [];
  readonly #spec: PathSpec;
  readonly #options: ScanOptions;
  readonly #maxFound: number;
  readonly #root: string;
  readonly #visited = new Set<string>();
  readonly #folders: Folder[];
  #waiting: string[] = [];
  #seen = 0;
  #ended = false;

  constructor(spec: PathSpec, options: ScanOptions, maxFound: number) {
    this.#spec = spec;
    this.#options = options;
    this.#maxFound = maxFound;
    this.#root = rootOf(spec);
    this.#folders = [{ path: this.#root, depth: depthOf(spec) }];
  }

  async run(): Promise<void> {
    for (let folder = this.#folders.shift(); folder !== undefined && !this.#ended; folder = this.#folders.shift()) {
      await this.#enter(folder);
      await this.#lookAtWaiting();
    }
  }

  async lookAtNamed(path: string): Promise<void> {
    const there = await stat(path).then(
      () => true,
      (error: NodeJS.ErrnoException) => error.code !== 'ENOENT',
    );
    if (there) await this.#lookAt(path);
    else this.found.push({ path });
  }

  async #enter({ path: folder, depth }: Folder): Promise<void> {
    try {
      if (!(await this.#isNew(folder))) return;
      for await (const entry of await opendir(folder)) {
        await this.#meet(join(folder, entry.name), entry, depth);
        if (this.#ended) return;
      }
    } catch (error) {
      // The root of a glob may be waited for; a folder that has just gone is nothing to tell.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') this.#skip(folder, pathTrouble(error));
    }
  }

  async #meet(path: string, entry: Dirent, depth: number): Promise<void> {
    this.#seen += 1;
    if (this.#seen > MAX_SEEN) return this.#end(`has more than ${MAX_SEEN} entries: name the folders that hold logs`);
    if (await this.#isFolder(path, entry)) {
      if (depth > 0 && !isIgnoredFolder(entry.name)) this.#folders.push({ path, depth: depth - 1 });
      return;
    }
    this.#waiting.push(path);
    if (this.#waiting.length >= LOOK_AT_ONCE) await this.#lookAtWaiting();
  }

  /** A link to a folder counts as one only with --follow-links; otherwise what it leads to is found under its own name, or outside. */
  async #isFolder(path: string, entry: Dirent): Promise<boolean> {
    if (!entry.isSymbolicLink() || !this.#options.followLinks) return entry.isDirectory();
    return stat(path).then(
      (target) => target.isDirectory(),
      () => false,
    );
  }

  /** With links followed, a folder can be reached by several ways, and from within itself. */
  async #isNew(folder: string): Promise<boolean> {
    if (!this.#options.followLinks) return true;
    const { dev, ino } = await stat(folder);
    const identity = `${dev}:${ino}`;
    if (this.#visited.has(identity)) return false;
    this.#visited.add(identity);
    return true;
  }

  async #lookAtWaiting(): Promise<void> {
    const paths = this.#waiting;
    this.#waiting = [];
    if (!this.#ended) await Promise.all(paths.map((path) => this.#lookAt(path)));
  }

  async #lookAt(path: string): Promise<void> {
    const verdict = await considerFile(path, this.#spec, this.#options);
    if (verdict === 'not asked for') return;
    if (verdict !== 'feed') return this.#skip(path, verdict.skipped);
    if (this.found.length < this.#maxFound) this.found.push({ path });
    else this.#end(`has more than ${this.#maxFound} files: the rest is not followed; name the folders you mean`);
  }

  #end(reason: string): void {
    if (!this.#ended) this.skipped.push({ path: this.#root, reason });
    this.#ended = true;
  }

  #skip(path: string, reason: string): void {
    if (this.skipped.length < MAX_SKIPPED) this.skipped.push({ path, reason });
    else if (this.skipped.length === MAX_SKIPPED)
      this.skipped.push({ path: this.#root, reason: 'has more files that are skipped' });
  }
}

/** A shell expands `/var/log/*` to `app.log app.log.1`: each is named then, and still the second is an older part of the first. */
function withoutOlderParts(files: readonly NameableFile[]): Scan<NameableFile> {
  const paths = new Set(files.map(({ path }) => path));
  const liveOf = ({ path, spec }: NameableFile): string | undefined => {
    if (spec.kind !== 'file' || spec.name !== undefined) return undefined;
    const cut = path.lastIndexOf('/') + 1;
    return liveNamesOf(path.slice(cut)).find((live) => paths.has(path.slice(0, cut) + live));
  };
  const older = new Set(files.filter((file) => liveOf(file) !== undefined));
  return {
    found: files.filter((file) => !older.has(file)),
    skipped: [...older].map((file) => ({ path: file.path, reason: `is an older part of ${liveOf(file)}` })),
  };
}

function rank({ kind, name }: PathSpec): number {
  return (kind === 'file' ? 0 : 2) + (name === undefined ? 1 : 0);
}
