import { basename } from 'node:path';
import type { Position } from '../position.ts';
import type { ArchiveCache } from './archive-cache.ts';
import { begunMs, type SourceStats } from './byte-source.ts';
import { findBetween } from './find-between.ts';
import { findCopy, type Place, tellingPlaces } from './find-copy.ts';
import { beginsWith, Generation } from './generation.ts';
import { mayFollow } from './rotated-name.ts';
import { closeAll, type Sibling } from './siblings.ts';
import { isCopyBefore, isFollowedBy, isOfOneTick } from './succession.ts';
import type { TailedPath } from './tailed-path.ts';

/** Replaced files that are kept open for readers who are still in them, besides the older parts that lie in the folder. */
const MAX_KEPT = 8;

/** The identities that a path has had, oldest first, as far as they are known. Ordinals are never used again; 0 is before the first. */
export class Generations {
  readonly #tailed: TailedPath;
  readonly #archives: ArchiveCache;
  readonly #isRaw: boolean;
  /** From the oldest part in the folder (negative ordinals, once they have been asked for) to what is read now. */
  #list: Generation[] = [];
  /** Opened to follow those in the list, once they are through. */
  readonly #opened = new Set<Generation>();
  #ordinal = 0;

  constructor(tailed: TailedPath, archives: ArchiveCache, isRaw: boolean) {
    this.#tailed = tailed;
    this.#archives = archives;
    this.#isRaw = isRaw;
  }

  get newest(): Generation | undefined {
    return this.#list.at(-1);
  }

  /** The generations whose content can be read, the oldest first, without a hole between them. */
  get readable(): readonly Generation[] {
    const lost = this.#list.findLastIndex((generation) => generation.fate !== 'readable');
    return this.#list.slice(lost + 1);
  }

  get all(): readonly Generation[] {
    return this.#list;
  }

  get(ordinal: number): Generation | undefined {
    return this.#list.find((generation) => generation.ordinal === ordinal);
  }

  after(ordinal: number): Generation | undefined {
    return this.#list.find((generation) => generation.ordinal > ordinal);
  }

  /** What the path names now; undefined where that is no regular file. */
  statPath(): Promise<SourceStats | undefined> {
    return this.#tailed.stat();
  }

  /**
   * What has taken the path over since `latest` was there, oldest first, opened and not yet in the list: what the path names now,
   * and before that the parts that have come and been rotated away between two looks.
   */
  async openSuccessors(latest: Generation | undefined): Promise<Generation[]> {
    const source = await this.#tailed.open();
    if (source === undefined) return [];
    // Its head comes first: if it is cut after that, that is found out; if before, its copy lies in the folder already.
    const current = await this.#make(this.#ordinal + 1, source, await source.stat());
    this.#opened.add(current);
    try {
      const between = latest === undefined ? [] : await this.openBetween(latest, [current]);
      return [...between, current];
    } catch (error) {
      await this.discard(current);
      throw error;
    }
  }

