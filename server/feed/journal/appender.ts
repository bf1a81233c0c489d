import { join } from 'node:path';
import { AppendError, type Appended, MAX_PUBLISHED_BYTES, type NewEvent } from '../appending.ts';
import type { AppendUnit, Decided, Outcome } from './append-unit.ts';
import { addFrames } from './blocks.ts';
import type { FilePool } from './file-pool.ts';
import type { Files } from './files.ts';
import { FramesWriter } from './frames-writer.ts';
import { formatJournalCursor } from './journal-cursor.ts';
import { hashKey, type Keys } from './keys.ts';
import { frameBefore } from './locating.ts';
import { holdsEvent } from './same-event.ts';
import type { KeyUse } from './scan-frames.ts';
import { type Segment, type Segments, segmentName } from './segments.ts';

export interface AppendingJournal {
  readonly folder: string;
  readonly files: Files;
  readonly pool: FilePool;
  readonly segments: Segments;
  readonly keys: Keys;
  readonly isSyncedAlways: boolean;
  readonly segmentBytes: number;
  /** When the newest event was appended, ms since the epoch. */
  lastMs: number;
  /** Makes the folder, in such a way that it is still there after a power cut. */
  makeFolder(): Promise<void>;
  /** Tells readers of what has been committed. */
  committed(frames: FramesWriter): void;
}

/** Writes what was appended, a group at a time: decides, writes all frames in one go, makes them durable, and only then says so. */
export class Appender {
  readonly #journal: AppendingJournal;
  /** After a failure the segment is not written to again. */
  #isSealed = false;

  constructor(journal: AppendingJournal) {
    this.#journal = journal;
  }

  /** Never rejects: each unit is answered. */
  async commit(units: readonly AppendUnit[]): Promise<void> {
    const { segments } = this.#journal;
    let decided: Decided[] = [];
    try {
      const segment = await this.#segment();
      const frames = new FramesWriter(segment.epoch, segments.head);
      const uses = new Map<string, KeyUse>();
      decided = [];
      for (const unit of units) decided.push(await this.#decide(unit, frames, uses));
      if (frames.ends.length > 0) await this.#write(segment, frames);
      for (const use of uses.values()) this.#journal.keys.add(use);
      this.#answer(decided);
      if (frames.ends.length > 0) this.#journal.committed(frames);
    } catch (error) {
      const refusal = refusalOf(error);
      for (const unit of units) unit.reject(refusal);
    }
  }

  async #decide(unit: AppendUnit, frames: FramesWriter, uses: Map<string, KeyUse>): Promise<Decided> {
    const { condition } = unit;
    const before = frames.ends.length;
    const isHead = condition === undefined || condition.head === formatJournalCursor(this.#epochAt(frames), frames.end);
    const own = new Map(uses);
    const outcomes: Outcome[] = [];
    for (const event of unit.events) outcomes.push(await this.#decideEvent(event, frames, own));
    const isRefused = !isHead && frames.ends.length > before;
    if (isRefused) frames.cut(before);
    else for (const [hash, use] of own) uses.set(hash, use);
    return { unit, outcomes, isRefused };
  }

  #epochAt(frames: FramesWriter): string {
    return frames.ends.length > 0 ? frames.epoch : this.#journal.segments.epochAt(frames.end);
  }

  async #decideEvent(event: NewEvent, frames: FramesWriter, uses: Map<string, KeyUse>): Promise<Outcome> {
    const { segments, keys } = this.#journal;
    if (event.data.length > MAX_PUBLISHED_BYTES)
      return new AppendError(
        'too-large',
        `an event holds at most ${MAX_PUBLISHED_BYTES} bytes, this one has ${event.data.length}`,
      );
    const timeMs = Math.max(Date.now(), this.#journal.lastMs);
    const keyHash = event.key === undefined ? undefined : hashKey(event.key);
    if (keyHash !== undefined) {
      const use = uses.get(keyHash) ?? keys.find(keyHash, segments.oldest, timeMs);
      if (use !== undefined) return this.#repeat(event, use, frames);
    }
    this.#journal.lastMs = timeMs;
    const offset = frames.add({ data: event.data, type: event.type, keyHash, timeMs });
    if (keyHash !== undefined) uses.set(keyHash, { hash: keyHash, offset, timeMs });
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

  async #write(segment: Segment, frames: FramesWriter): Promise<void> {
    const { pool, isSyncedAlways } = this.#journal;
    try {
      await pool.use(segment.path, async (file) => {
        await file.write(frames.bytes, frames.offset - segment.base);
        if (isSyncedAlways) await file.sync();
      });
    } catch (error) {
      this.#isSealed = true;
      await this.#cut(segment);
      throw error;
    }
    segment.blocks ??= [];
    addFrames(segment.blocks, frames.bytes, 0, frames.ends, frames.offset);
    segment.end = frames.end;
  }

  /** What was written behind the last committed frame is not part of the journal; the name of the next segment will say so too. */
  async #cut(segment: Segment): Promise<void> {
    await this.#journal.pool.use(segment.path, (file) => file.truncate(segment.end - segment.base)).catch(() => undefined);
  }

  /** The segment to write to: a new one where there is none, or it is full, or it has failed. */
  async #segment(): Promise<Segment> {
    const { segments, segmentBytes } = this.#journal;
    const { last } = segments;
    if (last !== undefined && !this.#isSealed && last.end - last.base < segmentBytes) return last;
    if (last === undefined) await this.#journal.makeFolder();
    const made = await this.#makeSegment(last);
    this.#isSealed = false;
    return made;
  }

  async #makeSegment(last: Segment | undefined): Promise<Segment> {
    const { segments, folder, files, pool, isSyncedAlways } = this.#journal;
    const { head: base, epoch } = segments;
    const path = join(folder, segmentName(base, epoch));
    // A failed one that holds nothing has the name of the new one.
    if (last?.base === base) {
      await pool.forget(path);
      await files.unlink(path).catch(ignoreMissing);
    }
    const file = await files.open(path, 'new');
    await file.close();
    if (isSyncedAlways) await files.syncFolder(folder);
    const segment: Segment = { base, epoch, path, end: base, blocks: [] };
    if (last?.base === base) segments.list.pop();
    segments.list.push(segment);
    return segment;
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

function ignoreMissing(error: unknown): void {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
}

function refusalOf(error: unknown): AppendError {
  if (error instanceof AppendError) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  const isFull = code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG';
  return new AppendError(isFull ? 'disk-full' : 'write-failed', message, { cause: error });
}
