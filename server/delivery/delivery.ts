import type { Cursor } from '../feed/cursor.ts';
import type { Gap, Located, Log, Start } from '../feed/log.ts';
import type { Feed } from '../feed/registry.ts';
import { catchUp } from './catch-up.ts';
import { Channels } from './channels.ts';
import { FanOut } from './fan-out.ts';
import type { Format } from './format.ts';
import type { Outlet } from './outlet.ts';
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
  readonly format: Format;
  readonly beatMs: number | undefined;
}

/** A client is asked to come back after about this long. */
const RETRY_MS = 2_000;

/** What reads: gives feeds to clients, each from its own place, and lets them go when the service or the feed ends. */
export class Delivery {
  readonly #options: DeliveryOptions;
  readonly #fanOut = new FanOut();
  readonly #wheel = new TimerWheel();
  readonly #channels: Channels;
  /** Ends the stream of one client politely. */
  readonly #open = new Map<Outlet, { readonly feed: Feed; readonly letGo: (reason: string) => void }>();

  constructor(options: DeliveryOptions) {
    this.#options = options;
    this.#channels = new Channels(options.windowBytes, this.#fanOut);
  }

  get readers(): number {
    return this.#open.size;
  }

  /** Follows `feed` for one client until the connection ends. The head of the answer has been sent. */
  async follow(feed: Feed, wish: Wish, outlet: Outlet): Promise<void> {
    const { format, beatMs } = wish;
    const { log } = feed;
    const { channel, release } = await this.#channels.acquire(log, format);
    try {
      channel.flush();
      const located = await log.locate(wish.start, outlet.closed);
      if (!outlet.isOpen) return;
      this.#sayOpen(feed, wish.format, located, channel.cursor, outlet);
      const { stallTimeoutMs } = this.#options;
      const subscriber = new Subscriber({ log, channel, outlet, located, beatMs, stallTimeoutMs });
      const letGo = (reason: string) => this.#close(outlet, format, reason, subscriber.cursor);
      await this.#untilClosed(feed, outlet, subscriber, letGo);
    } finally {
      release();
    }
  }

  /** Gives what `feed` holds from the start to its head as of now, then ends. */
  async replay(feed: Feed, wish: Wish, outlet: Outlet): Promise<void> {
    const { log } = feed;
    const head = await log.locate({ at: 'head' }, outlet.closed);
    const located = await log.locate(wish.start, outlet.closed);
    this.#sayOpen(feed, wish.format, located, head.cursor, outlet);
    const stretch = { from: located.position, until: head.position, signal: outlet.closed };
    for await (const { bytes } of catchUp(log, wish.format, stretch)) {
      outlet.write(bytes);
      await outlet.drained();
    }
    await this.#sayUnfinished(log, head, wish.format, outlet);
    outlet.end();
  }

  /** Lets everyone go who reads `feed`, or everyone there is. */
  letGo(reason: string, feed?: Feed): void {
    for (const open of [...this.#open.values()]) if (feed === undefined || open.feed === feed) open.letGo(reason);
  }

  close(): void {
    this.letGo('shutdown');
    this.#wheel.close();
  }

  async #untilClosed(feed: Feed, outlet: Outlet, subscriber: Subscriber, letGo: (reason: string) => void): Promise<void> {
    feed.readers += 1;
    this.#open.set(outlet, { feed, letGo });
    this.#wheel.add(subscriber, 1_000);
    subscriber.start();
    await new Promise<void>((resolve) => outlet.closed.addEventListener('abort', () => resolve(), { once: true }));
    this.#wheel.remove(subscriber);
    this.#open.delete(outlet);
    feed.readers -= 1;
  }

  #sayOpen(feed: Feed, format: Format, located: Located, head: Cursor, outlet: Outlet): void {
    const { instance } = this.#options;
    const { cursor, by, gap } = located;
    const open = { feed: feed.name, start: by, head, instance, time: new Date().toISOString() };
    say(outlet, format.control('feed.open', open, cursor));
    if (gap !== undefined) say(outlet, format.control('feed.gap', describeGap(gap), cursor));
  }

  async #sayUnfinished(log: Log, head: Located, format: Format, outlet: Outlet): Promise<void> {
    for await (const batch of log.read(head.position, { signal: outlet.closed })) {
      if (batch.kind === 'notice' && batch.type === 'feed.partial') say(outlet, format.control(batch.type, batch.data));
      return;
    }
  }

  #close(outlet: Outlet, format: Format, reason: string, cursor: Located['cursor']): void {
    const retry = jittered(RETRY_MS);
    if (format.key.startsWith('sse')) outlet.write(`retry: ${retry}\n`);
    say(outlet, format.control('feed.closing', { reason, retry }, cursor));
    outlet.end();
  }
}

/** ± 25 %, so that those who were let go together do not come back together. */
export function jittered(ms: number): number {
  return Math.round(ms * (0.75 + Math.random() / 2));
}

/** The time a client is asked to wait before it comes back, ms. */
export function retryMs(): number {
  return jittered(RETRY_MS);
}

function describeGap(gap: Gap): Record<string, unknown> {
  return { reason: gap.reason, bytes: gap.bytes, events: gap.events ?? null, time: new Date().toISOString() };
}

function say(outlet: Outlet, bytes: Buffer | undefined): void {
  if (bytes !== undefined) outlet.write(bytes);
}
