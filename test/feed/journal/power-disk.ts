import { dirname } from 'node:path';
import type { Files, OpenFile } from '../../../server/feed/journal/files.ts';

/** Numbers in [0, 1) that a seed decides. */
export type Random = () => number;

export function seeded(seed: number): Random {
  let state = (seed * 2654435761 + 1) >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

type Change = { readonly at: number; readonly bytes: Buffer } | { readonly length: number };

/** A file: as the system shows it, as the disk has it, and what lies between. */
class Inode {
  shown = Buffer.alloc(0);
  kept = Buffer.alloc(0);
  changes: Change[] = [];
}

/** Names that become something else at once: undefined where they are no more. */
type FolderChange = readonly (readonly [name: string, node: Inode | Folder | undefined])[];

class Folder {
  readonly shown = new Map<string, Inode | Folder>();
  kept = new Map<string, Inode | Folder>();
  changes: FolderChange[] = [];
}

/** What may be left out to see whether it was needed. */
export type SyncKind = string;

export interface Faults {
  /** The errno code with which the act fails; undefined: it does not. */
  fault?(act: 'open' | 'write' | 'sync' | 'truncate' | 'rename' | 'unlink' | 'syncFolder', path: string): string | undefined;
  /** A sync that does nothing, though it says so. */
  ignores?(kind: SyncKind): boolean;
}

/**
 * A disk in memory that can lose its power: then it has what was synced, and of what was not, for each file and each folder, as many of
 * the changes in their order as chance will have it. A sync that fails forgets what was to be written, as Linux does.
 */
export class PowerDisk implements Files {
  readonly #root: Folder;
  readonly #random: Random;
  readonly #faults: Faults;
  readonly syncs = new Set<SyncKind>();
  #isOff = false;
  acts = 0;
  /** The power is cut at this act. */
  cutAt = Number.POSITIVE_INFINITY;
  /** Or right after so many more segments have been made. */
  cutAfterSegments = Number.POSITIVE_INFINITY;

  constructor(random: Random, faults: Faults = {}, root = new Folder()) {
    this.#random = random;
    this.#faults = faults;
    this.#root = root;
  }

  get isOff(): boolean {
    return this.#isOff;
  }

  /** From now on nothing is done any more. */
  turnOff(): void {
    this.#isOff = true;
  }

  /** What the next process finds after the power was cut. */
  afterCut(faults = this.#faults): PowerDisk {
    this.#isOff = true;
    return new PowerDisk(this.#random, faults, this.#keep(this.#root));
  }

  /** What the next process finds after this one was killed: all that the system had taken. */
  afterKill(faults = this.#faults): PowerDisk {
    this.#isOff = true;
    return new PowerDisk(this.#random, faults, this.#root);
  }

  async open(path: string, as: 'existing' | 'new'): Promise<OpenFile> {
    await this.#act('open', path);
    const folder = this.#folder(dirname(path));
    const found = folder.shown.get(nameOf(path));
    if (as === 'existing') {
      if (!(found instanceof Inode)) throw failure('ENOENT', path);
      return this.#openFile(found, path);
    }
    if (found !== undefined) throw failure('EEXIST', path);
    const made = new Inode();
    change(folder, [nameOf(path), made]);
    if (path.endsWith('.sse')) this.cutAfterSegments -= 1;
    if (this.cutAfterSegments === 0) this.cutAt = this.acts + 1;
    return this.#openFile(made, path);
  }

  async stat(path: string): Promise<{ size: number; mtimeMs: number }> {
    await this.#act();
    return { size: this.#inode(path).shown.length, mtimeMs: Date.now() };
  }

  async read(path: string): Promise<Buffer> {
    await this.#act();
    return Buffer.from(this.#inode(path).shown);
  }

  async makeFolder(path: string): Promise<boolean> {
    await this.#act();
    const parent = this.#folder(dirname(path));
    if (parent.shown.has(nameOf(path))) return false;
    change(parent, [nameOf(path), new Folder()]);
    return true;
  }

  async list(path: string): Promise<string[]> {
    await this.#act();
    return [...this.#folder(path).shown.keys()];
  }

  async rename(from: string, to: string): Promise<void> {
    await this.#act('rename', from);
    const node = this.#folder(dirname(from)).shown.get(nameOf(from));
    if (node === undefined) throw failure('ENOENT', from);
    const [source, target] = [this.#folder(dirname(from)), this.#folder(dirname(to))];
    const [gone, come] = [[nameOf(from), undefined] as const, [nameOf(to), node] as const];
    if (source === target) change(source, gone, come);
    else {
      change(target, come);
      change(source, gone);
    }
  }

  async unlink(path: string): Promise<void> {
    await this.#act('unlink', path);
    this.#inode(path);
    change(this.#folder(dirname(path)), [nameOf(path), undefined]);
  }

  async removeFolder(path: string): Promise<void> {
    await this.#act();
    const parent = this.#folder(dirname(path));
    if (parent.shown.has(nameOf(path))) change(parent, [nameOf(path), undefined]);
  }

  async syncFolder(path: string): Promise<void> {
    const from = caller();
    await this.#act('syncFolder', path);
    const folder = this.#folder(path);
    if (this.#ignores(`folder ${placeOf(path)} ${from}`)) return;
    folder.kept = new Map(folder.shown);
    folder.changes = [];
  }

  #openFile(inode: Inode, path: string): OpenFile {
    return {
      read: async (target, at) => {
        await this.#act();
        return inode.shown.copy(target, 0, at);
      },
      write: async (bytes, at) => {
        const wasOff = this.#isOff;
        try {
          await this.#act('write', path);
        } catch (error) {
          // A disk that fills up, or a process that dies, has taken a part.
          if (!wasOff) write(inode, Buffer.from(bytes.subarray(0, Math.floor(this.#random() * bytes.length))), at);
          throw error;
        }
        write(inode, Buffer.from(bytes), at);
      },
      sync: async () => {
        const from = caller();
        try {
          await this.#act('sync', path);
        } catch (error) {
          if (!this.#isOff) inode.changes = [];
          throw error;
        }
        if (this.#ignores(`${placeOf(path)} ${from}`)) return;
        inode.kept = Buffer.from(inode.shown);
        inode.changes = [];
      },
      truncate: async (length) => {
        await this.#act('truncate', path);
        truncate(inode, length);
      },
      size: async () => inode.shown.length,
      close: async () => undefined,
    };
  }

  async #act(act?: Parameters<NonNullable<Faults['fault']>>[0], path = ''): Promise<void> {
    await Promise.resolve();
    this.acts += 1;
    if (this.#isOff || this.acts >= this.cutAt) {
      this.#isOff = true;
      throw failure('EIO', 'the power is off');
    }
    const code = act === undefined ? undefined : this.#faults.fault?.(act, path);
    if (code !== undefined) throw failure(code, path);
  }

  #ignores(kind: SyncKind): boolean {
    this.syncs.add(kind);
    return this.#faults.ignores?.(kind) === true;
  }

  #folder(path: string): Folder {
    let at: Inode | Folder | undefined = this.#root;
    for (const name of path.split('/').filter((one) => one !== '')) at = at instanceof Folder ? at.shown.get(name) : undefined;
    if (!(at instanceof Folder)) throw failure('ENOENT', path);
    return at;
  }

  #inode(path: string): Inode {
    const found = this.#folder(dirname(path)).shown.get(nameOf(path));
    if (!(found instanceof Inode)) throw failure('ENOENT', path);
    return found;
  }

  /** A copy of what the disk has of a folder once the power is gone. */
  #keep(folder: Folder, copies = new Map<Inode, Inode>()): Folder {
    const names = new Map(folder.kept);
    // Systems need not keep the changes of a folder in their order.
    const share = this.#random();
    for (const one of folder.changes) if (this.#random() < share) setNames(names, one);
    const copy = new Folder();
    for (const [name, node] of names) {
      const kept = node instanceof Folder ? this.#keep(node, copies) : (copies.get(node) ?? this.#keepFile(node));
      if (node instanceof Inode) copies.set(node, kept as Inode);
      copy.shown.set(name, kept);
      copy.kept.set(name, kept);
    }
    return copy;
  }

  #keepFile(inode: Inode): Inode {
    const copy = new Inode();
    copy.shown = Buffer.from(inode.kept);
    const some = this.#some(inode.changes);
    for (const one of some) apply(copy, one);
    const torn = inode.changes[some.length];
    if (torn !== undefined && 'bytes' in torn)
      apply(copy, { at: torn.at, bytes: torn.bytes.subarray(0, Math.floor(this.#random() * torn.bytes.length)) });
    copy.kept = Buffer.from(copy.shown);
    return copy;
  }

  #some<Item>(items: readonly Item[]): Item[] {
    return items.slice(0, Math.floor(this.#random() * (items.length + 1)));
  }
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** What kind of file or folder it is, for people. */
function placeOf(path: string): string {
  const name = nameOf(path);
  if (name.endsWith('.sse')) return 'segment';
  if (dirname(path).endsWith('/feeds')) return 'of a feed';
  return name.replace(/\.new$/, '') || '/';
}

/** The line of the journal that calls. */
function caller(): string {
  return /server\/feed\/journal\/([a-z-]+\.ts:\d+)/.exec(new Error().stack ?? '')?.[1] ?? 'test';
}

function failure(code: string, path: string): Error {
  return Object.assign(new Error(`${code}: ${path}`), { code });
}

function change(folder: Folder, ...names: FolderChange): void {
  folder.changes.push(names);
  setNames(folder.shown, names);
}

function setNames(target: Map<string, Inode | Folder>, names: FolderChange): void {
  for (const [name, node] of names) {
    if (node === undefined) target.delete(name);
    else target.set(name, node);
  }
}

function write(inode: Inode, bytes: Buffer, at: number): void {
  const one = { at, bytes };
  inode.changes.push(one);
  apply(inode, one);
}

function truncate(inode: Inode, length: number): void {
  inode.changes.push({ length });
  apply(inode, { length });
}

function apply(inode: Inode, one: Change): void {
  if ('length' in one) {
    inode.shown = Buffer.from(inode.shown.subarray(0, one.length));
    return;
  }
  const { at, bytes } = one;
  const shown = Buffer.alloc(Math.max(inode.shown.length, at + bytes.length));
  inode.shown.copy(shown);
  bytes.copy(shown, at);
  inode.shown = shown;
}
