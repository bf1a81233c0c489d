import type { AppendableLog, AppendCondition, Appended, NewEvent } from '../appending.ts';
import { AppendError } from '../appending.ts';
import type { Batch } from '../batch.ts';
import type { Cursor } from '../cursor.ts';
import type { Follower, Following, Located, LogStats, ReadOptions, Start } from '../log.ts';
import type { Position } from '../position.ts';
import type { AppendUnit, Outcome } from './append-unit.ts';
import { Appender } from './appender.ts';
import type { FilePool } from './file-pool.ts';
import type { Files } from './files.ts';
import type { FramesWriter } from './frames-writer.ts';
import { GroupCommit } from './group-commit.ts';
import { JournalBatch, placeAt } from './journal-batch.ts';
import { formatJournalCursor, newEpoch } from './journal-cursor.ts';
import { Keys } from './keys.ts';
import { locateIn } from './locating.ts';
import { readJournal } from './reading.ts';
import { recover } from './recovery.ts';
import { Segments } from './segments.ts';

export type Fsync = 'always' | 'interval' | 'never';

export interface JournalLogOptions {
  readonly folder: string;
  readonly files: Files;
  readonly pool: FilePool;
  readonly fsync: Fsync;
  readonly segmentBytes: number;
  /** Makes the folder, in such a way that it is still there after a power cut. */
  readonly makeFolder: () => Promise<void>;
}

/** As many bytes of data are written in one go, or one append that has more. */
const MAX_WRITE_BYTES = 1024 * 1024;
const MAX_BATCH_BYTES = 256 * 1024;

/** What is known of a journal once its folder has been looked into. */
interface Opened {
  readonly segments: Segments;
  readonly appender: Appender;
}

/**
 * A log that we write ourselves: a folder of files that hold the events as they go over the wire. What has been acknowledged is kept,
 * and readers see only what is (docs/decisions/0010-journal.md).
 */
export class JournalLog implements AppendableLog {
  readonly kind = 'journal';
  /** A live view: it is the same object all the time. */
  readonly stats: LogStats;
  readonly #options: JournalLogOptions;
  readonly #followers = new Set<{ readonly follower: Follower }>();
  readonly #commits: GroupCommit<AppendUnit>;
  readonly #firstEpoch = newEpoch();
  #segments: Segments;
  #opening: Promise<Opened> | undefined;
  #isClosed = false;
  #bytesAppended = 0;
  #eventsAppended = 0;
  #lastEventAt: number | null = null;

  constructor(options: JournalLogOptions) {
    this.#options = options;
    this.#segments = new Segments([], this.#firstEpoch);
    this.#commits = new GroupCommit(async (units) => {
      const opened = await this.#open().catch((error: unknown) => this.#refuse(units, error));
      await opened?.appender.commit(units);
    }, MAX_WRITE_BYTES);
    this.stats = this.#view();
  }

  /** The head there is, or a place before it as long as nothing has been asked of this log. */
  get head(): Cursor {
    const { head } = this.#segments;
    return formatJournalCursor(this.#segments.epochAt(head), head);
  }

  append(events: readonly NewEvent[], condition?: AppendCondition): Promise<readonly (Appended | AppendError)[]> {
    if (this.#isClosed) return Promise.reject(new AppendError('closed', 'the feed is closed'));
    return new Promise<readonly Outcome[]>((resolve, reject) => {
      const bytes = events.reduce((sum, { data }) => sum + data.length, 0);
      this.#commits.add({ events, condition, bytes, resolve, reject });
    });
  }

  async locate(start: Start): Promise<Located> {
    const { segments } = await this.#open();
    return locateIn({ segments, pool: this.#options.pool }, start);
  }

  async *read(from: Position, options: ReadOptions): AsyncGenerator<Batch, void, undefined> {
    const { segments } = await this.#open();
    if (!this.#isClosed) yield* readJournal({ segments, pool: this.#options.pool }, from, options);
  }

  /** What is committed together comes together, at once. */
  async follow(follower: Follower): Promise<Following> {
    await this.#open();
    const entry = { follower };
    this.#followers.add(entry);
    const stop = () => void this.#followers.delete(entry);
    return { position: placeAt(this.#segments.head), cursor: this.head, partial: null, stop };
  }

  /** What has been appended is kept before it ends. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#commits.idle();
    this.#followers.clear();
    for (const { path } of this.#segments.list) await this.#options.pool.forget(path);
  }

  #refuse(units: readonly AppendUnit[], cause: unknown): undefined {
    const { message } = cause as Error;
    for (const unit of units) unit.reject(new AppendError('write-failed', message, { cause }));
  }

  #open(): Promise<Opened> {
    this.#opening ??= this.#recover().catch((error: unknown) => {
      this.#opening = undefined;
      throw error;
    });
    return this.#opening;
  }

  async #recover(): Promise<Opened> {
    const { folder, files, pool, fsync, segmentBytes, makeFolder } = this.#options;
    const isSyncedAlways = fsync === 'always';
    const found = await recover(folder, files, pool, isSyncedAlways);
    const segments = new Segments(found.segments, this.#firstEpoch);
    this.#segments = segments;
    this.#lastEventAt = found.lastMs === 0 ? null : found.lastMs;
    const keys = new Keys();
    for (const use of found.keys) keys.add(use);
    const appender = new Appender({
      folder,
      files,
      pool,
      segments,
      keys,
      isSyncedAlways,
      segmentBytes,
      makeFolder,
      lastMs: found.lastMs,
      committed: (frames) => this.#tell(frames),
    });
    return { segments, appender };
  }

  #tell(frames: FramesWriter): void {
    const { bytes, ends, epoch, offset } = frames;
    this.#bytesAppended += bytes.length;
    this.#eventsAppended += ends.length;
    this.#lastEventAt = Date.now();
    if (this.#followers.size === 0) return;
    for (let start = 0, index = 0; index < ends.length; ) {
      let end = ends[index] as number;
      for (index += 1; index < ends.length && (ends[index] as number) - start <= MAX_BATCH_BYTES; index += 1)
        end = ends[index] as number;
      const batch = new JournalBatch(bytes.subarray(start, end), epoch, offset + start);
      for (const entry of [...this.#followers]) if (this.#followers.has(entry)) entry.follower.batch(batch);
      start = end;
    }
  }

  #view(): LogStats {
    const log = this;
    return {
      get bytes() {
        return log.#segments.head - log.#segments.oldest;
      },
      get bytesAppended() {
        return log.#bytesAppended;
      },
      get eventsAppended() {
        return log.#eventsAppended;
      },
      get lastEventAt() {
        return log.#lastEventAt;
      },
    };
  }
}
