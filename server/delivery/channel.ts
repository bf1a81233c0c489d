import type { Batch, EventBatch, Notice, PartialLine } from '../feed/batch.ts';
import type { Cursor } from '../feed/cursor.ts';
import { lastCursorOf } from '../feed/cursor-of.ts';
import { EarlyNews } from '../feed/early-news.ts';
import type { Follower, Following, ReadableLog } from '../feed/log.ts';
import type { FeedName } from '../feed/name.ts';
import type { Position } from '../feed/position.ts';
import type { Behind, FanOut } from './fan-out.ts';
import type { Figures } from './figures.ts';
import type { Format } from './format.ts';
import type { FramingTurns, Unframed } from './framing-turns.ts';
import { News, type PartialNews } from './news.ts';
import { ReusedRoom } from './room.ts';
import { Round } from './round.ts';
import type { Member, Seat } from './seats.ts';
import { Window } from './window.ts';
import type { WindowShare } from './window-share.ts';

/**
 * Where all channels frame, each in its turn: the window keeps a copy. Memory that is let go by the 20 MB is what the collector goes through
 * the whole heap for, on all cores. It stays as large as the largest batch, which is bounded, needs.
 */
const ROOM = new ReusedRoom();

/** What those who read one feed (or several as one) in one format share: the framed bytes of its newest events, and the turn in which they get them. */
export class Channel implements Follower, Unframed {
  readonly format: Format;
  readonly window: Window;
  readonly #following: Following;
  readonly #fanOut: FanOut;
  /** Those who have all there is. Nobody else needs to be told of news: who is behind has a turn to come, or reads, or drains. */
  readonly #waiting: Round;
  readonly #share: WindowShare;
  readonly #releaseShare: () => void;
  /** What is gathered, or waits for its turn to be framed. */
  readonly #news = new News();
  #gatherTimer: NodeJS.Timeout | undefined;
  /** Since when something waits for its turn. */
  #dueAt: number | undefined;
  /** When events were framed last; kept where they are encoded. */
  #framedAt = Number.NEGATIVE_INFINITY;
  /** The unfinished lines that are shown now; where several feeds are read as one, by feed. */
  readonly #partials = new Map<FeedName | undefined, PartialLine>();
  #cursor: Cursor;

  /** Begins to follow `log`. The caller ends it with `close`. */
  static async open(log: ReadableLog, format: Format, share: WindowShare, fanOut: FanOut): Promise<Channel> {
    const news = new EarlyNews();
    const following = await log.follow(news);
    const channel = new Channel(following, format, share, fanOut);
    news.release(channel);
    return channel;
  }

