import type { Batch, Notice, PartialLine } from '../batch.ts';
import type { Follower, Following, Located, Log, LogStats, ReadOptions, Start } from '../log.ts';
import { comparePositions, type Position } from '../position.ts';
import type { ArchiveCache } from './archive-cache.ts';
import { FileReading } from './file-reading.ts';
import type { Generation } from './generation.ts';
import { Generations } from './generations.ts';
import { LiveTail } from './live-tail.ts';
import { BEFORE_FILE, findHead, locate } from './locate.ts';
import { PathStats } from './path-stats.ts';
import { cursorAt } from './shared-beginning.ts';
import { SinglePath, type TailedPath } from './tailed-path.ts';

export interface FileLogOptions {
  /** Absolute; for people only where `tailed` is given. */
  readonly path: string;
  /** What is followed, where that is not simply `path`. */
  readonly tailed?: TailedPath;
  /** How long an unfinished last line waits before it is shown, ms. */
  readonly partialTimeoutMs: number;
  /** Where older parts that are compressed are inflated; shared by all logs. */
  readonly archives: ArchiveCache;
  /** Takes lines as they are, also where a container runtime has wrapped them. */
  readonly raw?: boolean;
  /** Called when the first follower comes and when the last has gone: that is when looking is worth it. */
  readonly onFollowed?: (isFollowed: boolean) => void;
  /** Called with what has failed for one who reads, who gets the error too: it may concern others. */
  readonly onError?: (error: unknown) => void;
  /** The clock by which it waits, ms; `performance.now` where not given. */
  readonly now?: () => number;
}

/** A file that is cut while a place in it is looked for is searched again, at most so many times. */
const MOST_SEARCHES = 3;
/** Files that nobody reads any more are closed after this long. */
const IDLE_CLOSE_MS = 30_000;

/** Somebody's file as a log: nothing is copied, a position is (which file, byte offset), and the cursor rests on its content. */
export class FileLog implements Log {
  readonly kind = 'file';
  readonly path: string;
  readonly #options: FileLogOptions;
  readonly #generations: Generations;
  readonly #stats: PathStats;
  readonly #now: () => number;
  readonly #followers = new Set<Follower>();
  #tail: LiveTail | undefined;
  #users = 0;
  #idleTimer: NodeJS.Timeout | undefined;
  #isClosed = false;
  /** Looks, locates and follows change the generations one at a time. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: FileLogOptions) {
    this.#options = options;
    this.path = options.path;
    const tailed = options.tailed ?? new SinglePath(options.path);
    this.#generations = new Generations(tailed, options.archives, options.raw ?? false);
    this.#stats = new PathStats();
    this.#now = options.now ?? (() => performance.now());
  }

  get stats(): LogStats {
    return this.#stats;
  }

  /** Whether the path named a regular file at the last look. */
  get isThere(): boolean {
    return this.#stats.isThere;
  }

  /** How many files, or contents of one file, have been seen at the path so far. */
  get generation(): number {
    return this.#stats.generation;
  }

  /** Bytes that have been seen in the file and not been read by those who follow; null where nobody does. */
  get lagBytes(): number | null {
    return this.#tail === undefined ? null : this.#tail.lagOf(this.#stats.bytes);
  }

  get isFollowed(): boolean {
    return this.#tail !== undefined;
  }

