import type { Cursor } from '../feed/cursor.ts';
import type { Located, Log, Start } from '../feed/log.ts';
import { comparePositions } from '../feed/position.ts';
import type { Feed } from '../feed/registry.ts';
import { catchUp } from './catch-up.ts';
import type { Channel } from './channel.ts';
import { Channels } from './channels.ts';
import { FanOut } from './fan-out.ts';
import type { Format } from './format.ts';
import { Latest } from './latest.ts';
import type { Outlet } from './outlet.ts';
import { copy, gapControl, type Reader, retryMs, say, untilClosed } from './reader.ts';
import { StallWatch } from './stall-watch.ts';
import { Subscriber } from './subscriber.ts';
import { TimerWheel } from './timer-wheel.ts';

export interface DeliveryOptions {
  readonly windowBytes: number;
  readonly stallTimeoutMs: number;
  /** Changes when the service restarts; told in `feed.open`. */
  readonly instance: string;
}

export interface Wish {
  readonly start: Start;
  /** Where a replay ends; undefined: at the head. */
  readonly until?: Start | undefined;
  readonly format: Format;
  readonly beatMs: number | undefined;
  /** Where the head was before the client was answered; where it is not given, a start at the head is found later. */
  readonly head?: Located;
  /** Given first, in place of what lies between its start and its end. */
  readonly latest?: Latest | undefined;
}

/** A feed that is followed already, for a client that has not been answered yet. */
export interface Attendance {
  readonly head: Located;
  release(): void;
}

const FIRST_LOOK_MS = 1_000;

/** What reads: gives feeds to clients, each from its own place, and lets them go when the service or the feed ends. */
export class Delivery {
  readonly #options: DeliveryOptions;
  readonly #fanOut = new FanOut();
  readonly #wheel = new TimerWheel();
  readonly #channels: Channels;
  readonly #readers = new Set<Reader>();
  /** Why the feeds that are no more have ended: a request for one may be on its way. */
  readonly #ended = new WeakMap<Feed, string>();
  #isClosed = false;

  constructor(options: DeliveryOptions) {
    this.#options = options;
    this.#channels = new Channels(options.windowBytes, this.#fanOut);
  }

  get readers(): number {
    return this.#readers.size;
  }

