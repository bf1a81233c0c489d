import type { Cursor } from '../feed/cursor.ts';
import type { Located, ReadableLog } from '../feed/log.ts';
import { comparePositions, type Position, samePosition } from '../feed/position.ts';
import { catchUp } from './catch-up.ts';
import type { Channel } from './channel.ts';
import type { Borrower } from './direct-way.ts';
import type { Outlet } from './outlet.ts';
import type { Place } from './place.ts';
import type { Member, Seat } from './seats.ts';
import { StallWatch } from './stall-watch.ts';
import type { Ticking } from './timer-wheel.ts';
import { placeBehind } from './window.ts';

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
export class Subscriber implements Member, Borrower, Ticking {
  /** Its own account; behind, as long as the round writes for it. */
  #place: Place;
  #isCatchingUp = false;
  #isEnded = false;
  /** Where there is a turn whenever there is more. */
  #seat: Seat | undefined;
  readonly #outlet: Outlet;
  readonly #channel: Channel;
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
    this.#place = { next: undefined, position: located.position, cursor: located.cursor };
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
    return this.place.position;
  }

  /** The place up to which everything has been given to the socket. */
  get cursor(): Cursor {
    return this.place.cursor;
  }

  /** Where that is. */
  get place(): Place {
    return this.#seat?.place ?? this.#place;
  }

  get head(): Position {
    return this.#channel.window.head;
  }

  /** Framed bytes of the window that are yet to be given to the socket; null while this one reads from the log. */
  get bytesBehind(): number | null {
    const { next } = this.place;
    return next === undefined ? null : this.#channel.window.bytesFrom(next);
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

  advance(taken?: number): boolean {
    const outlet = this.#outlet;
    const { window } = this.#channel;
    this.takeBack();
    // Whoever reads from the log, or does not take more now, asks for a turn when that is over.
    if (this.#isCatchingUp || this.#isEnded || !outlet.isWritable) return this.#wait(false);
    const { next } = this.#place;
    if (next === undefined || next < window.first) {
      this.#handingOver = this.#handOver().catch(() => outlet.destroy());
      return false;
    }
    if (next < window.end) this.#writeFrom(next, taken);
    if (this.#place.next === window.end) return this.#wait(true);
    this.#wait(false);
    return outlet.isWritable;
  }

  /** From here on the round writes nothing for this one. */
  takeBack(): void {
    this.#place = this.#seat?.takeBack() ?? this.#place;
  }

  /** Waits for news, or no longer. Whoever waits has nothing to write now. */
  #wait(isWaiting: boolean): false {
    const channel = this.#channel;
    if (!isWaiting && this.#seat !== undefined) channel.stopWaiting(this.#seat);
    this.#seat = isWaiting ? (this.#seat ?? channel.wait(this)) : undefined;
    // Who reads from the log has no place in the window.
    const descriptor = isWaiting && this.#place.next !== undefined ? this.#outlet.lend(this) : -1;
    if (descriptor >= 0) this.#seat?.lend(descriptor, this.#place);
    return false;
  }

  #writeFrom(number: number, taken?: number): void {
    const channel = this.#channel;
    const stretch = channel.window.from(number);
    channel.figures.windowHits += 1;
    this.#place = placeBehind(stretch, this.#place);
    this.#outlet.writeChunk(stretch.framed, stretch.sum, taken);
  }

  /** Heartbeats, beats and the check for clients that take nothing; called by the timer wheel. */
  tick(now: number): number | undefined {
    const [channel, outlet, beatMs] = [this.#channel, this.#outlet, this.#beatMs];
    const untilLook = this.#stall.tick(now);
    if (untilLook === undefined) return undefined;
    if (beatMs !== undefined && now - this.#lastBeatAt >= beatMs - 125 && outlet.isWritable) this.#beat(now);
    // Whoever reads from the log gets nothing out of the window meanwhile.
    const sharedAt = this.place.next === undefined ? Number.NEGATIVE_INFINITY : channel.window.pushedAt;
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
        const from = this.#place.position;
        this.#place = { ...this.#place, next: channel.window.find(from) };
        if (this.#place.next !== undefined) break;
        await this.#readOn(log);
        // Nothing to read yet on the way: the chunk that comes next asks again.
        if (samePosition(from, this.#place.position) && channel.window.find(from) === undefined) {
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
    const from = this.#place.position;
    const { window } = this.#channel;
    const until = window.boundaryFrom(from);
    if (until === undefined) return;
    // Who came back to the round in its own turn would lengthen it for ever.
    this.#wait(false);
    await this.#readUntil(log, until);
    if (this.#isEnded || !this.#outlet.isOpen || !samePosition(from, this.#place.position)) return;
    if (comparePositions(window.head, until) > 0) await this.#readUntil(log, window.head);
  }

  async #readUntil(log: ReadableLog, until: Position): Promise<void> {
    const [channel, outlet] = [this.#channel, this.#outlet];
    channel.figures.catchUps += 1;
    this.#reading = new AbortController();
    const { signal } = this.#reading;
    for await (const step of catchUp(log, channel, { from: this.#place.position, until, signal })) {
      if (signal.aborted) break;
      this.#place = { next: undefined, position: step.to, cursor: step.cursor ?? this.#place.cursor };
      if (step.isGap) channel.figures.gaps += 1;
      this.#lastWriteAt = performance.now();
      await outlet.send(step.bytes, step.giveBack, step.sum);
      if (!outlet.isOpen) break;
    }
  }

  #end(): void {
    this.#stopListening();
    this.takeBack();
    this.#wait(false);
    this.#channel.leave(this);
    this.#isEnded = true;
    this.#reading?.abort();
  }

  /** One who arrives at the head sees the lines that are unfinished now, as those who were there before did. */
  #sayPartialAtHead(): void {
    const { window, shownPartials } = this.#channel;
    if (this.#place.next !== window.end || comparePositions(this.#place.position, window.head) !== 0) return;
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