  private constructor(following: Following, format: Format, share: WindowShare, fanOut: FanOut) {
    this.#following = following;
    this.format = format;
    this.window = new Window(following.position, share);
    this.#share = share;
    this.#releaseShare = share.take();
    this.#fanOut = fanOut;
    this.#waiting = new Round(fanOut, this.window);
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

  /** Up to where the log has told, and the newest cursor there. */
  get told(): { readonly position: Position; readonly cursor: Cursor } {
    return { position: this.#news.end ?? this.window.head, cursor: this.#news.cursor ?? this.cursor };
  }

  /** Whether more has come than the log has told: a filter looks at it. */
  get isBehind(): boolean {
    return this.#following.isBehind === true;
  }

  get framing(): FramingTurns {
    return this.#fanOut.framing;
  }

  /** The unfinished lines as they are shown now, for a subscriber who comes to the head. */
  get shownPartials(): Buffer[] {
    return [...this.#partials].map(([feed, { text }]) => this.format.partial(text, feed)).filter((bytes) => bytes !== undefined);
  }

  /** The place that has been told: the window will have a chunk that begins there. */
  mark(): { readonly position: Position; readonly cursor: Cursor } {
    this.#news.part();
    return this.told;
  }

  batch(batch: Batch): void {
    this.#news.add(batch);
    if (batch.kind === 'events') this.#partials.delete(batch.origin?.feed);
    const waitMs = batch.kind === 'events' ? this.#untilFramed() : 0;
    if (waitMs <= 0 || this.#news.bytes >= MAX_GATHERED_BYTES || this.#news.length >= MAX_GATHERED) this.#due();
    else this.#gatherTimer ??= setTimeout(() => this.#due(), waitMs);
  }

  partial(partial: PartialLine | null, feed?: FeedName): void {
    if (partial === null) this.#partials.delete(feed);
    else this.#partials.set(feed, partial);
    this.#news.add({ kind: 'partial', partial, feed });
    this.#due();
  }

  jump(position: Position, cursor: Cursor): void {
    this.#rest();
    this.#news.clear();
    this.window.jump(position, cursor);
    this.#waiting.start();
  }

  /** Frames a piece of what waits. */
  frame(): boolean {
    const piece = this.#news.take();
    if (piece?.kind === 'events') this.#pushEvents(piece.batches);
    else if (piece?.kind === 'notice') this.#pushNotice(piece);
    else if (piece?.kind === 'partial') this.#pushPartial(piece);
    if (this.#news.length > 0) return true;
    this.#rest();
    return false;
  }

  /** Frames all that waits, so that the window reaches to where the log has been read. */
  flush(): void {
    while (this.frame());
  }

  /** Gives a turn to one who has all there is whenever there is more, until `stopWaiting`. */
  wait(reader: Member): Seat {
    return this.#waiting.add(reader);
  }

  stopWaiting(seat: Seat): void {
    this.#waiting.delete(seat);
  }

  leave(reader: Behind): void {
    this.#fanOut.remove(reader);
  }

  /** Asks for a turn for someone who can take more. */
  wake(reader: Behind): void {
    this.#fanOut.add(reader);
  }

  close(): void {
    this.#releaseShare();
    this.#rest();
    this.#waiting.stop();
    this.#following.stop();
  }

  /** Asks for a turn to frame. Who has none for long forgets what waits, and its readers find it in the log. */
  #due(): void {
    this.#dueAt ??= performance.now();
    const { bytes, length } = this.#news;
    if (length > 1 && (bytes > Math.max(this.#share.bytes, MAX_GATHERED_BYTES) || length > MAX_WAITING))
      this.jump(this.told.position, this.told.cursor);
    else this.#fanOut.framing.add(this);
  }

  /** There is nothing to frame. */
  #rest(): void {
    clearTimeout(this.#gatherTimer);
    this.#gatherTimer = undefined;
    this.#dueAt = undefined;
    this.#fanOut.framing.remove(this);
  }

  /** Where a batch is encoded by itself, only those wait that come close behind another: one now and then is not late. */
  #untilFramed(): number {
    const { gatherMs, encoding } = this.format;
    if (gatherMs > 0 || encoding === undefined) return gatherMs;
    return this.#framedAt + encoding.pauseMs - performance.now();
  }

  #pushEvents(batches: readonly EventBatch[]): void {
    const [first, last] = [batches[0], batches.at(-1)] as [EventBatch, EventBatch];
    if (this.format.encoding !== undefined) this.#framedAt = performance.now();
    const bytes = this.format.events(batches, ROOM);
    this.#push(first.from, last.to, bytes, lastCursorOf(last));
    ROOM.giveBack(bytes);
  }

  #pushNotice(notice: Notice): void {
    if (notice.type === 'feed.gap') this.figures.gaps += 1;
    const bytes = this.format.control(notice.type, notice.data, notice.cursor);
    this.#push(notice.from, notice.to, bytes ?? Buffer.alloc(0), notice.cursor);
  }

  #pushPartial({ partial, feed }: PartialNews): void {
    const { head } = this.window;
    const bytes = this.format.partial(partial?.text ?? null, feed);
    if (bytes !== undefined) this.#push(head, head, bytes, undefined);
  }

  #push(from: Position, to: Position, bytes: Buffer, cursor: Cursor | undefined): void {
    const { bytes: sent, sum } = this.format.encoding?.shared(bytes) ?? { bytes };
    this.window.push({ from, to, bytes: sent, sum, cursor });
    this.#waiting.start(this.#dueAt);
  }
}

/** Over this, what is gathered (data, and a cursor for each event) is framed before its time. */
const MAX_GATHERED_BYTES = 256 * 1024;
const MAX_GATHERED = 1_024;
/** Over this, or over what the window may hold, what waits to be framed is forgotten. */
const MAX_WAITING = 4_096;
