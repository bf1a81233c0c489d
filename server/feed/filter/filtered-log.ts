import { setImmediate as turn } from 'node:timers/promises';
import type { Batch } from '../batch.ts';
import { EarlyNews } from '../early-news.ts';
import type { Follower, Following, Located, Log, LogKind, ReadableLog, ReadOptions, Start } from '../log.ts';
import type { Position } from '../position.ts';
import { findLastShown } from './find-last-shown.ts';
import { type Filtering, LivePassage } from './live-passage.ts';
import type { FilteredPosition } from './long-lines.ts';
import { MatchingFailed } from './match-thread.ts';
import { Passage } from './passage.ts';
import type { Sieve } from './sieve.ts';

export interface FilteredLogOptions {
  readonly onFailure: (error: unknown) => void;
  readonly hiddenMs?: number;
}

/** A reader's place advances at most this often past what is hidden from it. */
const HIDDEN_MS = 5_000;

/** What a filter shows of a log, with `feed.hidden` where it hides. Places and cursors are those of the log. */
export class FilteredLog implements ReadableLog {
  readonly #log: Log;
  readonly #filtering: Filtering;
  readonly #live = new Set<LivePassage>();

  constructor(log: Log, sieve: Sieve, { onFailure, hiddenMs = HIDDEN_MS }: FilteredLogOptions) {
    this.#log = log;
    this.#filtering = { log, sieve, hiddenMs, onFailure };
  }

  get kind(): LogKind {
    return this.#log.kind;
  }

  async locate(start: Start, signal: AbortSignal): Promise<Located> {
    const { log, sieve } = this.#filtering;
    if (start.at !== 'last' && start.at !== 'before') return this.#place(await log.locate(start, signal), signal);
    const found = await this.#orFail(() => findLastShown({ log, sieve }, start, signal));
    return this.#place(found, signal);
  }

  async *read(from: Position, options: ReadOptions): AsyncGenerator<Batch, void, undefined> {
    const { log, sieve, hiddenMs } = this.#filtering;
    const passage = new Passage(sieve, from);
    let toldAt = performance.now();
    for await (const batch of log.read(from, options)) {
      const given = await this.#orFail(async () => passage.pass(batch));
      if (options.signal.aborted) return;
      if (given !== undefined) yield given;
      // Logs in memory never wait, and hidden batches do not either: others are to have their turn.
      else await turn();
      if (performance.now() - toldAt < hiddenMs) continue;
      toldAt = performance.now();
      const hidden = passage.takeHidden();
      if (hidden !== undefined) yield hidden;
    }
    const hidden = passage.takeHidden();
    if (hidden !== undefined) yield hidden;
  }

  async follow(follower: Follower): Promise<Following> {
    const news = new EarlyNews();
    const following = await this.#log.follow(news);
    try {
      const { position, cursor } = await this.#place({ ...following, by: 'cursor' }, new AbortController().signal);
      const live = new LivePassage(this.#filtering, follower, position);
      this.#live.add(live);
      news.release(live);
      const stop = () => {
        this.#live.delete(live);
        live.end();
        following.stop();
      };
      return {
        position,
        cursor,
        partial: null,
        stop,
        get isBehind() {
          return live.isBehind;
        },
        settle: () => live.settle(),
      };
    } catch (error) {
      following.stop();
      throw error;
    }
  }

  /** Tells all who follow of what has been hidden from them until now. */
  flush(): void {
    for (const live of this.#live) live.flush();
  }

  /** A place inside a long line: nobody knows any more whether its beginning is shown, so that the rest is. */
  async #place(located: Located, signal: AbortSignal): Promise<Located> {
    const { position, cursor } = located;
    // Events of a journal are never cut.
    if (this.#log.kind === 'journal' || located.gap !== undefined || located.by === 'oldest') return located;
    const before = await this.#log.locate({ at: 'before', cursor, count: 1 }, signal);
    if (before.gap !== undefined || before.page === undefined) return located;
    for await (const batch of this.#log.read(before.position, { until: before.page.end, signal })) {
      if (batch.kind === 'notice' || !batch.isCut(batch.count - 1)) continue;
      const stream = batch.stream?.(batch.count - 1) ?? 'stdout';
      const inside: FilteredPosition = { ...position, unfinished: { [stream]: true } };
      return { ...located, position: inside };
    }
    return located;
  }

  /** Whoever reads is let go in words before its reading ends. */
  async #orFail<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof MatchingFailed) this.#filtering.onFailure(error);
      throw error;
    }
  }
}
