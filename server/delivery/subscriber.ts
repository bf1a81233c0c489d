import type { Cursor } from '../feed/cursor.ts';
import type { Located, Log } from '../feed/log.ts';
import { comparePositions, type Position, samePosition } from '../feed/position.ts';
import { catchUp } from './catch-up.ts';
import type { Channel, Member } from './channel.ts';
import type { Outlet } from './outlet.ts';
import { StallWatch } from './stall-watch.ts';
import type { Ticking } from './timer-wheel.ts';

export interface SubscriberOptions {
  readonly log: Log;
  readonly channel: Channel;
  readonly outlet: Outlet;
  readonly located: Located;
  /** A `feed.beat` this often, ms; undefined: none. */
  readonly beatMs: number | undefined;
  /** A client that has taken not one byte for this long is let go, ms. */
  readonly stallTimeoutMs: number;
}

const HEARTBEAT_MS = 15_000;

/** One connection that reads: a cursor into a log and a socket. It owns no queue. */
export class Subscriber implements Member, Ticking {
  readonly #options: SubscriberOptions;
  #position: Position;
  #cursor: Cursor;
  /** The next chunk of the window to write; undefined while this one reads from the log. */
  #next: number | undefined;
  #isCatchingUp = false;
  #lastWriteAt = performance.now();
  #lastBeatAt = performance.now();
  readonly #stall: StallWatch;

  constructor(options: SubscriberOptions) {
    this.#options = options;
    this.#stall = new StallWatch(options.outlet, options.stallTimeoutMs);
    this.#position = options.located.position;
    this.#cursor = options.located.cursor;
    options.outlet.onDrain(() => options.channel.wake(this));
    options.outlet.closed.addEventListener('abort', () => options.channel.leave(this), { once: true });
  }

  /** The place up to which everything has been given to the socket. */
  get cursor(): Cursor {
    return this.#cursor;
  }

  /** Whether a turn would do something: not while it reads from the log, nor while its client does not take more. */
  get isReady(): boolean {
    return !this.#isCatchingUp && this.#options.outlet.isWritable;
  }

  /** Starts to deliver. What lies between the start and the window is read from the log. */
  start(): void {
    this.#options.channel.join(this);
    this.advance();
  }

  advance(): boolean {
    if (this.#isCatchingUp || !this.#options.outlet.isWritable) return false;
    const { window } = this.#options.channel;
    if (this.#next === undefined || this.#next < window.first) {
      this.#handOver().catch(() => this.#options.outlet.destroy());
      return false;
    }
    if (this.#next === window.end) return false;
    const { bytes, end, to, cursor } = window.from(this.#next);
    this.#next = end;
    this.#position = to;
    this.#cursor = cursor ?? this.#cursor;
    this.#write(bytes);
    return this.#next < window.end && this.#options.outlet.isWritable;
  }

  /** Heartbeats, beats and the check for clients that take nothing; called by the timer wheel. */
  tick(now: number): number | undefined {
    const { outlet, beatMs, channel } = this.#options;
    const untilLook = this.#stall.tick(now);
    if (untilLook === undefined) return undefined;
    if (beatMs !== undefined && now - this.#lastBeatAt >= beatMs - 125 && outlet.isWritable) this.#beat(now);
    if (now - this.#lastWriteAt >= HEARTBEAT_MS - 125 && outlet.isWritable) this.#write(channel.format.heartbeat, now);
    const untilHeartbeat = this.#lastWriteAt + HEARTBEAT_MS - now;
    const untilBeat = beatMs === undefined ? HEARTBEAT_MS : this.#lastBeatAt + beatMs - now;
    return Math.max(250, Math.min(untilHeartbeat, untilBeat, untilLook));
  }

  /**
   * From replay to live: reads the log up to where the window begins (or to the next chunk of it), then takes its place in the
   * window in the same turn in which it has arrived there, so that nothing comes between. Repeats when the window has moved on.
   */
  async #handOver(): Promise<void> {
    const { channel, outlet, log } = this.#options;
    this.#isCatchingUp = true;
    try {
      while (outlet.isOpen) {
        channel.flush();
        this.#next = channel.window.find(this.#position);
        if (this.#next !== undefined) break;
        const until = channel.window.boundaryFrom(this.#position);
        const reached = until === undefined ? this.#position : await this.#readUntil(log, until);
        // Nothing to read yet on the way: the chunk that comes next asks again.
        if (samePosition(reached, this.#position) && channel.window.find(reached) === undefined) return;
        this.#position = reached;
      }
    } finally {
      this.#isCatchingUp = false;
    }
    this.#sayPartialAtHead();
    channel.wake(this);
  }

  async #readUntil(log: Log, until: Position): Promise<Position> {
    const { channel, outlet } = this.#options;
    let reached = this.#position;
    for await (const step of catchUp(log, channel.format, { from: reached, until, signal: outlet.closed })) {
      reached = step.to;
      this.#cursor = step.cursor ?? this.#cursor;
      this.#lastWriteAt = performance.now();
      await outlet.send(step.bytes, step.giveBack);
      if (!outlet.isOpen) break;
    }
    return reached;
  }

  /** One who arrives at the head sees the line that is unfinished now, as those who were there before did. */
  #sayPartialAtHead(): void {
    const { window, shownPartial } = this.#options.channel;
    if (this.#next !== window.end || comparePositions(this.#position, window.head) !== 0) return;
    if (shownPartial !== undefined) this.#write(shownPartial);
  }

  #beat(now: number): void {
    const { channel } = this.#options;
    this.#lastBeatAt = now;
    const behind = this.#next === undefined ? null : channel.window.bytesFrom(this.#next);
    const bytes = channel.format.control('feed.beat', { time: new Date().toISOString(), head: channel.cursor, behind });
    if (bytes !== undefined) this.#write(bytes, now);
  }

  #write(bytes: Buffer, now = performance.now()): void {
    this.#lastWriteAt = now;
    this.#options.outlet.write(bytes);
  }
}
