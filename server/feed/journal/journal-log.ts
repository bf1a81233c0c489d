import type { AppendableLog, AppendCondition, Appended, NewEvent } from '../appending.ts';
import { AppendError } from '../appending.ts';
import type { Batch } from '../batch.ts';
import type { Cursor } from '../cursor.ts';
import type { Follower, Following, Located, LogStats, ReadOptions, Start } from '../log.ts';
import type { Position } from '../position.ts';
import type { AppendUnit, Outcome } from './append-unit.ts';
import { Appender } from './appender.ts';
import { Durability, type DurabilityOptions } from './durability.ts';
import type { FramesWriter } from './frames-writer.ts';
import { GroupCommit } from './group-commit.ts';
import { batchesOf, placeAt } from './journal-batch.ts';
import { formatJournalCursor, newEpoch } from './journal-cursor.ts';
import { type Keys, loadKeysOf } from './keys.ts';
import { locateIn } from './locating.ts';
import { readJournal } from './reading.ts';
import { recover } from './recovery.ts';
import { limitsOf, type Retention, retain } from './retention.ts';
import { SegmentWriter } from './segment-writer.ts';
import { Segments } from './segments.ts';

export interface JournalLogOptions extends DurabilityOptions {
  readonly segmentBytes: number;
  /** Makes the folder, in such a way that it is still there after a power cut. */
  readonly makeFolder: () => Promise<void>;
  readonly loadRetention: () => Promise<Retention>;
  /** Called whenever something is asked of the log. */
  readonly onUse: () => void;
}

/** As many bytes of data are written in one go, or one append that has more. */
const MAX_WRITE_BYTES = 1024 * 1024;

/** What is known of a journal once its folder has been looked into. */
interface Opened {
  readonly segments: Segments;
  readonly durability: Durability;
  readonly writer: SegmentWriter;
  readonly appender: Appender;
}

/**
 * A log that we write ourselves: a folder of files that hold the events as they go over the wire. What has been acknowledged is kept,
 * and readers see nothing else (docs/decisions/0010-journal.md).
 */
export class JournalLog implements AppendableLog {
  readonly kind = 'journal';
  /** A live view: it is the same object all the time. */
  readonly stats: LogStats;
  readonly #options: JournalLogOptions;
  readonly #followers = new Set<{ readonly follower: Follower }>();
  readonly #commits: GroupCommit<AppendUnit>;
  #segments = new Segments([], newEpoch());
  #opening: Promise<Opened> | undefined;
  #keys: Promise<Keys> | undefined;
  #retention: Retention | undefined;
  #isClosed = false;
  #bytes = 0;
  #bytesAppended = 0;
  #eventsAppended = 0;
  #lastEventAt: number | null = null;

  /** `glance`: what is known of it before it is looked into. */
  constructor(options: JournalLogOptions, glance?: { readonly bytes: number; readonly lastEventAt: number | null }) {
    this.#options = options;
    this.#bytes = glance?.bytes ?? 0;
    this.#lastEventAt = glance?.lastEventAt ?? null;
    this.#commits = new GroupCommit((units) => this.#commit(units), MAX_WRITE_BYTES);
    this.stats = this.#view();
  }

