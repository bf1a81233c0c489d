import type { Cursor } from '../feed/cursor.ts';
import type { Located, ReadableLog } from '../feed/log.ts';
import { comparePositions, type Position, samePosition } from '../feed/position.ts';
import { catchUp } from './catch-up.ts';
import type { Channel } from './channel.ts';
import type { Behind } from './fan-out.ts';
import type { Outlet } from './outlet.ts';
import { StallWatch } from './stall-watch.ts';
import type { Ticking } from './timer-wheel.ts';

export interface SubscriberOptions {
  readonly log: ReadableLog;
  readonly channel: Channel;
  readonly outlet: Outlet;
  readonly located: Located;
  /** A `feed.beat` this often, ms; undefined: none. */
  readonly beatMs: number | undefined;
  /** A client that has taken not one byte for this long is let go, ms. */
  readonly stallTimeoutMs: number;
}

export const HEARTBEAT_MS = 15_000;

/** One connection that reads: a cursor into a log and a socket. It owns no queue. */
export class Subscriber implements Behind, Ticking {
  /** The next chunk of the window to write; undefined while this one reads from the log. */
  #next: number | undefined;
  #isCatchingUp = false;
  #isEnded = false;
  /** Whether there is a turn whenever there is more. */
  #isWaiting = false;
  readonly #outlet: Outlet;
  readonly #channel: Channel;
  #position: Position;
  #cursor: Cursor;
  readonly #log: ReadableLog;
  readonly #beatMs: number | undefined;
  /** Of what is this one's own; what comes out of the window is written when it comes there. */
  #lastWriteAt = performance.now();
  #lastBeatAt = performance.now();
  readonly #stall: StallWatch;
  /** Ends the reading of the log when the connection ends or another reads for it. */
  #reading: AbortController | undefined;
  #stopListening: () => void = () => undefined;
  #handingOver: Promise<void> = Promise.resolve();

  constructor({ log, channel, outlet, located, beatMs, stallTimeoutMs }: SubscriberOptions) {
    this.#outlet = outlet;
    this.#channel = channel;
    this.#position = located.position;
    this.#cursor = located.cursor;
    this.#log = log;
    this.#beatMs = beatMs;
    this.#stall = new StallWatch(outlet, stallTimeoutMs, channel.figures);
    const stopDraining = outlet.onDrain(() => channel.wake(this));
    const stopWaiting = outlet.whenClosed(() => this.#end());
    this.#stopListening = () => {
      stopDraining();
      stopWaiting();
    };
  }

  /** The place up to which everything has been given to the socket, or will have been when `stop` has resolved. */
  get position(): Position {
    return this.#position;
  }

  /** The place up to which everything has been given to the socket. */
  get cursor(): Cursor {
    return this.#cursor;
  }

  get head(): Position {
    return this.#channel.window.head;
  }

  /** Framed bytes of the window that are yet to be given to the socket; null while this one reads from the log. */
  get bytesBehind(): number | null {
    return this.#next === undefined ? null : this.#channel.window.bytesFrom(this.#next);
  }

  /** Starts to deliver. What lies between the start and the window is read from the log. */
  start(): void {
    this.advance();
  }

  giveRest(): void {
    this.#channel.flush();
    this.advance();
  }

  /** Gives no more; resolves when what it has begun to give has been taken. Another goes on at `position`. */
  async stop(): Promise<void> {
    this.#end();
    await this.#handingOver;
  }

