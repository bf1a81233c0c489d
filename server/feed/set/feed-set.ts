import type { Filter } from '../filter/filter.ts';
import type { FilteredFeed } from '../filter/filtered-feed.ts';
import type { Follower, Following, Located, ReadableLog, ReadOptions, Start } from '../log.ts';
import type { FeedName } from '../name.ts';
import type { Position } from '../position.ts';
import type { Feed, Registry } from '../registry.ts';
import { locateIn, locateSet } from './locate-set.ts';
import type { MemberLogs } from './member-logs.ts';
import { Merging, type SetChange, type Skipped } from './merging.ts';
import type { Selection } from './selection.ts';
import type { SetStep } from './set-batch.ts';
import { SetPosition } from './set-position.ts';
import { readSet } from './set-reading.ts';
import { MAX_FEEDS, type Vector } from './vector.ts';

/**
 * The feeds that a selection chooses now, read as one log: positions are places in each of them, cursors are vectors. Those of feeds that
 * are not here now (`awaited`) are carried along. It ends with `close`, and those who follow it before.
 */
export class FeedSet implements ReadableLog {
  readonly log = this;
  readonly awaited: Vector;
  readonly #selection: Selection;
  readonly #logs: MemberLogs;
  readonly #feeds = new Set<Feed>();
  /** Those that are read through too many other filters. */
  readonly #refused = new Set<Feed>();
  /** Those that a pattern matches beyond the limit, in the order in which they take the places of others. */
  readonly #waiting = new Set<Feed>();
  readonly #listeners = new Set<(change: SetChange) => void>();
  /** Where feeds that came later begin, for all who read them from there. */
  readonly #starts = new WeakMap<Feed, Promise<Located>>();
  readonly #ends = new WeakMap<Feed, Position>();
  readonly #stopListening: () => void;
  #newlyWaiting: FeedName[] = [];
  #readers = 0;

