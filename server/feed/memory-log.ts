import type { Batch } from './batch.ts';
import type { Cursor } from './cursor.ts';
import type { Extent, Follower, Following, Gap, Located, Log, LogStats, ReadOptions, Start } from './log.ts';
import { MAX_BATCH_BYTES, makeBatch, makeGap } from './memory-batch.ts';
import { formatMemoryCursor, newEpoch, parseMemoryCursor } from './memory-cursor.ts';
import { checkType, cutAtCharacter, hasBreaks, MAX_EVENT_BYTES, toUtf8 } from './memory-event.ts';
import { MemoryFollowers } from './memory-followers.ts';
import { MemoryRing } from './memory-ring.ts';
import type { Position } from './position.ts';

export interface MemoryLogOptions {
  /** Bytes of data kept; the oldest events are dropped. One event is always kept, so it can be up to 256 KiB more. */
  readonly maxBytes?: number;
  /** Events kept; the oldest are dropped. */
  readonly maxEvents?: number;
}

/**
 * A log for what nobody needs tomorrow: a ring of events in memory. It has a new epoch each time it is made, so that a cursor from
 * before a restart is a gap (docs/decisions/0003-memory-log.md).
 */
export class MemoryLog implements Log {
  readonly kind = 'memory';
  /** A live view: it is the same object all the time, so that looking at thousands of logs costs nothing. */
  readonly stats: LogStats;
  readonly #epoch = newEpoch();
  readonly #ring: MemoryRing;
  readonly #followers: MemoryFollowers;
  #lastEventAt: number | null = null;

