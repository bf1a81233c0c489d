import type { Batch } from '../batch.ts';
import type { Follower, ReadableLog } from '../log.ts';
import { comparePositions, type Position, samePosition } from '../position.ts';
import type { FilteredPosition } from './long-lines.ts';
import { Passage } from './passage.ts';
import type { Sieve } from './sieve.ts';

export interface Filtering {
  readonly log: ReadableLog;
  readonly sieve: Sieve;
  /** Hidden events are told this long after the first of them, ms. */
  readonly hiddenMs: number;
  /** What is shown cannot be found out any more. */
  readonly onFailure: (error: unknown) => void;
}

/** Batches that wait to be looked at, bytes. Beyond that they are forgotten, and read from the log when it is their turn. */
const MAX_WAITING_BYTES = 1024 * 1024;
const MAX_WAITING = 1_024;

/**
 * Tells a follower what a filter shows of what comes, in order, also where that takes a while to find out. Unfinished lines are not
 * told: nobody knows yet whether they will be shown.
 */
export class LivePassage implements Follower {
  readonly #filtering: Filtering;
  readonly #follower: Follower;
  readonly #passage: Passage;
  readonly #ended = new AbortController();
  /** Up to here all has been looked at. */
  #position: Position;
  #waiting: Batch[] = [];
  #waitingBytes = 0;
  /** What comes next is not among those that wait, but can be read. */
  #isToRead = false;
  #isBusy = false;
  #working: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;

  constructor(filtering: Filtering, follower: Follower, from: FilteredPosition) {
    this.#filtering = filtering;
    this.#follower = follower;
    this.#passage = new Passage(filtering.sieve, from);
    this.#position = from;
  }

  /** Whether there is something that has not been looked at. */
  get isBehind(): boolean {
    return this.#isBusy;
  }

  batch(batch: Batch): void {
    if (this.#ended.signal.aborted) return;
    this.#waiting.push(batch);
    this.#waitingBytes += sizeOf(batch);
    if (this.#waitingBytes > MAX_WAITING_BYTES || this.#waiting.length > MAX_WAITING) this.#fallBehind();
    if (!this.#isBusy) this.#working = this.#work();
  }

  partial(): void {}

  /** Tells of hidden events now. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const notice = this.#passage.takeHidden();
    if (notice !== undefined) this.#follower.batch(notice);
  }

  /** Resolves when all that has come has been looked at and told. */
  async settle(): Promise<void> {
    await this.#working;
    this.flush();
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#waiting = [];
    this.#ended.abort();
  }

  #fallBehind(): void {
    this.#waiting = [];
    this.#waitingBytes = 0;
    this.#isToRead = true;
  }

  /** What can be told at once is, before this returns. */
  async #work(): Promise<void> {
    this.#isBusy = true;
    const { signal } = this.#ended;
    try {
      while (!signal.aborted && (this.#isToRead || this.#waiting.length > 0)) {
        if (this.#isToRead) await this.#readOn();
        const given = this.#passNext();
        this.#tell(given instanceof Promise ? await given : given);
      }
    } catch (error) {
      if (!signal.aborted) this.#filtering.onFailure(error);
    } finally {
      this.#isBusy = false;
    }
  }

  /** Reads what has been forgotten, up to the head; what has come meanwhile waits, and is skipped where it has been read. */
  async #readOn(): Promise<void> {
    this.#isToRead = false;
    const { signal } = this.#ended;
    for await (const batch of this.#filtering.log.read(this.#position, { signal })) {
      if (signal.aborted) return;
      // Unfinished lines and other news are of the moment.
      if (batch.kind === 'notice' && samePosition(batch.from, batch.to)) continue;
      const given = this.#passage.pass(batch);
      this.#position = batch.to;
      this.#tell(await given);
    }
  }

  /** The next that waits, unless it has been read or is not where the reading ended. */
  #passNext(): Given | Promise<Given> {
    const batch = this.#waiting.shift();
    if (batch === undefined) return undefined;
    this.#waitingBytes -= sizeOf(batch);
    if (comparePositions(batch.to, this.#position) <= 0 && !samePosition(batch.from, this.#position)) return undefined;
    if (!samePosition(batch.from, this.#position)) return void this.#fallBehind();
    const given = this.#passage.pass(batch);
    this.#position = batch.to;
    return given;
  }

  #tell(given: Given): void {
    if (this.#ended.signal.aborted) return;
    if (given !== undefined) this.#follower.batch(given);
    if (this.#passage.hasHidden) this.#timer ??= setTimeout(() => this.flush(), this.#filtering.hiddenMs).unref();
  }
}

type Given = Batch | undefined;

function sizeOf(batch: Batch): number {
  return batch.kind === 'notice' ? 0 : (batch.ends[batch.count - 1] ?? 0) - (batch.starts[0] ?? 0);
}
