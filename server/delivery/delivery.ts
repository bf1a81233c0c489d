import { setTimeout as sleep } from 'node:timers/promises';
import { FilteredFeed } from '../feed/filter/filtered-feed.ts';
import type { Located, Start } from '../feed/log.ts';
import { comparePositions } from '../feed/position.ts';
import type { Feed } from '../feed/registry.ts';
import { FeedSet } from '../feed/set/feed-set.ts';
import type { Channel } from './channel.ts';
import { Channels } from './channels.ts';
import { type Connection, Connections } from './connections.ts';
import { FanOut } from './fan-out.ts';
import type { Figures } from './figures.ts';
import type { Format } from './format.ts';
import { headOf } from './head-of.ts';
import { inSlices } from './in-slices.ts';
import { inTurn } from './in-turn.ts';
import { Latest } from './latest.ts';
import type { Readable } from './opening.ts';
import type { Outlet } from './outlet.ts';
import { dismiss, type Reader, untilClosed } from './reader.ts';
import { Readers } from './readers.ts';
import { Subscriber } from './subscriber.ts';
import { FIRST_LOOK_MS, Telling } from './telling.ts';
import { TimerWheel } from './timer-wheel.ts';
import type { Attendance, Left, Stage, Wish } from './wish.ts';

export interface DeliveryOptions {
  readonly windowBytes: number;
  readonly stallTimeoutMs: number;
  /** Changes when the service restarts; told in `feed.open`. */
  readonly instance: string;
}

/** How often a drain looks whether all have left. */
const LEFT_LOOK_MS = 20;

/** What reads: gives feeds to clients, each from its own place, and lets them go when the service or the feed ends. */
export class Delivery {
  readonly #options: DeliveryOptions;
  readonly #fanOut = new FanOut();
  readonly #wheel = new TimerWheel();
  readonly #channels: Channels;
  readonly #telling: Telling;
  readonly #readers = new Readers();
  readonly #connections = new Connections();
  /** Why the feeds that are no more have ended: a request for one may be on its way. */
  readonly #ended = new WeakMap<Readable, string>();
  #isDraining = false;
  readonly #closing = new AbortController();

  constructor(options: DeliveryOptions) {
    this.#options = options;
    this.#channels = new Channels(options.windowBytes, this.#fanOut);
    this.#telling = new Telling({ ...options, wheel: this.#wheel, fanOut: this.#fanOut });
  }

  get readers(): number {
    return this.#readers.size;
  }

  /** Who reads now. */
  get connected(): Readers {
    return this.#readers;
  }

  get figures(): Figures {
    return this.#fanOut.figures;
  }

  /** Whether nobody is let in any more. */
  get isDraining(): boolean {
    return this.#isDraining;
  }

  /**
   * Begins to follow `feed` before a client is answered. The head of an answer is a promise: what is written after a client has
   * seen it must come.
   */
  async attend(feed: Readable, format: Format): Promise<Attendance> {
    const { channel, release } = await this.#channels.acquire(feed.log, format);
    try {
      return { head: await headOf(feed, channel), release };
    } catch (error) {
      release();
      throw error;
    }
  }

  /** The newest event for each value of `field`, from `start` up to the head there is, for a client that has not been answered yet. */
  async findLatest(
    feed: Feed,
    field: string,
    start: Start,
    { head, signal }: { head?: Located; signal: AbortSignal },
  ): Promise<Latest> {
    const { log } = feed;
    const end = head ?? (await log.locate({ at: 'head' }, signal));
    const found = await log.locate(start, signal);
    const located = comparePositions(found.position, end.position) > 0 ? end : found;
    return Latest.find(log, { field, start: located, end }, signal);
  }

