import { AppendError, type Appended, MAX_PUBLISHED_BYTES, type NewEvent } from '../appending.ts';
import type { AppendUnit, Decided, Outcome } from './append-unit.ts';
import { FramesWriter } from './frames-writer.ts';
import { formatJournalCursor } from './journal-cursor.ts';
import { hashKey, type Keys } from './keys.ts';
import { frameBefore } from './locating.ts';
import type { Readable } from './read-blocks.ts';
import { holdsEvent } from './same-event.ts';
import type { KeyUse } from './scan-frames.ts';
import type { SegmentLimits, SegmentWriter } from './segment-writer.ts';

export interface AppendingJournal extends Readable {
  readonly writer: SegmentWriter;
  /** The keys that have been used, which are loaded when somebody needs them. */
  readonly keys: () => Promise<Keys>;
  /** When the newest event was appended, ms since the epoch: times never go back. */
  lastMs: number;
  /** Tells readers of what has been committed. */
  readonly committed: (frames: FramesWriter) => void;
}

/** Writes what was appended, a group at a time: decides, writes all frames in one go, makes them durable, and only then says so. */
export class Appender {
  readonly #journal: AppendingJournal;

  constructor(journal: AppendingJournal) {
    this.#journal = journal;
  }

  /** Never rejects: each unit is answered. */
  async commit(units: readonly AppendUnit[], limits: SegmentLimits): Promise<void> {
    const { segments, writer } = this.#journal;
    let frames: FramesWriter;
    try {
      const segment = await writer.ready(limits);
      frames = new FramesWriter(segment.epoch, segments.head);
      const uses = new Map<string, KeyUse>();
      const decided: Decided[] = [];
      for (const unit of units) decided.push(await this.#decide(unit, frames, uses));
      if (frames.ends.length > 0) await writer.write(segment, frames, uses.values());
      if (uses.size > 0) (await this.#journal.keys()).addAll(uses.values());
      this.#answer(decided);
    } catch (error) {
      const refusal = refusalOf(error);
      for (const unit of units) unit.reject(refusal);
      return;
    }
    if (frames.ends.length > 0) this.#journal.committed(frames);
  }

  async #decide(unit: AppendUnit, frames: FramesWriter, uses: Map<string, KeyUse>): Promise<Decided> {
    const { condition } = unit;
    const before = frames.ends.length;
    const isHead = condition === undefined || condition.head === formatJournalCursor(this.#epochAt(frames), frames.end);
    const own = new Map<string, KeyUse>();
    const outcomes: Outcome[] = [];
    for (const event of unit.events) outcomes.push(await this.#decideEvent(event, frames, uses, own));
    const isRefused = !isHead && frames.ends.length > before;
    if (isRefused) frames.cut(before);
    else for (const [hash, use] of own) uses.set(hash, use);
    return { unit, outcomes, isRefused };
  }

  #epochAt(frames: FramesWriter): string {
    return frames.ends.length > 0 ? frames.epoch : this.#journal.segments.epochAt(frames.end);
  }

  async #decideEvent(
    event: NewEvent,
    frames: FramesWriter,
    uses: Map<string, KeyUse>,
    own: Map<string, KeyUse>,
  ): Promise<Outcome> {
    if (event.data.length > MAX_PUBLISHED_BYTES)
      return new AppendError(
        'too-large',
        `an event holds at most ${MAX_PUBLISHED_BYTES} bytes, this one has ${event.data.length}`,
      );
    const timeMs = Math.max(Date.now(), this.#journal.lastMs);
    const keyHash = event.key === undefined ? undefined : hashKey(event.key);
    if (keyHash !== undefined) {
      const use =
        own.get(keyHash) ??
        uses.get(keyHash) ??
        (await this.#journal.keys()).find(keyHash, this.#journal.segments.oldest, timeMs);
      if (use !== undefined) return this.#repeat(event, use, frames);
    }
    this.#journal.lastMs = timeMs;
    const offset = frames.add({ data: event.data, type: event.type, keyHash, timeMs });
    if (keyHash !== undefined) own.set(keyHash, { hash: keyHash, offset, timeMs });
    return { cursor: formatJournalCursor(frames.epoch, offset), timeMs, isRepeat: false };
  }

  /** What was appended first for a key, if this is the same event. One that cannot be read any more is taken for it. */
  async #repeat(event: NewEvent, use: KeyUse, frames: FramesWriter): Promise<Outcome> {
    const { segments } = this.#journal;
    const isNew = use.offset > frames.offset;
    const frame = isNew ? frames.frameBefore(use.offset) : await frameBefore(this.#journal, use.offset);
    if (frame !== undefined && !holdsEvent(frame.bytes, frame.start, event))
      return new AppendError('key-reused', 'the idempotency key has been used for another event');
    const epoch = isNew ? frames.epoch : segments.epochAt(use.offset);
    return { cursor: formatJournalCursor(epoch, use.offset), timeMs: use.timeMs, isRepeat: true } satisfies Appended;
  }

  #answer(decided: readonly Decided[]): void {
    const { segments } = this.#journal;
    const head = formatJournalCursor(segments.epochAt(segments.head), segments.head);
    for (const { unit, outcomes, isRefused } of decided) {
      if (isRefused) unit.reject(new AppendError('not-head', 'something else has been appended since', { head }));
      else unit.resolve(outcomes);
    }
  }
}

function refusalOf(error: unknown): AppendError {
  if (error instanceof AppendError) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  const isFull = code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG';
  return new AppendError(isFull ? 'disk-full' : 'write-failed', message, { cause: error });
}