  constructor(selection: Selection, awaited: Vector, registry: Registry, logs: MemberLogs) {
    this.awaited = awaited;
    this.#selection = selection;
    this.#logs = logs;
    const named = selection.names.map((name) => registry.get(name)).filter((feed) => feed !== undefined);
    const matched = registry.list().filter(({ name }) => selection.matches(name));
    for (const feed of new Set([...named, ...matched]))
      if (this.#feeds.size === MAX_FEEDS) this.#waiting.add(feed);
      else if (logs.open(feed)) this.#feeds.add(feed);
      else this.#refused.add(feed);
    this.#stopListening = registry.onChange(({ type, feed }) => (type === 'added' ? this.#add(feed) : this.#remove(feed)));
  }

  get feeds(): ReadonlySet<Feed> {
    return this.#feeds;
  }

  /** Through which all of them are read. */
  get filter(): Filter | undefined {
    return this.#logs.filter;
  }

  /** Whether nothing is read since all there is, is read through too many other filters. */
  get isRefused(): boolean {
    return this.#feeds.size === 0 && this.#refused.size > 0;
  }

  /** Whether what a filter shows of one of them cannot be found out any more. */
  get hasEnded(): boolean {
    return this.#logs.hasEnded;
  }

  /** What is read of `feed`. */
  logOf(feed: Feed): ReadableLog {
    return this.#logs.of(feed);
  }

  reads(view: FilteredFeed): boolean {
    return this.#logs.has(view);
  }

  /** Tells all who follow of what has been hidden from them until now. */
  flush(): void {
    this.#logs.flush();
  }

  /** What has been asked for and is not read now. */
  get skipped(): Skipped[] {
    const waiting = [...this.#waiting].map(({ name }) => name);
    const refused = [...this.#refused].map(({ name }) => name);
    const there = new Set<string>([...this.#feeds, ...this.#waiting, ...this.#refused].map(({ name }) => name));
    const unknown = this.#selection.names.filter((name) => !there.has(name));
    const skipped: Skipped[] = [
      { names: waiting, reason: 'limit' },
      { names: refused, reason: 'too-many-filters' },
      { names: unknown, reason: 'unknown-feed' },
    ];
    return skipped.filter(({ names }) => names.length > 0);
  }

  /** Connections that read the feeds together; each feed counts them among its own. */
  get readers(): number {
    return this.#readers;
  }

  set readers(count: number) {
    for (const feed of this.#feeds) feed.readers += count - this.#readers;
    this.#readers = count;
  }

  /** Whether a place in `feed` is one that is yet to be reached. */
  has(feed: Feed): boolean {
    return this.#feeds.has(feed);
  }

  locate(start: Start, signal: AbortSignal): Promise<Located> {
    return locateSet(this, start, signal);
  }

  /**
   * Where one goes on who has read `other` until now: feeds that are in both where they were, the others at `head`. What is left out
   * is yet to come to that reader: it has been added a moment ago, or is back.
   */
  movedFrom(other: FeedSet, position: Position, head: Position): Located {
    const [was, now] = [position as SetPosition, head as SetPosition];
    let at = SetPosition.empty(this, was.left);
    const each = [];
    for (const [feed, place] of now.of) {
      const kept = was.of.get(feed);
      if (kept === undefined && (other.has(feed) || was.left.cursorsOf([feed.name]).size > 0)) continue;
      at = at.with(feed, kept ?? place);
      each.push({ feed: feed.name, located: { ...(kept ?? place), by: kept === undefined ? 'head' : 'kept' } });
    }
    return { position: at, cursor: at.cursor, by: 'changed', each };
  }

  read(from: Position, options: ReadOptions): AsyncIterable<SetStep> {
    return readSet(from as SetPosition, options, this);
  }

  follow(follower: Follower): Promise<Following> {
    return Merging.begin(this, follower);
  }

  onChange(listener: (change: SetChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Where a feed begins for one who has never seen it, or goes on for one who has before it left. */
  async startIn(feed: Feed, from: SetPosition, signal: AbortSignal): Promise<Located> {
    const cursor = from.left.cursorsOf([feed.name]).get(feed.name);
    const log = this.logOf(feed);
    if (cursor !== undefined) return locateIn(log, cursor, signal);
    return (await this.#starts.get(feed)) ?? log.locate({ at: 'oldest' }, signal);
  }

  /** Where a feed that has left has ended; undefined where nobody has followed it until then. */
  endOf(feed: Feed): Position | undefined {
    return this.#ends.get(feed);
  }

  noteEnd(feed: Feed, position: Position): void {
    this.#ends.set(feed, position);
  }

  /** Reads `feed` no longer, since it cannot be followed. */
  expel(feed: Feed): void {
    this.#remove(feed);
    this.#tell({ type: 'skipped', skipped: { names: [feed.name], reason: 'unreadable' } });
  }

  /** Reads those that other filters kept it from, if there is room now. */
  retry(): void {
    for (const feed of this.#refused) {
      if (this.#feeds.size === MAX_FEEDS || !this.#logs.open(feed)) return;
      this.#refused.delete(feed);
      this.#begin(feed);
    }
  }

  close(): void {
    this.#stopListening();
    this.#listeners.clear();
    this.readers = 0;
    this.#logs.closeAll();
  }

  #add(feed: Feed): void {
    if (!this.#selection.names.includes(feed.name) && !this.#selection.matches(feed.name)) return;
    if (this.#feeds.size < MAX_FEEDS) this.#take(feed);
    else this.#wait(feed);
  }

  #wait(feed: Feed): void {
    this.#waiting.add(feed);
    if (this.#newlyWaiting.length === 0) setImmediate(() => this.#tellWaiting());
    this.#newlyWaiting.push(feed.name);
  }

  #take(feed: Feed): void {
    if (this.#logs.open(feed)) this.#begin(feed);
    else {
      this.#refused.add(feed);
      this.#tell({ type: 'skipped', skipped: { names: [feed.name], reason: 'too-many-filters' } });
    }
  }

  /** Its start is found now: what its log drops before someone has read it is then a gap. */
  #begin(feed: Feed): void {
    this.#feeds.add(feed);
    feed.readers += this.#readers;
    const start = this.logOf(feed).locate({ at: 'oldest' }, new AbortController().signal);
    start.catch(() => undefined);
    this.#starts.set(feed, start);
    this.#tell({ type: 'added', feed });
  }

  #remove(feed: Feed): void {
    this.#waiting.delete(feed);
    this.#refused.delete(feed);
    if (!this.#feeds.delete(feed)) return;
    this.#logs.close(feed);
    feed.readers -= this.#readers;
    this.#tell({ type: 'removed', feed });
    const [next] = this.#waiting;
    if (next === undefined) return;
    this.#waiting.delete(next);
    this.#take(next);
  }

  #tellWaiting(): void {
    const names = this.#newlyWaiting;
    this.#newlyWaiting = [];
    this.#tell({ type: 'skipped', skipped: { names, reason: 'limit' } });
  }

  #tell(change: SetChange): void {
    for (const listener of this.#listeners) listener(change);
  }
}
