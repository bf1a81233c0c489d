import { severalUrl } from '../connection/address.ts';
import { SILENCE_MS } from '../connection/feed-connection.ts';
import { readDirectly, type StreamEnd } from '../connection/read-stream.ts';
import type { StreamEvent } from '../connection/sse-events.ts';
import { feedParts } from './feed-parts.ts';
import { LinkFeeds } from './link-feeds.ts';
import { parseTold, type Told } from './told.ts';

/** One who reads a feed by the connection. */
export interface Follower {
  event(event: StreamEvent): void;
  /** The connection lives. */
  beat(event: StreamEvent): void;
  /** What comes from now on does not follow what has come. */
  interrupted(): void;
  over(end: StreamEnd): void;
}

export interface LinkOptions {
  /** Before each address: where the service is, if not where the script came from. */
  readonly base: string;
  /** It reads: the service answers. */
  opened(): void;
  over(): void;
}

/** Every connection reads it, so that there is always one feed to read. It says at most one thing a second. */
export const ALWAYS = 'livefeed/feeds';
/** A tab that goes to another feed leaves the one before it comes to the other; a page that is loaded anew leaves all. */
const LINGER_MS = 1_000;

/** One connection to the service, by which several tabs read several feeds. It ends with the last of them, and is not opened again. */
export class Link {
  readonly #options: LinkOptions;
  readonly #abort = new AbortController();
  readonly #followers = new Map<string, Set<Follower>>();
  /** Behind what has come of each feed that it reads. */
  #places = new Map<string, string>();
  /** The unfinished last lines. */
  readonly #unfinished = new Map<string, StreamEvent>();
  readonly #feeds: LinkFeeds;
  #silence: ReturnType<typeof setTimeout> | undefined;
  #linger: ReturnType<typeof setTimeout> | undefined;
  /** Why it is over; undefined while it is not. */
  end: StreamEnd | undefined;

  constructor(options: LinkOptions) {
    this.#options = options;
    this.#feeds = new LinkFeeds({
      base: options.base,
      signal: this.#abort.signal,
      isRead: (feed) => this.#places.has(feed),
      wanted: () => [...this.#wanted()].filter((feed) => this.#places.has(feed)),
      isUnwanted: () => [...this.#places.keys()].some((feed) => !this.#wanted().has(feed)),
    });
    // Who has asked for it is to be among those that it begins with.
    queueMicrotask(() => void this.#read());
  }

  /** The feeds that it reads for somebody, or is about to. */
  get size(): number {
    return this.#wanted().size;
  }

  has(feed: string): boolean {
    return this.#wanted().has(feed);
  }

  placeOf(feed: string): string | undefined {
    return this.#places.get(feed);
  }

  unfinishedOf(feed: string): StreamEvent | undefined {
    return this.#unfinished.get(feed);
  }

  /** Nothing comes before `reads` has said that the feed is read. */
  follow(feed: string, follower: Follower): void {
    const followers = this.#followers.get(feed) ?? new Set();
    this.#followers.set(feed, followers.add(follower));
  }

  unfollow(feed: string, follower: Follower): void {
    const followers = this.#followers.get(feed);
    followers?.delete(follower);
    if (followers?.size === 0) this.#followers.delete(feed);
    clearTimeout(this.#linger);
    if (this.end === undefined) this.#linger = setTimeout(() => this.#leave(), LINGER_MS);
  }

  /** Whether the feed is read, now that it has been asked for; false where the service does not give it. */
  async reads(feed: string): Promise<boolean> {
    return this.end === undefined && (this.#places.has(feed) || (await this.#feeds.ask(feed)));
  }

  close(end: StreamEnd): void {
    if (this.end !== undefined) return;
    this.end = end;
    clearTimeout(this.#silence);
    clearTimeout(this.#linger);
    this.#abort.abort();
    this.#options.over();
    for (const follower of this.#all()) follower.over(end);
  }

  #wanted(): Set<string> {
    return new Set([ALWAYS, ...this.#followers.keys()]);
  }

  /** Feeds that are not there are left out: who wants one is told when that is asked for by itself. */
  async #read(): Promise<void> {
    const feeds = this.#wanted();
    for (;;) {
      this.#awaitSign();
      const end = await readDirectly(`${this.#options.base}${severalUrl(feeds)}`, {
        signal: this.#abort.signal,
        take: (events) => this.#take(events),
      });
      const { code, feed } = end.refusal ?? {};
      if (code !== 'unknown-feed' || feed === undefined || !feeds.delete(feed) || feeds.size === 0) return this.close(end);
    }
  }

  #awaitSign(): void {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => this.close({ isSilent: true }), SILENCE_MS);
  }

  #leave(): void {
    if (this.#followers.size === 0) this.close({});
    else this.#feeds.shrink();
  }

  #take(events: readonly StreamEvent[]): void {
    if (this.end !== undefined) return;
    this.#awaitSign();
    for (const event of events)
      if (event.type === 'message') this.#lines(event.data);
      else this.#control(event, parseTold(event.data));
  }

  #lines(data: string): void {
    for (const { feed, id, data: own } of feedParts(data)) {
      if (!this.#places.has(feed)) continue;
      this.#places.set(feed, id);
      this.#unfinished.delete(feed);
      this.#tell(feed, { type: 'message', data: own, id });
    }
  }

  #control(event: StreamEvent, told: Told): void {
    switch (event.type) {
      case 'feed.open':
        this.#open(told);
        break;
      case 'feed.beat':
        for (const follower of this.#all()) follower.beat(event);
        break;
      case 'feed.closing':
        for (const follower of this.#all()) follower.event({ ...event, id: undefined });
        break;
      case 'feed.removed':
        this.#removed(told.feed ?? '');
        break;
      default:
        if (told.feed !== undefined && this.#places.has(told.feed)) this.#ofFeed(told.feed, event, told);
    }
  }

  #ofFeed(feed: string, { type, data }: StreamEvent, { id, data: text }: Told): void {
    const event = { type, data, id };
    if (id !== undefined) this.#places.set(feed, id);
    if (type === 'feed.partial' && typeof text === 'string') this.#unfinished.set(feed, event);
    else if (type === 'feed.partial') this.#unfinished.delete(feed);
    this.#tell(feed, event);
  }

  /** It begins, or its feeds have been changed. */
  #open({ feeds = [], connection, start }: Told): void {
    const was = this.#places;
    this.#places = new Map();
    for (const { feed, id, start: how } of feeds) {
      if (typeof feed !== 'string' || typeof id !== 'string') continue;
      this.#places.set(feed, id);
      if (how === 'kept') was.delete(feed);
    }
    for (const feed of was.keys()) {
      this.#unfinished.delete(feed);
      for (const follower of this.#followers.get(feed) ?? []) follower.interrupted();
    }
    if (start !== 'changed') this.#options.opened();
    this.#feeds.opened(connection);
  }

  #removed(feed: string): void {
    this.#places.delete(feed);
    this.#unfinished.delete(feed);
    this.#tell(feed, { type: 'feed.closing', data: '{"reason":"removed"}', id: undefined });
  }

  #tell(feed: string, event: StreamEvent): void {
    for (const follower of this.#followers.get(feed) ?? []) follower.event(event);
  }

  #all(): Follower[] {
    return [...this.#followers.values()].flatMap((followers) => [...followers]);
  }
}