  /** The head there is, or a place before it as long as nothing has been asked of this log. */
  get head(): Cursor {
    const { head } = this.#segments;
    return formatJournalCursor(this.#segments.epochAt(head), head);
  }

  /** Events wait here while others are written: who appends waits for the answer before there is more. */
  append(events: readonly NewEvent[], condition?: AppendCondition): Promise<readonly (Appended | AppendError)[]> {
    if (this.#isClosed) return Promise.reject(new AppendError('closed', 'the feed is closed'));
    return new Promise<readonly Outcome[]>((resolve, reject) => {
      const bytes = events.reduce((sum, { data }) => sum + data.length, 0);
      this.#commits.add({ events, condition, bytes, resolve, reject });
    });
  }

  async locate(start: Start): Promise<Located> {
    const { segments } = await this.#open();
    return locateIn(this.#readable(segments), start);
  }

  async *read(from: Position, options: ReadOptions): AsyncGenerator<Batch, void, undefined> {
    const { segments } = await this.#open();
    // Of a feed that has been removed nothing more is said: not that it cannot be read.
    for await (const batch of readJournal(this.#readable(segments), from, options)) {
      if (this.#isClosed) return;
      yield batch;
    }
  }

  /** What is committed together comes together, at once. */
  async follow(follower: Follower): Promise<Following> {
    await this.#open();
    const entry = { follower };
    this.#followers.add(entry);
    const stop = () => void this.#followers.delete(entry);
    return { position: placeAt(this.#segments.head), cursor: this.head, partial: null, stop };
  }

  /** Drops what is not to be kept any longer. */
  async retain(retention: Retention, nowMs: number): Promise<void> {
    this.#retention = retention;
    await this.#commits.between(async () => {
      const { segments, writer, durability } = await this.#open();
      await retain({ ...this.#readable(segments), writer, durability }, retention, nowMs);
    });
  }

  /** Lets go of what can be read again, as long as nobody follows. */
  async rest(): Promise<void> {
    if (this.#opening === undefined) return;
    const { segments, writer } = await this.#opening;
    await this.#commits.between(async () => {
      if (this.#followers.size > 0) return;
      await writer.checkpoint();
      this.#keys = undefined;
      for (const segment of segments.list) segment.contents = undefined;
      for (const { path } of segments.list) await this.#options.pool.forget(path);
    });
  }

  /** What has been appended is kept before it ends. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#commits.idle();
    this.#followers.clear();
    const opened = await this.#opening?.catch(() => undefined);
    await opened?.writer.checkpoint();
    await opened?.durability.close();
    for (const { path } of this.#segments.list) await this.#options.pool.forget(path);
  }

  async #commit(units: readonly AppendUnit[]): Promise<void> {
    let opened: Opened;
    try {
      opened = await this.#open();
      this.#retention ??= await this.#options.loadRetention();
    } catch (cause) {
      const refusal = new AppendError('write-failed', (cause as Error).message, { cause });
      for (const unit of units) unit.reject(refusal);
      return;
    }
    const { segments, writer, durability, appender } = opened;
    const before = segments.list.length;
    await appender.commit(units, limitsOf(this.#retention, this.#options.segmentBytes));
    if (segments.list.length === before) return;
    // Not to be rid of something is no reason to refuse what is new.
    await retain({ ...this.#readable(segments), writer, durability }, this.#retention, Date.now()).catch(this.#options.onTrouble);
  }

  #readable(segments: Segments) {
    const { files, pool } = this.#options;
    return { segments, files, pool };
  }

  #open(): Promise<Opened> {
    this.#options.onUse();
    this.#opening ??= this.#recover().catch((error: unknown) => {
      this.#opening = undefined;
      throw error;
    });
    return this.#opening;
  }

  async #recover(): Promise<Opened> {
    const { folder, makeFolder } = this.#options;
    const found = await recover(this.#options);
    const segments = new Segments(found.segments, this.#segments.epoch);
    const durability = new Durability(this.#options, found.isMarked);
    const writer = new SegmentWriter({ ...this.#readable(segments), folder, durability, makeFolder });
    const keys = () => {
      this.#keys ??= loadKeysOf(this.#readable(segments), Date.now()).catch((error: unknown) => {
        this.#keys = undefined;
        throw error;
      });
      return this.#keys;
    };
    const committed = (frames: FramesWriter) => this.#tell(frames);
    const appender = new Appender({ ...this.#readable(segments), writer, keys, lastMs: found.lastMs, committed });
    this.#segments = segments;
    this.#bytes = segments.head - segments.oldest;
    if (found.lastMs > 0) this.#lastEventAt = found.lastMs;
    return { segments, durability, writer, appender };
  }

  #tell(frames: FramesWriter): void {
    this.#bytesAppended += frames.bytes.length;
    this.#eventsAppended += frames.ends.length;
    this.#lastEventAt = frames.lastMs;
    if (this.#followers.size === 0) return;
    for (const batch of batchesOf(frames))
      for (const entry of [...this.#followers]) if (this.#followers.has(entry)) entry.follower.batch(batch);
  }

  #view(): LogStats {
    const log = this;
    return {
      get bytes() {
        return log.#opening === undefined ? log.#bytes : log.#segments.head - log.#segments.oldest;
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