  async locate(start: Start, signal: AbortSignal = new AbortController().signal): Promise<Located> {
    const inTurn = <T>(work: () => Promise<T>) => this.#inTurn(work);
    return this.#use(async () => {
      for (let left = MOST_SEARCHES; ; left -= 1) {
        const live = await inTurn(async () => {
          if (this.#tail === undefined) await this.#generations.refresh();
          await this.#generations.settled();
          return this.#tail?.position;
        });
        const located = await locate({ generations: this.#generations, inTurn, signal }, start, live);
        if (left === 0 || (await this.#generations.isAsSeen(located.position))) return located;
      }
    });
  }

  async *read(from: Position, { until, signal, reuse = false }: ReadOptions): AsyncIterable<Batch> {
    this.#hold();
    try {
      const reading = new FileReading(this.#generations, from, {
        sliceMs: Number.POSITIVE_INFINITY,
        signal,
        waitsForLines: true,
      });
      if (reuse) reading.reuseMemory();
      while (!signal.aborted) {
        if (until !== undefined && comparePositions(reading.position, until) >= 0) return;
        const batches = await reading.next(null, until);
        if (batches.length === 0) {
          if (reading.isSearching) continue;
          if (until === undefined && reading.unfinishedText !== '') yield unfinishedNotice(reading);
          return;
        }
        yield* batches;
      }
    } finally {
      this.#release();
    }
  }

  async follow(follower: Follower): Promise<Following> {
    return this.#inTurn(async () => {
      if (this.#isClosed) throw new Error(`the log of ${this.path} is closed`);
      const tail = await this.#startTail();
      const cursor = await cursorAt(this.#generations, tail.position);
      this.#followers.add(follower);
      const stop = () => void this.#stop(follower);
      return { position: tail.position, cursor, partial: tail.partial, stop };
    });
  }

  /**
   * Looks at the file now: reads what has come for those who follow, or only notes its length where nobody does. Returns
   * after how many ms to look again whatever happens; undefined where that need not be.
   */
  async look(): Promise<number | undefined> {
    if (this.#tail === undefined) {
      this.#stats.note(await this.#generations.statPath());
      if (this.#tail === undefined) return undefined;
    }
    return this.#inTurn(async () => {
      if (this.#isClosed) return undefined;
      const stats = await this.#generations.statPath();
      this.#stats.note(stats);
      return this.#tail?.look(stats, this.#now());
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#followers.clear();
    clearTimeout(this.#idleTimer);
    await this.#inTurn(() => this.#closeFiles());
  }

  async #startTail(): Promise<LiveTail> {
    if (this.#tail !== undefined) return this.#tail;
    this.#hold();
    const known = this.#generations.newest;
    await this.#generations.refresh();
    this.#tail = await this.#beginTail(known);
    this.#stats.eventsAppended = 0;
    this.#options.onFollowed?.(true);
    return this.#tail;
  }

  /** At the head. One that was found in a file that was cut meanwhile is no place of the content that others know: it is found again. */
  async #beginTail(known: Generation | undefined): Promise<LiveTail> {
    for (let left = MOST_SEARCHES; ; left -= 1) {
      const { newest } = this.#generations;
      const tail = await LiveTail.begin({
        generations: this.#generations,
        from: newest === undefined ? BEFORE_FILE : await findHead(newest),
        partialTimeoutMs: this.#options.partialTimeoutMs,
        onBatch: (batch) => this.#deliver(batch),
        onPartial: (partial) => this.#deliverPartial(partial),
      });
      if (left === 0 || (await this.#generations.isAsSeen(tail.position, newest !== known))) return tail;
    }
  }

  #deliver(batch: Batch): void {
    if (batch.kind === 'events') this.#stats.eventsAppended = (this.#stats.eventsAppended ?? 0) + batch.count;
    for (const follower of this.#followers) follower.batch(batch);
  }

  #deliverPartial(partial: PartialLine | null): void {
    for (const follower of this.#followers) follower.partial(partial);
  }

  async #stop(follower: Follower): Promise<void> {
    if (!this.#followers.delete(follower)) return;
    await this.#inTurn(async () => {
      if (this.#followers.size > 0 || this.#tail === undefined) return;
      const tail = this.#tail;
      this.#tail = undefined;
      this.#stats.eventsAppended = null;
      this.#options.onFollowed?.(false);
      await tail.close();
      this.#release();
    });
  }

  async #use<T>(work: () => Promise<T>): Promise<T> {
    this.#hold();
    try {
      return await work();
    } finally {
      this.#release();
    }
  }

  #hold(): void {
    this.#users += 1;
    clearTimeout(this.#idleTimer);
  }

  #release(): void {
    this.#users -= 1;
    if (this.#users > 0 || this.#isClosed) return;
    this.#idleTimer = setTimeout(() => void this.#inTurn(() => this.#closeIfIdle()), IDLE_CLOSE_MS).unref();
  }

  async #closeIfIdle(): Promise<void> {
    if (this.#users === 0) await this.#closeFiles();
  }

  async #closeFiles(): Promise<void> {
    await this.#tail?.close();
    this.#tail = undefined;
    await this.#generations.close();
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work);
    this.#turn = done.catch((error) => this.#options.onError?.(error));
    return done;
  }
}

/** What a reading that ends at the end of the file has left over: not an event, since its line may go on. */
function unfinishedNotice({ position, unfinishedText }: FileReading): Notice {
  return { kind: 'notice', from: position, to: position, type: 'feed.partial', data: { data: unfinishedText } };
}