  /**
   * Begins to follow `feed` before a client is answered. The head of an answer is a promise: what is written after a client has
   * seen it must come.
   */
  async attend(feed: Feed, format: Format): Promise<Attendance> {
    const { channel, release } = await this.#channels.acquire(feed.log, format);
    channel.flush();
    return { head: { position: channel.head, cursor: channel.cursor, by: 'head' }, release };
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

  /** Follows `feed` for one client until the connection ends. The head of the answer has been sent. */
  async follow(feed: Feed, wish: Wish, outlet: Outlet): Promise<void> {
    const reader: Reader = { feed, format: wish.format, outlet, hasEnd: false };
    await this.#serve(reader, async () => {
      const { channel, release } = await this.#channels.acquire(feed.log, wish.format);
      try {
        await this.#followIn(channel, reader, wish);
      } finally {
        release();
      }
    });
  }

  /** Gives what `feed` holds from the start to where the wish ends, or its head as of now; then ends. */
  async replay(feed: Feed, wish: Wish, outlet: Outlet): Promise<void> {
    const reader: Reader = { feed, format: wish.format, outlet, hasEnd: true };
    await this.#serve(reader, async () => {
      const stall = new StallWatch(outlet, this.#options.stallTimeoutMs);
      this.#wheel.add(stall, FIRST_LOOK_MS);
      try {
        await this.#replayTo(reader, wish);
        outlet.end();
        await untilClosed(outlet);
      } finally {
        this.#wheel.remove(stall);
      }
    });
  }

  /** Lets everyone go who reads `feed`, which has ended, or everyone there is. */
  letGo(reason: string, feed?: Feed): void {
    if (feed !== undefined) this.#ended.set(feed, reason);
    for (const reader of [...this.#readers]) if (feed === undefined || reader.feed === feed) this.#close(reader, reason);
  }

  close(): void {
    this.#isClosed = true;
    this.letGo('shutdown');
    this.#wheel.close();
  }

  /** Does `work` for a reader that can be let go all the time. */
  async #serve(reader: Reader, work: () => Promise<void>): Promise<void> {
    const reason = this.#isClosed ? 'shutdown' : this.#ended.get(reader.feed);
    if (reason !== undefined) this.#close(reader, reason);
    if (!reader.outlet.isOpen) return;
    this.#readers.add(reader);
    try {
      await work();
    } catch (error) {
      // A search that ended because its client has left is no failure.
      if (error !== reader.outlet.closed.reason) throw error;
    } finally {
      this.#readers.delete(reader);
    }
  }

  async #followIn(channel: Channel, reader: Reader, { start, beatMs, head, latest }: Wish): Promise<void> {
    const { feed, outlet } = reader;
    const { log } = feed;
    channel.flush();
    const asked = start.at === 'head' && head !== undefined ? head : (latest?.start ?? (await log.locate(start, outlet.closed)));
    if (!outlet.isOpen) return;
    const isAhead = comparePositions(asked.position, channel.head) > 0;
    this.#sayOpen(reader, asked, isAhead ? asked.cursor : channel.cursor, latest);
    const located = latest === undefined ? asked : await this.#sayLatest(reader, latest);
    if (!outlet.isOpen) return;
    const { stallTimeoutMs } = this.#options;
    const subscriber = new Subscriber({ log, channel, outlet, located, beatMs, stallTimeoutMs });
    reader.place = subscriber;
    feed.readers += 1;
    this.#wheel.add(subscriber, FIRST_LOOK_MS);
    subscriber.start();
    await untilClosed(outlet);
    this.#wheel.remove(subscriber);
    feed.readers -= 1;
  }

  /** What comes behind this is all that comes. */
  async #sayLatest(reader: Reader, latest: Latest): Promise<Located> {
    const { format, outlet } = reader;
    const stall = new StallWatch(outlet, this.#options.stallTimeoutMs);
    this.#wheel.add(stall, FIRST_LOOK_MS);
    try {
      reader.place = latest.start;
      await copy(reader, latest.steps(format, outlet.closed));
      say(outlet, format.control('feed.latest', { field: latest.report.field, time: new Date().toISOString() }));
    } finally {
      this.#wheel.remove(stall);
    }
    return latest.end;
  }

  async #replayTo(reader: Reader, { start, until, latest }: Wish): Promise<void> {
    const { feed, format, outlet } = reader;
    const { log } = feed;
    if (latest !== undefined) {
      this.#sayOpen(reader, latest.start, latest.end.cursor, latest);
      return void (await this.#sayLatest(reader, latest));
    }
    // The start comes first: the last five of a feed that grows are five, and what has come since.
    const located = await log.locate(start, outlet.closed);
    const head = await log.locate({ at: 'head' }, outlet.closed);
    const end = until === undefined ? undefined : await log.locate(until, outlet.closed);
    this.#sayOpen(reader, located, head.cursor);
    reader.place = located;
    // Without its end, a range is not known: nothing of it is given rather than too much.
    if (end?.gap !== undefined) return say(outlet, gapControl(format, { ...end.gap, of: 'until' }, located.cursor));
    const last = located.page?.end ?? end?.position;
    const stretch = { from: located.position, until: last ?? head.position, signal: outlet.closed };
    await copy(reader, catchUp(log, format, stretch));
    if (!outlet.isOpen) return;
    if (last === undefined) await this.#sayUnfinished(log, head, format, outlet);
  }

  #sayOpen({ feed, format, outlet }: Reader, located: Located, head: Cursor, latest?: Latest): void {
    const { instance } = this.#options;
    const { cursor, by, gap, page, isLinear } = located;
    const open = {
      feed: feed.name,
      start: by,
      head,
      instance,
      ...(page === undefined ? {} : { atOldest: page.isOldest }),
      ...(isLinear === true ? { reading: 'linear' } : {}),
      ...(latest === undefined ? {} : { latest: latest.report }),
      time: new Date().toISOString(),
    };
    say(outlet, format.control('feed.open', open, cursor));
    if (gap !== undefined) say(outlet, gapControl(format, gap, cursor));
  }

  async #sayUnfinished(log: Log, head: Located, format: Format, outlet: Outlet): Promise<void> {
    for await (const batch of log.read(head.position, { signal: outlet.closed })) {
      if (batch.kind === 'notice' && batch.type === 'feed.partial') say(outlet, format.control(batch.type, batch.data));
      return;
    }
  }

  /** Ends one stream politely. Where the format has no word for it, an answer that is not whole is cut, so that it shows. */
  #close({ format, outlet, place, hasEnd }: Reader, reason: string): void {
    const retry = retryMs();
    const closing = format.control('feed.closing', { reason, retry }, place?.cursor);
    if (closing === undefined && hasEnd) outlet.destroy();
    if (format.key.startsWith('sse')) outlet.write(`retry: ${retry}\n`);
    say(outlet, closing);
    outlet.end();
  }
}
