import type { Batch, Notice, PartialLine } from '../batch.ts';
import type { Position } from '../position.ts';
import type { SourceStats } from './byte-source.ts';
import { FileReading, UNFINISHED_MS } from './file-reading.ts';
import type { Generation } from './generation.ts';
import type { Generations } from './generations.ts';
import { LateWatch } from './late-watch.ts';

export interface LiveTailOptions {
  readonly generations: Generations;
  readonly from: Position;
  /** How long an unfinished last line waits before it is shown, ms. */
  readonly partialTimeoutMs: number;
  readonly onBatch: (batch: Batch) => void;
  readonly onPartial: (partial: PartialLine | null) => void;
}

/** An old file at its end for this long is left for the new one. */
const ROTATION_QUIET_MS = 250;
/** A look ends after so long in a hole, so that others get their turn; the next one goes on. */
const SEARCH_SLICE_MS = 50;
/** A path that is not there for this long is said to be gone; a rotation takes a moment between rename and create. */
const GONE_AFTER_MS = 1_000;

/** Reads one tailed file as it grows, once for everybody who follows it. Does nothing by itself: a source tells it to look. */
export class LiveTail {
  readonly #options: LiveTailOptions;
  readonly #reading: FileReading;
  /** Files that have taken the path over, opened on sight and not yet read, the oldest first. */
  readonly #successors: Generation[] = [];
  readonly #late = new LateWatch();
  #lastGrowthAt = 0;
  #missingSince: number | undefined;
  #isGone = false;
  #unfinishedSince = 0;
  #shownAt = 0;
  #shown: PartialLine | null = null;

  /** Begins to read at `from`: whatever happens to the file after this is found out. */
  static async begin(options: LiveTailOptions): Promise<LiveTail> {
    const tail = new LiveTail(options);
    await tail.#reading.rememberContext();
    return tail;
  }

  private constructor(options: LiveTailOptions) {
    this.#options = options;
    this.#reading = new FileReading(options.generations, options.from, { sliceMs: SEARCH_SLICE_MS });
  }

  get position(): Position {
    return this.#reading.position;
  }

  /** How much of a file that is `bytes` long has not been read; where it has taken the path over, all of it. */
  lagOf(bytes: number): number {
    const { position, seenTo } = this.#reading;
    const isNewest = this.#successors.length === 0 && position.generation === this.#options.generations.newest?.ordinal;
    return isNewest ? Math.max(0, bytes - seenTo) : bytes;
  }

  get partial(): PartialLine | null {
    return this.#shown;
  }

  /**
   * Reads what has come, follows the path to a new file where there is one. `pathStats`: what the path names now.
   * Returns after how many ms it wants to be told to look again whatever happens; undefined where it need not.
   */
  async look(pathStats: SourceStats | undefined, now: number): Promise<number | undefined> {
    await this.#drain(now);
    await this.#noticeSuccessor(pathStats);
    await this.#tellLate(now);
    const again = [this.#tellIfGone(pathStats, now), await this.#moveOn(now), this.#tellUnfinished(now)];
    again.push(this.#reading.againMs);
    const waits = again.filter((wait) => wait !== undefined);
    return waits.length === 0 ? undefined : Math.min(...waits);
  }

  async close(): Promise<void> {
    for (const generation of this.#successors.splice(0)) await this.#options.generations.discard(generation);
  }

  async #drain(now: number): Promise<void> {
    const before = this.#reading.unfinished.length;
    for (;;) {
      const batches = await this.#reading.next(Date.now());
      if (batches.length === 0) break;
      for (const batch of batches) {
        this.#options.onBatch(batch);
        if (batch.kind === 'notice' && batch.type === 'feed.rotated') this.#watchForLateLines(batch.from, now);
      }
      this.#lastGrowthAt = now;
      this.#unfinishedSince = now;
      this.#forgetPartial(batches);
    }
    if (this.#reading.unfinished.length !== before) this.#lastGrowthAt = now;
    // Counted from the look that found the line begun, not from the last that found nothing.
    if (before === 0) this.#unfinishedSince = now;
  }

  async #noticeSuccessor(pathStats: SourceStats | undefined): Promise<void> {
    if (pathStats === undefined) return;
    const latest = this.#successors.at(-1) ?? this.#options.generations.newest;
    if (latest?.isSameFile(pathStats)) return;
    this.#successors.push(...(await this.#options.generations.openSuccessors(latest)));
  }

  /** Goes on to the next file once that has bytes and the old one has been at its end long enough. */
  async #moveOn(now: number): Promise<number | undefined> {
    const successor = this.#successors[0];
    if (successor === undefined) return undefined;
    await successor.look();
    if (successor.size === 0 && this.#successors.length === 1) return undefined;
    const quietMs = this.#reading.unfinished.length > 0 ? UNFINISHED_MS : ROTATION_QUIET_MS;
    const waitedMs = now - this.#lastGrowthAt;
    const { newest } = this.#options.generations;
    if (newest !== undefined && waitedMs < quietMs) return quietMs - waitedMs;
    // It may have been rotated away and its place filled since it was opened.
    if (newest !== undefined)
      this.#successors.unshift(...(await this.#options.generations.openBetween(newest, this.#successors)));
    const next = this.#successors.shift() ?? successor;
    this.#options.generations.add(next);
    await this.#options.generations.trim();
    await this.#drain(now);
    return this.#successors.length > 0 ? ROTATION_QUIET_MS : undefined;
  }

  #tellIfGone(pathStats: SourceStats | undefined, now: number): number | undefined {
    if (pathStats !== undefined) {
      if (this.#isGone) this.#tell('feed.back');
      this.#isGone = false;
      this.#missingSince = undefined;
      return undefined;
    }
    if (this.#isGone || this.#options.generations.newest === undefined) return undefined;
    this.#missingSince ??= now;
    const left = this.#missingSince + GONE_AFTER_MS - now;
    if (left > 0) return left;
    this.#isGone = true;
    this.#tell('feed.gone');
    return undefined;
  }

  /** Shows the unfinished line once it is old enough, and at most as often when it grows. */
  #tellUnfinished(now: number): number | undefined {
    const text = this.#reading.unfinishedText;
    if (text === '' || text === this.#shown?.text) return undefined;
    const left = Math.max(this.#unfinishedSince, this.#shownAt) + this.#options.partialTimeoutMs - now;
    if (left > 0) return left;
    this.#shown = { text };
    this.#shownAt = now;
    this.#options.onPartial(this.#shown);
    return undefined;
  }

  #watchForLateLines(left: Position, now: number): void {
    const generation = this.#options.generations.get(left.generation);
    if (generation !== undefined) this.#late.add(generation, left.offset, now);
  }

  async #tellLate(now: number): Promise<void> {
    const { position } = this.#reading;
    const current = this.#options.generations.get(position.generation);
    if (current === undefined) return;
    for (const notice of await this.#late.look(position, current, now)) this.#options.onBatch(notice);
  }

  /** A shown line that has not become a message (the file was cut) is taken back. */
  #forgetPartial(batches: readonly Batch[]): void {
    if (this.#shown === null) return;
    this.#shown = null;
    if (batches.every(({ kind }) => kind === 'notice')) this.#options.onPartial(null);
  }

  #tell(type: Notice['type']): void {
    const at = this.#reading.position;
    this.#options.onBatch({ kind: 'notice', from: at, to: at, type, data: { time: new Date().toISOString() } });
  }
}
