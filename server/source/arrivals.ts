import { stat } from 'node:fs/promises';
import { errorCode } from '../config/path-trouble.ts';

/** What has been touched is judged a few at a time: thousands of files can come in a second, and each is opened for a moment. */
const JUDGED_AT_ONCE = 8;
/** Where more than this many wait, the rest is found when its folder is listed again. */
const MAX_WAITING = 20_000;
const MAX_REFUSED = 20_000;
const FORGOTTEN_MS = 600_000;
/** One that was refused is judged again when it is touched, but not at each of its writes. */
const JUDGED_AGAIN_MS = 10_000;

export interface ArrivalsOptions {
  /** Whether the path has become something. */
  readonly judge: (path: string) => Promise<boolean>;
  readonly onTrouble: (path: string, error: unknown) => void;
  /** There are so many that this one is not kept. */
  readonly onOverflow: (path: string) => void;
}

interface Refusal {
  readonly at: number;
  touchedSince: boolean;
}

/** Paths that have been touched, or met in a listing, and are not followed: each is judged whether it is to be. */
export class Arrivals {
  readonly #options: ArrivalsOptions;
  readonly #waiting = new Set<string>();
  /** Those that are being judged, and whether they have been touched since that began. */
  readonly #judging = new Map<string, boolean>();
  readonly #refused = new Map<string, Refusal>();
  readonly #running = new Set<Promise<void>>();
  #isClosed = false;

  constructor(options: ArrivalsOptions) {
    this.#options = options;
  }

  /** `path` was touched, or only `seen` in a listing, which says nothing new of one that was refused before. */
  add(path: string, how: 'touched' | 'seen'): void {
    if (this.#isClosed || this.#waiting.has(path) || this.#isKnown(path, how === 'touched')) return;
    if (this.#waiting.size >= MAX_WAITING) {
      this.#options.onOverflow(path);
      return;
    }
    this.#waiting.add(path);
    if (this.#running.size < JUDGED_AT_ONCE) this.#run();
  }

  /** It has been judged elsewhere, and is nothing. */
  refuse(path: string, touchedSince = false): void {
    if (this.#refused.size < MAX_REFUSED) this.#refused.set(path, { at: performance.now(), touchedSince });
  }

  /** Judges again what has been touched since it was refused, and forgets what was refused long ago. To be called now and then. */
  again(): void {
    const now = performance.now();
    for (const [path, { at, touchedSince }] of this.#refused) {
      if (now - at < (touchedSince ? JUDGED_AGAIN_MS : FORGOTTEN_MS)) continue;
      this.#refused.delete(path);
      if (touchedSince) this.add(path, 'touched');
    }
  }

  /** Resolves when nothing waits to be judged, at the latest after `maxMs`: files can come faster than they are judged. */
  async settle(maxMs: number): Promise<void> {
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(), maxMs);
    const isLate = new Promise<void>((resolve) => late.signal.addEventListener('abort', () => resolve()));
    while (this.#running.size > 0 && !late.signal.aborted) await Promise.race([Promise.all(this.#running), isLate]);
    clearTimeout(timer);
  }

  close(): void {
    this.#isClosed = true;
    this.#waiting.clear();
  }

  #isKnown(path: string, wasTouched: boolean): boolean {
    if (this.#judging.has(path)) {
      if (wasTouched) this.#judging.set(path, true);
      return true;
    }
    const refusal = this.#refused.get(path);
    if (refusal !== undefined && wasTouched) refusal.touchedSince = true;
    return refusal !== undefined;
  }

  #run(): void {
    const running: Promise<void> = this.#judgeWaiting().finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  /** A set goes on to what is added while it is gone through. */
  async #judgeWaiting(): Promise<void> {
    for (const path of this.#waiting) {
      this.#waiting.delete(path);
      this.#judging.set(path, false);
      await this.#judge(path);
    }
  }

  async #judge(path: string): Promise<void> {
    try {
      const isTaken = await this.#options.judge(path);
      if (!isTaken && (await isThere(path))) this.refuse(path, this.#judging.get(path));
    } catch (error) {
      this.#options.onTrouble(path, error);
    } finally {
      this.#judging.delete(path);
    }
  }
}

/** One that is not there may come at any moment, and is judged then. */
async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    (error: unknown) => errorCode(error) !== 'ENOENT',
  );
}