  /** The parts that came after `latest` and before those that follow it, opened and not yet in the list. */
  async openBetween(latest: Generation, following: readonly Generation[]): Promise<Generation[]> {
    if (latest.wasTruncated || latest.fate !== 'readable') return [];
    const between = await findBetween(latest, following, await this.#tailed.openSiblings(this.#archives), {
      current: await this.statPath().catch(() => undefined),
      isKnown: (stats) => this.#isKnown(stats),
      open: ({ source, stats }) => this.#make(this.#ordinal + 1, source, stats),
    });
    for (const generation of between) this.#opened.add(generation);
    return between;
  }

  /** What was opened to follow, and will not. */
  async discard(generation: Generation): Promise<void> {
    this.#opened.delete(generation);
    await generation.close();
  }

  /** Only now has it a place among the others, and an ordinal that lasts. */
  add(generation: Generation): void {
    this.#ordinal += 1;
    generation.ordinal = this.#ordinal;
    this.#opened.delete(generation);
    this.#list.push(generation);
  }

  /** Lets go of replaced files that are too many. */
  async trim(): Promise<void> {
    const live = this.#list.filter(({ ordinal }) => ordinal > 0);
    for (const generation of live.slice(0, Math.max(0, live.length - MAX_KEPT))) {
      // What is older than a part that is let go is let go with it: there are no holes in what is readable.
      const dropped = this.#list.splice(0, this.#list.indexOf(generation) + 1);
      await Promise.all(dropped.map((each) => each.close()));
    }
  }

  /**
   * The content of `generation` was destroyed: what the file holds now is another generation. A copy that was made before
   * (copytruncate) takes its place, if there is one that has what was `seen`.
   */
  async truncated(generation: Generation, seen: readonly Place[]): Promise<void> {
    if (generation.wasTruncated) return;
    generation.truncation ??= this.#truncate(generation, seen).finally(() => {
      generation.truncation = undefined;
    });
    await generation.truncation;
  }

  /** Resolves when no file is being found out about that was cut. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#list.map(({ truncation }) => truncation));
  }

  /**
   * Whether the file at `position` still holds what was seen there; where it was cut meanwhile, that is found out. `isNew`: it was opened
   * for who asks, and nobody else has been given a place in it, so that it is taken as it is now.
   */
  async isAsSeen({ generation: ordinal }: Position, isNew = false): Promise<boolean> {
    const generation = this.get(ordinal);
    if (generation === undefined || generation.isArchive || generation.fate !== 'readable' || generation.wasTruncated)
      return true;
    await generation.look();
    if (!generation.isCut && !generation.isRewritten) return true;
    await (isNew ? generation.beginAnew() : this.truncated(generation, []));
    return false;
  }

  /** Brings the newest generation up to what the path names now. For when nobody tails it; the tail has its own rules. */
  async refresh(): Promise<void> {
    const stats = await this.statPath();
    if (stats === undefined) return;
    const { newest } = this;
    if (newest === undefined || !newest.isSameFile(stats)) {
      for (const successor of await this.openSuccessors(newest)) this.add(successor);
      return this.trim();
    }
    const { head, size } = newest;
    await newest.look();
    const now = await newest.readHead();
    if (newest.size < size || newest.isRewritten || !beginsWith(now, head)) await this.truncated(newest, []);
  }

  /**
   * Whether an older part may be a copy of what the file held before it was cut (copytruncate), since it is younger than the file. Asked
   * once: from when it was opened on, it is found out when it is cut.
   */
  mayHaveCopies(generation: Generation): Promise<boolean> {
    generation.mayHaveCopies ??= this.#tailed.hasSiblingSince(generation.begunMs);
    return generation.mayHaveCopies;
  }

  /** Adds the older parts that lie in the folder, as far as they are not known yet. */
  async loadOlder(): Promise<void> {
    await this.#addOlder(await this.#tailed.openSiblings(this.#archives));
  }

  /** Adds the folder's other file that `fits`: for rotators whose names do not tell. Whether there was exactly one. */
  async loadOther(fits: (generation: Generation) => Promise<boolean>): Promise<boolean> {
    const others = await this.#unknown(await this.#tailed.openOthers(this.#archives));
    const fitting: { generation: Generation; name: string }[] = [];
    for (const { source, stats, path } of others) {
      const generation = await this.#make(this.#olderOrdinal(), source, stats);
      if (await fits(generation).catch(() => false)) fitting.push({ generation, name: basename(path) });
      else await generation.close();
    }
    const [only] = fitting;
    if (fitting.length !== 1 || only === undefined) {
      await Promise.all(fitting.map(({ generation }) => generation.close()));
      return false;
    }
    const { generation, name } = only;
    // Which of the files that came after it are parts of this log, no name tells.
    generation.isPerhapsFollowed = others.some(
      ({ stats, path }) => wasBornAfter(stats, generation) && mayFollow(basename(path), name),
    );
    this.#list.unshift(generation);
    return true;
  }

  async close(): Promise<void> {
    const closed = [...this.#list, ...this.#opened];
    this.#list = [];
    this.#opened.clear();
    await Promise.all(closed.map((generation) => generation.close()));
  }

  #olderOrdinal(): number {
    return Math.min(0, this.#list[0]?.ordinal ?? 0) - 1;
  }

  async #make(ordinal: number, source: Sibling['source'], stats: SourceStats): Promise<Generation> {
    const generation = new Generation(ordinal, source, stats, this.#isRaw);
    generation.head = await generation.readHead();
    return generation;
  }

  async #addOlder(siblings: Sibling[]): Promise<void> {
    const older = siblings.slice(0, await this.#placeOfOldest(siblings));
    await closeAll(siblings.slice(older.length));
    for (const { source, stats } of (await this.#unknown(older)).toReversed()) {
      const generation = await this.#make(this.#olderOrdinal(), source, stats);
      if ((await this.#isCompressedFormOfKnown(generation)) || (await this.#isCopyOfNewest(generation))) await generation.close();
      else this.#list.unshift(generation);
    }
  }

  /** Where, among `siblings`, what is known begins: parts that came after that are the tail's to find, not older. */
  async #placeOfOldest(siblings: readonly Sibling[]): Promise<number> {
    const place = siblings.findIndex(({ stats }) => this.#isKnown(stats));
    const end = place < 0 ? siblings.length : place;
    const [oldest] = this.#list;
    const current = await this.statPath().catch(() => undefined);
    const isThere = [current, ...siblings.map(({ stats }) => stats)].some((stats) => stats && oldest?.isSameFile(stats));
    if (oldest === undefined || isThere) return end;
    // It has been removed or compressed since. What no times tell to be older or newer is read first, and may have come after it.
    const isOlder = ({ stats }: Sibling) => !isFollowedBy(oldest, stats) || isOfOneTick(oldest, stats);
    const count = Math.min(end, siblings.findLastIndex(isOlder) + 1);
    if (siblings.slice(0, count).some(({ stats }) => isOfOneTick(oldest, stats))) oldest.isPerhapsFollowed = true;
    return count;
  }

  async #isCompressedFormOfKnown(archive: Generation): Promise<boolean> {
    for (const known of this.#list) if (await archive.isCompressedFormOf(known).catch(() => false)) return true;
    return false;
  }

  /** A copy of a file that has not been cut is no older part: it is found when that is cut. */
  async #isCopyOfNewest(part: Generation): Promise<boolean> {
    const { newest } = this;
    if (newest === undefined || newest.wasTruncated) return false;
    return isCopyBefore(part, newest).catch(() => false);
  }

  /** Those of `siblings` that are not in the list, also not under another name or compressed; the others are closed. */
  async #unknown(siblings: readonly Sibling[]): Promise<Sibling[]> {
    const current = await this.statPath().catch(() => undefined);
    const isKnown = ({ stats }: Sibling) =>
      this.#isKnown(stats) || (current !== undefined && current.ino === stats.ino && current.dev === stats.dev);
    await closeAll(siblings.filter(isKnown));
    return siblings.filter((sibling) => !isKnown(sibling));
  }

  #isKnown(stats: SourceStats): boolean {
    return [...this.#list, ...this.#opened].some((generation) => generation.isSameFile(stats));
  }

  async #truncate(generation: Generation, seen: readonly Place[]): Promise<void> {
    const stats = await generation.look();
    const renewed = generation === this.newest ? generation.renew(++this.#ordinal, stats) : undefined;
    const copy = await this.#findCopy(generation, renewed, seen).catch(async (error) => {
      await renewed?.close();
      throw error;
    });
    // Without a wait between them: whoever reads it meanwhile sees all of this or nothing.
    generation.wasTruncated = true;
    if (renewed !== undefined) this.#list.splice(this.#list.indexOf(generation) + 1, 0, renewed);
    if (copy === undefined) generation.fate = 'truncated';
    else await generation.adopt(copy);
  }

  async #findCopy(generation: Generation, renewed: Generation | undefined, seen: readonly Place[]) {
    await renewed?.look();
    const places = await tellingPlaces(generation, renewed, seen);
    if (places.length === 0) return undefined;
    const siblings = await this.#tailed.openSiblings(this.#archives);
    const own = siblings.findIndex(({ stats }) => generation.isSameFile(stats));
    const current = await this.statPath().catch(() => undefined);
    const isGone = own < 0 && !(current !== undefined && generation.isSameFile(current));
    // Parts behind the file itself came after it, however alike they begin; so did, where it is gone, what is younger than its end.
    const older = siblings.filter(({ stats }, index) => (isGone ? !wasBornAfter(stats, generation) : own < 0 || index < own));
    const unknown = older.filter(({ stats }) => !this.#isKnown(stats));
    await closeAll(siblings.filter((sibling) => !unknown.includes(sibling)));
    return findCopy(generation, unknown, { places, open: ({ source, stats }) => this.#make(0, source, stats) });
  }
}

/** Whether a file was begun when the generation had its last line. */
function wasBornAfter(stats: SourceStats, { mtimeMs: endMs }: Generation): boolean {
  return begunMs(stats) > endMs;
}
