import type { ByteSource } from './byte-source.ts';
import { inflate } from './inflate.ts';

/** How much of what has been passed is kept, since each read begins a little before the end of the last. */
const KEPT_BYTES = 768 * 1024;
/** A stream that has to go no further than this to a place is taken for one that stands there. */
const NEAR_BYTES = 1024 * 1024;
/** Readers at different places of one archive have a stream each, up to this many. Each keeps about 1 MiB. */
const MAX_STREAMS = 16;
/** A stream that nobody has used for this long may be taken by another reader, and is closed at the next opportunity. */
const IDLE_MS = 10_000;

/** Reads an archive that is too large to keep: streams that go forward, each for a reader of its own. */
export class LinearReadings {
  readonly #compressed: ByteSource;
  readonly #streams = new Set<Stream>();
  #idleTimer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(compressed: ByteSource) {
    this.#compressed = compressed;
  }

  /** Whether `position` can be read without inflating from the start again. */
  canContinue(position: number): boolean {
    return [...this.#streams].some((stream) => stream.holds(position));
  }

  async read(position: number, length: number): Promise<Buffer> {
    const stream = await this.#take(position);
    try {
      return await stream.read(position, length);
    } catch (error) {
      await this.#drop(stream);
      throw error;
    } finally {
      this.#armIdleTimer();
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#idleTimer);
    await Promise.all([...this.#streams].map((stream) => this.#drop(stream)));
  }

  /** The stream that stands there, else one that nobody needs, else a new one. Waits where it, or all, are at work. */
  async #take(position: number): Promise<Stream> {
    for (;;) {
      if (this.#isClosed) throw new Error('the archive is closed');
      const standing = [...this.#streams].filter((stream) => stream.holds(position));
      const free = [...this.#streams].filter((stream) => !stream.isBusy);
      const chosen =
        standing.find((stream) => !stream.isBusy) ?? (standing.length === 0 ? this.#other(free, position) : undefined);
      if (chosen !== undefined) {
        chosen.isBusy = true;
        return chosen;
      }
      const waitFor = standing.length > 0 ? standing : [...this.#streams];
      await Promise.race(waitFor.map(({ settled }) => settled));
    }
  }

  #other(free: readonly Stream[], position: number): Stream | undefined {
    const idle = nearestIdle(free, position);
    if (idle !== undefined || this.#streams.size < MAX_STREAMS) return idle ?? this.#open();
    const oldest = free.toSorted((a, b) => a.usedAt - b.usedAt)[0];
    if (oldest === undefined) return undefined;
    void this.#drop(oldest);
    return this.#open();
  }

  #open(): Stream {
    const stream = new Stream(this.#compressed);
    this.#streams.add(stream);
    return stream;
  }

  async #drop(stream: Stream): Promise<void> {
    this.#streams.delete(stream);
    await stream.close();
  }

  #armIdleTimer(): void {
    clearTimeout(this.#idleTimer);
    if (this.#isClosed || this.#streams.size === 0) return;
    this.#idleTimer = setTimeout(() => {
      for (const stream of this.#streams) if (stream.isIdle) void this.#drop(stream);
      this.#armIdleTimer();
    }, IDLE_MS).unref();
  }
}

/** Of the streams whose reader has gone, the one that has the shortest way forward to `position`. */
function nearestIdle(streams: readonly Stream[], position: number): Stream | undefined {
  const before = streams.filter((stream) => stream.isIdle && stream.start <= position);
  return before.toSorted((a, b) => b.start - a.start)[0];
}

/** Goes forward through the content; one reading at a time. */
class Stream {
  readonly #chunks: AsyncGenerator<Buffer, void, undefined>;
  readonly #closing = new AbortController();
  #bytes = Buffer.alloc(0);
  /** The first byte that can still be read without beginning again. */
  start = 0;
  usedAt = performance.now();
  isBusy = false;
  /** Resolves when the reading that goes on has ended, however. */
  settled: Promise<unknown> = Promise.resolve();

  constructor(compressed: ByteSource) {
    this.#chunks = inflate(compressed, { signal: this.#closing.signal });
  }

  get isIdle(): boolean {
    return !this.isBusy && performance.now() - this.usedAt >= IDLE_MS;
  }

  holds(position: number): boolean {
    return position >= this.start && position <= this.start + this.#bytes.length + NEAR_BYTES;
  }

  /** The caller has set `isBusy`. */
  read(position: number, length: number): Promise<Buffer> {
    const reading = this.#read(position, length).finally(() => {
      this.isBusy = false;
      this.usedAt = performance.now();
    });
    this.settled = reading.catch(() => undefined);
    return reading;
  }

  async close(): Promise<void> {
    this.#closing.abort(new Error('the archive is closed'));
    await this.settled;
    await this.#chunks.return();
  }

  async #read(position: number, length: number): Promise<Buffer> {
    while (this.start + this.#bytes.length < position + length) {
      const { value, done } = await this.#chunks.next();
      if (done === true) break;
      this.#bytes = Buffer.concat([this.#bytes, value]);
      this.#forgetBefore(position);
    }
    const at = Math.min(this.#bytes.length, position - this.start);
    return Buffer.from(this.#bytes.subarray(at, at + length));
  }

  #forgetBefore(position: number): void {
    const passed = Math.min(this.#bytes.length - KEPT_BYTES, position - this.start);
    if (passed <= 0) return;
    this.#bytes = this.#bytes.subarray(passed);
    this.start += passed;
  }
}
