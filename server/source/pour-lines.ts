import type { Readable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { MemoryLog } from '../feed/memory-log.ts';
import { LineStream } from './line-stream.ts';

// A slice of nothing but line ends is appended in about 5 ms: the loop is not held longer at a time.
const SLICE_BYTES = 4096;

export interface PourOptions {
  readonly log: MemoryLog;
  /** Reading ends when it is aborted; the input is destroyed then. */
  readonly signal: AbortSignal;
  /** How long a line must have been unfinished before it is shown. Default 1 s. */
  readonly partialTimeoutMs?: number;
}

/**
 * Appends each line of `input` to `log`, as fast as it comes: the ring's bounds are the bounds. Answers how many lines came, once the
 * input has ended or `signal` is aborted; rejects where the input fails.
 */
export async function pourLines(input: Readable, { log, signal, partialTimeoutMs = 1000 }: PourOptions): Promise<number> {
  const lines = new LineStream();
  const partial = new PartialDisplay(log, lines, partialTimeoutMs);
  const stop = (): unknown => input.destroy();
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  let count = 0;
  const append = (finished: ReturnType<LineStream['push']>): void => {
    for (const { bytes, cut } of finished) log.append(bytes, undefined, cut);
    count += finished.length;
    partial.update(finished.length > 0);
  };
  try {
    for await (const slice of slicesOf(input)) append(lines.push(slice));
    append(lines.end());
  } catch (error) {
    append(lines.end());
    if (!signal.aborted) throw error;
  } finally {
    signal.removeEventListener('abort', stop);
    partial.end();
  }
  return count;
}

async function* slicesOf(input: Readable): AsyncGenerator<Buffer> {
  for await (const chunk of input) {
    const bytes: Buffer = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
    for (let at = 0; at < bytes.length; at += SLICE_BYTES) {
      if (at > 0) await nextTurn();
      yield bytes.subarray(at, at + SLICE_BYTES);
    }
  }
}

/** Shows the unfinished line once it has been there for a while, and how it grows, once each such while. */
class PartialDisplay {
  readonly #log: MemoryLog;
  readonly #lines: LineStream;
  readonly #timeoutMs: number;
  #timer: NodeJS.Timeout | undefined;
  #isShown = false;

  constructor(log: MemoryLog, lines: LineStream, timeoutMs: number) {
    this.#log = log;
    this.#lines = lines;
    this.#timeoutMs = timeoutMs;
  }

  update(isNewLine: boolean): void {
    if (isNewLine) this.end();
    if (this.#lines.isUnfinished) this.#timer ??= setTimeout(() => this.#show(), this.#timeoutMs).unref();
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#isShown) this.#log.setPartial(null);
    this.#isShown = false;
  }

  #show(): void {
    this.#timer = undefined;
    this.#isShown = true;
    this.#log.setPartial(this.#lines.unfinished.toString('utf8'));
  }
}