  constructor({ maxBytes = 4 * 1024 * 1024, maxEvents = 10_000 }: MemoryLogOptions = {}) {
    const ring = new MemoryRing({ maxBytes, maxEvents });
    this.#ring = ring;
    this.#followers = new MemoryFollowers({
      get head() {
        return ring.head;
      },
      next: (from) => this.#next(from, ring.head, null),
    });
    this.stats = this.#view();
  }

  /** The cursor of the place where the next event will be. */
  get head(): Cursor {
    return formatMemoryCursor(this.#epoch, this.#ring.head);
  }

  /** Whether what runs now was called by telling a follower: what it appends comes of what it was told. */
  get isTelling(): boolean {
    return this.#followers.isTelling;
  }

  /**
   * Adds an event and answers its cursor. Bytes that are not UTF-8 become U+FFFD; data over 256 KiB becomes several events, all but the
   * last marked as cut; `cut` marks the last as well. Throws a TypeError for a type that cannot be sent.
   */
  append(data: string | Buffer, type?: string, cut = false): Cursor {
    const checked = checkType(type);
    let rest = toUtf8(data);
    while (rest.length > MAX_EVENT_BYTES) {
      const length = cutAtCharacter(rest, MAX_EVENT_BYTES);
      this.#push(Buffer.from(rest.subarray(0, length)), checked, true);
      rest = rest.subarray(length);
    }
    this.#push(rest, checked, cut);
    return this.head;
  }

  /** Shows `text` as the line that is being written; null once it is finished (and appended) or gone. */
  setPartial(text: string | null): void {
    this.#followers.setPartial(text === null ? null : { text });
  }

  async locate(start: Start): Promise<Located> {
    const { oldest, head } = this.#ring;
    switch (start.at) {
      case 'head':
        return this.#located(head, 'head');
      case 'oldest':
        return this.#located(oldest, 'oldest');
      case 'last':
        return this.#located(Math.max(oldest, head - start.count), 'last');
      case 'time':
        return this.#locateTime(start.ms);
      case 'byte':
        return this.#locateByte(start.byte);
      case 'cursor':
        return this.#locateCursor(start.cursor);
      case 'before':
        return this.#locatePage(
          start.cursor === 'head' ? this.#located(head, 'head') : this.#locateCursor(start.cursor),
          start.count,
        );
    }
  }

  /** A reader that the ring has overtaken gets a `feed.gap` and goes on at the oldest event there is. */
  async *read(from: Position, { until, signal }: ReadOptions): AsyncGenerator<Batch, void, undefined> {
    let at = from.offset;
    let bytesBefore = this.#ring.bytesBefore(at);
    while (!signal.aborted) {
      const end = Math.min(until?.offset ?? Number.POSITIVE_INFINITY, this.#ring.head);
      if (at >= end) return;
      const batch = this.#next(at, end, bytesBefore);
      at = batch.to.offset;
      bytesBefore = this.#ring.bytesBefore(at);
      yield batch;
    }
  }

  /** What is appended in one turn of the loop comes as one batch, at the end of the turn. */
  async follow(follower: Follower): Promise<Following> {
    const stop = this.#followers.add(follower);
    const { told, partial } = this.#followers;
    return { ...this.#located(told, 'head'), partial, stop };
  }

  /** Followers are told what is there and then no more. There is nothing else to let go of. */
  async close(): Promise<void> {
    this.#followers.tell();
    this.#followers.clear();
  }

  #push(data: Buffer, type: string | undefined, cut: boolean): void {
    const timeMs = Date.now();
    this.#ring.push({ data, type, timeMs, cut, hasBreaks: hasBreaks(data) });
    this.#lastEventAt = timeMs;
    this.#makeRoom();
    const toldBytes = this.#ring.bytesBefore(this.#followers.told) ?? 0;
    if (this.#ring.bytesAppended - toldBytes >= MAX_BATCH_BYTES) this.#followers.tell();
    else this.#followers.wake();
  }

  /** Whoever follows is told what is about to be dropped: a burst within one turn is no gap for those who keep up. */
  #makeRoom(): void {
    while (this.#ring.isOver) {
      if (this.#followers.told <= this.#ring.oldest) this.#followers.tell();
      this.#ring.dropOldest();
    }
  }

  /** What is at `from`: events, or the news that they are gone. It ends at `end` at the latest, which is after `from`. */
  #next(from: number, end: number, bytesBefore: number | null): Batch {
    const { oldest } = this.#ring;
    if (from >= oldest) return makeBatch(this.#epoch, this.#ring, from, end);
    const to = Math.min(oldest, end);
    const bytesAfter = this.#ring.bytesBefore(to);
    const lost = bytesBefore === null || bytesAfter === null ? null : bytesAfter - bytesBefore;
    return makeGap(this.#epoch, from, to, lost);
  }

  #locateCursor(cursor: Cursor): Located {
    const { oldest, head } = this.#ring;
    const sequence = parseMemoryCursor(this.#epoch, cursor);
    if (sequence === undefined) return this.#afterGap({ reason: 'restarted', bytes: null, events: null });
    if (sequence > head) return this.#afterGap({ reason: 'unknown', bytes: null, events: null });
    if (sequence < oldest) return this.#afterGap({ reason: 'expired', bytes: null, events: oldest - sequence });
    return this.#located(sequence, 'resumed');
  }

  /** A page that ends where `end` is. Where that place is gone, an empty one. */
  #locatePage(end: Located, count: number): Located {
    const { oldest } = this.#ring;
    const first = Math.max(oldest, end.position.offset - count);
    const page = (at: number) => ({ end: end.position, isOldest: at === oldest });
    if (end.gap !== undefined) return { ...end, page: page(end.position.offset) };
    return { ...this.#located(first, 'before'), page: page(first), extent: this.#extent(first, end.position.offset) };
  }

  #locateByte(byte: number): Located {
    const { oldest, head } = this.#ring;
    let at = oldest;
    while (at < head && this.#extent(at).from < byte) at += 1;
    return { ...this.#located(at, 'byte'), extent: this.#extent(at) };
  }

  #extent(from: number, until?: number): Extent {
    const { oldest, bytes } = this.#ring;
    const start = this.#ring.bytesBefore(oldest) ?? 0;
    const of = (sequence: number) => (this.#ring.bytesBefore(sequence) ?? start) - start;
    return { from: of(from), ...(until === undefined ? {} : { until: of(until) }), of: bytes };
  }

  #locateTime(ms: number): Located {
    const { oldest, head, lastDroppedMs } = this.#ring;
    if (lastDroppedMs !== null && lastDroppedMs >= ms) {
      return this.#afterGap({ reason: 'expired', bytes: null, events: null });
    }
    let at = oldest;
    while (at < head && (this.#ring.at(at)?.timeMs ?? ms) < ms) at += 1;
    return this.#located(at, 'time');
  }

  #afterGap(gap: Gap): Located {
    return { ...this.#located(this.#ring.oldest, 'gap'), gap };
  }

  #located(sequence: number, by: string): Located {
    return { position: { generation: 0, offset: sequence }, cursor: formatMemoryCursor(this.#epoch, sequence), by };
  }

  #view(): LogStats {
    const ring = this.#ring;
    const lastEventAt = () => this.#lastEventAt;
    return {
      get bytes() {
        return ring.bytes;
      },
      get bytesAppended() {
        return ring.bytesAppended;
      },
      get eventsAppended() {
        return ring.head;
      },
      get lastEventAt() {
        return lastEventAt();
      },
    };
  }
}