  advance(): boolean {
    const outlet = this.#outlet;
    const { window } = this.#channel;
    // Whoever reads from the log, or does not take more now, asks for a turn when that is over.
    if (this.#isCatchingUp || this.#isEnded || !outlet.isWritable) return this.#wait(false);
    if (this.#next === undefined || this.#next < window.first) {
      this.#handingOver = this.#handOver().catch(() => outlet.destroy());
      return false;
    }
    if (this.#next < window.end) this.#writeFrom(this.#next);
    if (this.#next === window.end) return this.#wait(true);
    this.#wait(false);
    return outlet.isWritable;
  }

  /** Waits for news, or no longer. Whoever waits has nothing to write now. */
  #wait(isWaiting: boolean): false {
    if (isWaiting !== this.#isWaiting) {
      if (isWaiting) this.#channel.wait(this);
      else this.#channel.stopWaiting(this);
      this.#isWaiting = isWaiting;
    }
    return false;
  }

  #writeFrom(number: number): void {
    const channel = this.#channel;
    const { framed, sum, end, to, cursor } = channel.window.from(number);
    channel.figures.windowHits += 1;
    this.#next = end;
    this.#position = to;
    this.#cursor = cursor ?? this.#cursor;
    this.#outlet.writeChunk(framed, sum);
  }

  /** Heartbeats, beats and the check for clients that take nothing; called by the timer wheel. */
  tick(now: number): number | undefined {
    const [channel, outlet, beatMs] = [this.#channel, this.#outlet, this.#beatMs];
    const untilLook = this.#stall.tick(now);
    if (untilLook === undefined) return undefined;
    if (beatMs !== undefined && now - this.#lastBeatAt >= beatMs - 125 && outlet.isWritable) this.#beat(now);
    // Whoever reads from the log gets nothing out of the window meanwhile.
    const sharedAt = this.#next === undefined ? Number.NEGATIVE_INFINITY : channel.window.pushedAt;
    const silentFrom = Math.max(this.#lastWriteAt, sharedAt);
    const isDue = now - silentFrom >= HEARTBEAT_MS - 125;
    if (isDue && outlet.isWritable) this.#write(channel.format.heartbeat, now);
    const untilHeartbeat = (isDue ? now : silentFrom) + HEARTBEAT_MS - now;
    const untilBeat = beatMs === undefined ? HEARTBEAT_MS : this.#lastBeatAt + beatMs - now;
    return Math.max(250, Math.min(untilHeartbeat, untilBeat, untilLook));
  }

  /**
   * From replay to live: reads the log up to where the window begins (or to the next chunk of it), then takes its place in the
   * window in the same turn in which it has arrived there, so that nothing comes between. Repeats when the window has moved on.
   */
  async #handOver(): Promise<void> {
    const [channel, outlet, log] = [this.#channel, this.#outlet, this.#log];
    this.#isCatchingUp = true;
    try {
      while (outlet.isOpen && !this.#isEnded) {
        this.#next = channel.window.find(this.#position);
        if (this.#next !== undefined) break;
        const from = this.#position;
        await this.#readOn(log);
        // Nothing to read yet on the way: the chunk that comes next asks again.
        if (samePosition(from, this.#position) && channel.window.find(from) === undefined) {
          if (!this.#isEnded) this.#wait(true);
          return;
        }
      }
    } catch (error) {
      // Who has been let go in words is not cut off behind them.
      if (!this.#isEnded && outlet.isOpen) throw error;
    } finally {
      this.#isCatchingUp = false;
    }
    if (this.#isEnded) return;
    this.#wait(false);
    this.#sayPartialAtHead();
    channel.wake(this);
  }

  /** Towards the window. Where a file was cut, what is left of it may end before a place that was told: then to what comes behind that. */
  async #readOn(log: ReadableLog): Promise<void> {
    const from = this.#position;
    const { window } = this.#channel;
    const until = window.boundaryFrom(from);
    if (until === undefined) return;
    // Who came back to the round in its own turn would lengthen it for ever.
    this.#wait(false);
    await this.#readUntil(log, until);
    if (this.#isEnded || !this.#outlet.isOpen || !samePosition(from, this.#position)) return;
    if (comparePositions(window.head, until) > 0) await this.#readUntil(log, window.head);
  }

  async #readUntil(log: ReadableLog, until: Position): Promise<void> {
    const [channel, outlet] = [this.#channel, this.#outlet];
    channel.figures.catchUps += 1;
    this.#reading = new AbortController();
    const { signal } = this.#reading;
    for await (const step of catchUp(log, channel, { from: this.#position, until, signal })) {
      if (signal.aborted) break;
      this.#position = step.to;
      this.#cursor = step.cursor ?? this.#cursor;
      if (step.isGap) channel.figures.gaps += 1;
      this.#lastWriteAt = performance.now();
      await outlet.send(step.bytes, step.giveBack, step.sum);
      if (!outlet.isOpen) break;
    }
  }

  #end(): void {
    this.#stopListening();
    this.#channel.leave(this);
    this.#isEnded = true;
    this.#reading?.abort();
  }

  /** One who arrives at the head sees the lines that are unfinished now, as those who were there before did. */
  #sayPartialAtHead(): void {
    const { window, shownPartials } = this.#channel;
    if (this.#next !== window.end || comparePositions(this.#position, window.head) !== 0) return;
    for (const shown of shownPartials) this.#write(shown);
  }

  #beat(now: number): void {
    const channel = this.#channel;
    this.#lastBeatAt = now;
    const time = new Date().toISOString();
    const bytes = channel.format.control('feed.beat', { time, head: channel.cursor, behind: this.bytesBehind });
    if (bytes !== undefined) this.#write(bytes, now);
  }

  #write(bytes: Buffer, now = performance.now()): void {
    this.#lastWriteAt = now;
    this.#outlet.write(bytes);
  }
}
