import { setImmediate as turn } from 'node:timers/promises';
import { EarlyNews } from '../early-news.ts';
import type { Follower, Following, ReadableLog } from '../log.ts';
import type { Position } from '../position.ts';
import type { Feed } from '../registry.ts';
import { stepOf, tell } from './set-batch.ts';
import { type Members, SetPosition } from './set-position.ts';
import type { Vector } from './vector.ts';

/** What names at most a `feed.skipped` holds. */
const MAX_NAMES = 10;

/** Feeds that are not read: there are too many, one cannot be followed, or is not there (any more). */
export interface Skipped {
  readonly names: readonly string[];
  readonly reason: 'limit' | 'unreadable' | 'unknown-feed' | 'too-many-filters';
}

export type SetChange =
  | { readonly type: 'added' | 'removed'; readonly feed: Feed }
  | { readonly type: 'skipped'; readonly skipped: Skipped };

/** Which feeds are to be followed. */
export interface Membership extends Members {
  readonly feeds: ReadonlySet<Feed>;
  readonly awaited: Vector;
  logOf(feed: Feed): ReadableLog;
  onChange(listener: (change: SetChange) => void): () => void;
  /** Reads `feed` no longer, since it cannot be followed. */
  expel(feed: Feed): void;
  /** `feed` has left; all that it has told is before this place. */
  noteEnd(feed: Feed, position: Position): void;
}

/** Follows several logs as one: puts what they tell into one order, and goes on doing so while feeds come and go. */
export class Merging {
  readonly #set: Membership;
  readonly #follower: Follower;
  readonly #followings = new Map<Feed, Following>();
  readonly #unfinished = new Set<Feed>();
  #at: SetPosition;
  #isStopped = false;
  #stopListening: () => void = () => undefined;
  /** Changes are made one at a time, in order. */
  #turn: Promise<void>;

  static async begin(set: Membership, follower: Follower): Promise<Following> {
    const merging = new Merging(set, follower);
    merging.#stopListening = set.onChange((change) => merging.#later(() => merging.#change(change)));
    try {
      const releases: (() => void)[] = [];
      await merging.#joinAll((release) => releases.push(release));
      const at = merging.#at;
      for (const release of releases) release();
      return {
        position: at,
        cursor: at.cursor,
        partial: null,
        stop: () => merging.#stop(),
        get isBehind() {
          return [...merging.#followings.values()].some(({ isBehind }) => isBehind);
        },
      };
    } catch (error) {
      merging.#stop();
      throw error;
    } finally {
      merging.#begun();
    }
  }

  #begun: () => void = () => undefined;

  private constructor(set: Membership, follower: Follower) {
    this.#set = set;
    this.#follower = follower;
    this.#at = SetPosition.empty(set, set.awaited);
    this.#turn = new Promise((resolve) => {
      this.#begun = resolve;
    });
  }

  #stop(): void {
    this.#isStopped = true;
    this.#stopListening();
    for (const following of this.#followings.values()) following.stop();
    this.#followings.clear();
  }

  /** Follows `feed` from its head on. `onJoined` is called in the turn in which the place has it; what it tells is held until `release`. */
  async #join(feed: Feed, onJoined: (release: () => void) => void): Promise<void> {
    const news = new EarlyNews();
    const following = await this.#set.logOf(feed).follow(news);
    const { position, cursor, partial } = following;
    if (this.#isStopped || !this.#set.has(feed)) {
      following.stop();
      return;
    }
    this.#followings.set(feed, following);
    this.#at = this.#at.with(feed, { position, cursor });
    onJoined(() => {
      const follower = this.#toldBy(feed);
      if (partial !== null) follower.partial(partial);
      news.release(follower);
    });
  }

  /** Where one of several cannot be followed, the others are. */
  async #joinAll(onJoined: (release: () => void) => void): Promise<void> {
    const feeds = [...this.#set.feeds];
    const joined = await Promise.allSettled(feeds.map((feed) => this.#join(feed, onJoined)));
    const failed = joined.filter((one) => one.status === 'rejected');
    if (failed.length === feeds.length && failed[0] !== undefined) throw failed[0].reason;
    for (const [index, { status }] of joined.entries()) if (status === 'rejected') this.#set.expel(feeds[index] as Feed);
  }

  #toldBy(feed: Feed): Follower {
    return {
      batch: (batch) => {
        if (!this.#followings.has(feed)) return;
        if (batch.kind === 'events') this.#unfinished.delete(feed);
        const step = stepOf(this.#at, feed, batch);
        this.#at = step.to;
        this.#follower.batch(step);
      },
      partial: (partial) => {
        if (!this.#followings.has(feed)) return;
        if (partial === null) this.#unfinished.delete(feed);
        else this.#unfinished.add(feed);
        this.#follower.partial(partial, feed.name);
      },
    };
  }

  #later(work: () => Promise<void>): void {
    this.#turn = this.#turn.then(async () => {
      if (!this.#isStopped) await work();
    });
  }

  async #change(change: SetChange): Promise<void> {
    if (change.type === 'skipped') this.#tell(this.#at, 'feed.skipped', skippedData(change.skipped));
    else if (change.type === 'added') await this.#add(change.feed);
    else await this.#remove(change.feed);
  }

  /** Readers find out by themselves what `feed` held before, each at its own speed: the place jumps. */
  async #add(feed: Feed): Promise<void> {
    if (!this.#set.has(feed) || this.#followings.has(feed)) return;
    try {
      await this.#join(feed, (release) => {
        this.#follower.jump?.(this.#at, this.#at.cursor);
        release();
      });
    } catch {
      this.#set.expel(feed);
    }
  }

  async #remove(feed: Feed): Promise<void> {
    // A log that is closed tells what it has first.
    await turn();
    const following = this.#followings.get(feed);
    await following?.settle?.();
    if (following === undefined || this.#isStopped) return;
    if (this.#unfinished.delete(feed)) this.#follower.partial(null, feed.name);
    this.#followings.delete(feed);
    following.stop();
    const place = this.#at.of.get(feed);
    if (place !== undefined) this.#set.noteEnd(feed, place.position);
    this.#tell(this.#at.without(feed), 'feed.removed', { feed: feed.name, time: new Date().toISOString() });
  }

  #tell(to: SetPosition, type: 'feed.removed' | 'feed.skipped', data: Readonly<Record<string, unknown>>): void {
    const step = tell(this.#at, to, type, data);
    this.#at = to;
    this.#follower.batch(step);
  }
}

/** What clients are told of feeds that are not read. */
export function skippedData({ names, reason }: Skipped): Readonly<Record<string, unknown>> {
  return { reason, count: names.length, feeds: names.slice(0, MAX_NAMES), time: new Date().toISOString() };
}