  /**
   * Follows `feed` for one client until the connection ends. The head of the answer has been sent. Resolves when it has begun: who waited
   * for the end would hold on to all that was asked, for thousands of readers. Of several feeds, which may change, it resolves at the end.
   */
  async follow(feed: Readable, wish: Wish, outlet: Outlet): Promise<void> {
    if (feed instanceof FeedSet) return this.#followSet(feed, wish, outlet);
    const reader: Reader = { ...this.#readers.next(), feed, format: wish.format, outlet, hasEnd: false };
    await this.#serve(reader, async () => {
      const stage = await this.#begin(reader, wish);
      if (stage !== undefined) outlet.whenClosed(() => void stage.leave());
    });
  }

  async #followSet(feed: FeedSet, wish: Wish, outlet: Outlet): Promise<void> {
    const connection = this.#connections.add(wish.format, feed.filter);
    const reader: Reader = { ...this.#readers.next(), feed, format: wish.format, outlet, hasEnd: false, connection };
    try {
      await this.#serve(reader, () => this.#followChanging(reader, wish, connection));
    } finally {
      this.#connections.remove(connection);
    }
  }

  /** The live connection with this id, whose feeds can be changed. */
  connection(id: string): Connection | undefined {
    return this.#connections.get(id);
  }

  /** Gives what `feed` holds from the start to where the wish ends, or its head as of now; then ends. */
  async replay(feed: Readable, wish: Wish, outlet: Outlet): Promise<void> {
    const reader: Reader = { ...this.#readers.next(), feed, format: wish.format, outlet, hasEnd: true };
    const whole = async () => {
      await this.#telling.history(reader, wish);
      outlet.end();
      await untilClosed(outlet);
    };
    await this.#serve(reader, () => this.#telling.watched(outlet, whole));
  }

  /** Lets everyone go who reads `feed`, which has ended: those who read from its log at once, since that may be closed then. Or everyone. */
  letGo(reason: string, feed?: Readable): void {
    if (feed !== undefined) this.#ended.set(feed, reason);
    const readers = feed === undefined ? this.#readers.all : this.#readers.all.filter((reader) => isOf(reader.feed, feed));
    const isAtOnce = ({ place }: Reader) => feed === undefined || typeof place?.bytesBehind !== 'number';
    for (const reader of readers.filter(isAtOnce)) dismiss(reader, reason);
    const others = readers.filter((reader) => !isAtOnce(reader));
    inSlices(others, (reader) => dismiss(reader, reason));
  }

  /**
   * Lets everyone go, one after the other, so that they do not come back all at once; nobody new is let in. Resolves when all have left
   * or `withinMs` are over: the first half is for letting go, the rest for those who are slow to take what is on its way.
   */
  async drain(withinMs: number): Promise<void> {
    const endAt = performance.now() + withinMs;
    const { signal } = this.#closing;
    this.#isDraining = true;
    await inTurn(this.#readers.all, withinMs / 2, (reader) => dismiss(reader, 'shutdown'), signal);
    while (this.#readers.size > 0 && performance.now() < endAt && !signal.aborted)
      await sleep(LEFT_LOOK_MS, undefined, { signal }).catch(() => undefined);
  }

  close(): void {
    this.#isDraining = true;
    this.#closing.abort();
    this.letGo('shutdown');
    this.#wheel.close();
  }

  /** Does `work` for a reader that can be let go all the time. */
  async #serve(reader: Reader, work: () => Promise<void>): Promise<void> {
    this.#fanOut.someoneComes();
    const reason = this.#isDraining ? 'shutdown' : this.#whyEnded(reader.feed);
    if (reason !== undefined) dismiss(reader, reason);
    if (!reader.outlet.isOpen) return;
    this.#readers.add(reader);
    reader.outlet.whenClosed(() => this.#readers.remove(reader));
    try {
      await work();
    } catch (error) {
      // A search that ended because its client has left, or has been let go, is no failure.
      if (error !== reader.outlet.closed.reason && reader.outlet.isOpen) throw error;
    }
  }

  #whyEnded(feed: Readable): string | undefined {
    if (feed instanceof FeedSet) return feed.hasEnded ? 'unavailable' : undefined;
    return this.#ended.get(feed) ?? this.#ended.get(sourceOf(feed));
  }

  /** Goes on in other feeds each time they are changed, in those that stay where it was. */
  async #followChanging(reader: Reader, wish: Wish, connection: Connection): Promise<void> {
    let left = await this.#followStage(reader, wish, connection);
    while (left !== undefined) {
      const { change, from, position } = left;
      reader.feed = change.set;
      const head = change.set.movedFrom(from, position, change.head.position);
      try {
        left = await this.#followStage(reader, { ...wish, start: { at: 'head' }, head }, connection);
      } finally {
        change.release();
      }
    }
  }

  /** Follows until the connection ends or has been given other feeds: then the answer is where it was left. */
  async #followStage(reader: Reader, wish: Wish, connection: Connection): Promise<Left | undefined> {
    const { feed, outlet } = reader;
    const stage = await this.#begin(reader, wish);
    if (stage === undefined) return undefined;
    const change = await connection.next(outlet.closed);
    await stage.leave();
    return change === undefined || !(feed instanceof FeedSet)
      ? undefined
      : { change, from: feed, position: stage.subscriber.position };
  }

  /** Begins to deliver, until `leave` is called; undefined where the client has left. */
  async #begin(reader: Reader, wish: Wish): Promise<Stage | undefined> {
    const { feed, format } = reader;
    const { channel, release } = await this.#channels.acquire(feed.log, format);
    const subscriber = await this.#subscribe(channel, reader, wish).catch((error: unknown) => {
      release();
      throw error;
    });
    if (subscriber === undefined) return void release();
    feed.readers += 1;
    this.#wheel.add(subscriber, FIRST_LOOK_MS);
    subscriber.start();
    const leave = async () => {
      await subscriber.stop();
      this.#wheel.remove(subscriber);
      feed.readers -= 1;
      release();
    };
    return { subscriber, leave };
  }

  async #subscribe(channel: Channel, reader: Reader, { start, beatMs, head, latest }: Wish): Promise<Subscriber | undefined> {
    const { outlet, feed } = reader;
    const { log } = feed;
    const asked = start.at === 'head' && head !== undefined ? head : (latest?.start ?? (await log.locate(start, outlet.closed)));
    if (!outlet.isOpen) return undefined;
    const { told } = channel;
    const isAhead = comparePositions(asked.position, told.position) > 0;
    this.#telling.open(reader, asked, isAhead ? asked.cursor : told.cursor, latest);
    const located = latest === undefined ? asked : await this.#telling.latest(reader, latest);
    if (!outlet.isOpen) return undefined;
    const { stallTimeoutMs } = this.#options;
    const subscriber = new Subscriber({ log, channel, outlet, located, beatMs, stallTimeoutMs });
    reader.place = subscriber;
    if (reader.connection !== undefined) reader.connection.place = subscriber;
    return subscriber;
  }
}

/** Whether who reads `feed` cannot do so without `ended`. Of several feeds, one that is removed is told and the others go on. */
function isOf(feed: Readable, ended: Readable): boolean {
  if (feed instanceof FeedSet) return feed === ended || (ended instanceof FilteredFeed && feed.reads(ended));
  return feed === ended || sourceOf(feed) === ended;
}

/** The feed that a filter looks at. */
function sourceOf(feed: Readable): Readable {
  return feed instanceof FilteredFeed ? feed.source : feed;
}
