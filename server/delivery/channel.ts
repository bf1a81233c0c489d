import type { Batch, EventBatch, Notice, PartialLine } from '../feed/batch.ts';
import { type Cursor, MAX_CURSOR_LENGTH } from '../feed/cursor.ts';
import { lastCursorOf } from '../feed/cursor-of.ts';
import { EarlyNews } from '../feed/early-news.ts';
import type { Follower, Following, ReadableLog } from '../feed/log.ts';
import type { FeedName } from '../feed/name.ts';
import type { Position } from '../feed/position.ts';
import type { Behind, FanOut } from './fan-out.ts';
import type { Figures } from './figures.ts';
import type { Format } from './format.ts';
import { Lap } from './lap.ts';
import { Window } from './window.ts';

/** What those who read one feed (or several as one) in one format share: the framed bytes of its newest events, and the turn in which they get them. */
export class Channel implements Follower {
  readonly format: Format;
  readonly window: Window;
  readonly #following: Following;
  readonly #fanOut: FanOut;
  readonly #lap: Lap;
  /** Those who have all there is. Nobody else needs to be told of news: who is behind has a turn to come, or reads, or drains. */
  readonly #waiting = new Set<Behind>();
  #gathered: EventBatch[] = [];
  #gatheredBytes = 0;
  #gatherTimer: NodeJS.Timeout | undefined;
  /** When events were framed last; kept where they are encoded. */
  #framedAt = Number.NEGATIVE_INFINITY;
  /** The unfinished lines that are shown now; where several feeds are read as one, by feed. */
  readonly #partials = new Map<FeedName | undefined, PartialLine>();
  #cursor: Cursor;

  /** Begins to follow `log`. The caller ends it with `close`. */
  static async open(log: ReadableLog, format: Format, windowBytes: number, fanOut: FanOut): Promise<Channel> {
    const news = new EarlyNews();
    const following = await log.follow(news);
    const channel = new Channel(following, format, windowBytes, fanOut);
    news.release(channel);
    return channel;
  }

  private constructor(following: Following, format: Format, windowBytes: number, fanOut: FanOut) {
    this.#following = following;
    this.format = format;
    this.window = new Window(following.position, windowBytes);
    this.#fanOut = fanOut;
    this.#lap = new Lap(fanOut, fanOut.figures.latency);
    if (following.partial !== null) this.#partials.set(undefined, following.partial);
    this.#cursor = following.cursor;
  }

  /** The cursor of the newest event that has been framed. */
  get cursor(): Cursor {
    return this.window.cursor ?? this.#cursor;
  }

  get figures(): Figures {
    return this.#fanOut.figures;
  }

  get head(): Position {
    return this.window.head;
  }

  /** The unfinished lines as they are shown now, for a subscriber who comes to the head. */
  get shownPartials(): Buffer[] {
    return [...this.#partials].map(([feed, { text }]) => this.format.partial(text, feed)).filter((bytes) => bytes !== undefined);
  }

  batch(batch: Batch): void {
    if (batch.kind === 'events') {
      this.#partials.delete(batch.origin?.feed);
      this.#gather(batch);
    } else {
      this.flush();
      this.#pushNotice(batch);
    }
  }

  partial(partial: PartialLine | null, feed?: FeedName): void {
    this.flush();
    if (partial === null) this.#partials.delete(feed);
    else this.#partials.set(feed, partial);
    const bytes = this.format.partial(partial?.text ?? null, feed);
    if (bytes !== undefined) this.#push(this.head, this.head, bytes, undefined);
  }

  jump(position: Position, cursor: Cursor): void {
    this.flush();
    this.window.jump(position, cursor);
    this.#wakeWaiting();
  }

  /** Frames what has been gathered, so that the window reaches to where the log has been read. */
  flush(): void {
    clearTimeout(this.#gatherTimer);
    this.#gatherTimer = undefined;
    const batches = this.#gathered;
    const first = batches[0];
    const last = batches.at(-1);
    if (first === undefined || last === undefined) return;
    this.#gathered = [];
    this.#gatheredBytes = 0;
    if (this.format.encoding !== undefined) this.#framedAt = performance.now();
    this.#push(first.from, last.to, this.format.events(batches), lastCursorOf(last));
  }

  /** Gives a turn to one who has all there is, once there is more. Ends with `leave`. */
  wait(reader: Behind): void {
    this.#waiting.add(reader);
  }

  leave(reader: Behind): void {
    this.#waiting.delete(reader);
    this.#fanOut.remove(reader);
  }

  /** Asks for a turn for someone who can take more. */
  wake(reader: Behind): void {
    this.#fanOut.add(reader);
  }

  close(): void {
    clearTimeout(this.#gatherTimer);
    this.#lap.stop();
    this.#following.stop();
  }

  #gather(batch: EventBatch): void {
    this.#gathered.push(batch);
    const waitMs = this.#untilFramed();
    if (waitMs > 0) this.#gatheredBytes += framedLength(batch);
    if (waitMs <= 0 || this.#gatheredBytes >= MAX_GATHERED_BYTES) this.flush();
    else this.#gatherTimer ??= setTimeout(() => this.flush(), waitMs);
  }

  /** Where a batch is encoded by itself, only those wait that come close behind another: one now and then is not late. */
  #untilFramed(): number {
    const { gatherMs, encoding } = this.format;
    if (gatherMs > 0 || encoding === undefined) return gatherMs;
    return this.#framedAt + encoding.pauseMs - performance.now();
  }

  #pushNotice(notice: Notice): void {
    if (notice.type === 'feed.gap') this.figures.gaps += 1;
    const bytes = this.format.control(notice.type, notice.data, notice.cursor);
    this.#push(notice.from, notice.to, bytes ?? Buffer.alloc(0), notice.cursor);
  }

  #push(from: Position, to: Position, bytes: Buffer, cursor: Cursor | undefined): void {
    const { bytes: sent, sum } = this.format.encoding?.shared(bytes) ?? { bytes };
    this.window.push({ from, to, bytes: sent, sum, cursor });
    this.#wakeWaiting();
  }

  #wakeWaiting(): void {
    if (this.#waiting.size === 0) return;
    for (const reader of this.#waiting) this.#fanOut.add(reader);
    this.#waiting.clear();
    this.#lap.start();
  }
}

/** Over this, what is gathered (data, and a cursor for each event) is framed before its time: a MiB of short lines holds the loop. */
const MAX_GATHERED_BYTES = 256 * 1024;

/** About so many bytes; stored frames are not looked into. */
function framedLength(batch: EventBatch): number {
  if (batch.sse !== undefined) return batch.sse.length;
  return (batch.ends[batch.count - 1] ?? 0) - (batch.starts[0] ?? 0) + batch.count * MAX_CURSOR_LENGTH;
}
