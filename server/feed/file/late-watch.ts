import type { Notice } from '../batch.ts';
import type { Position } from '../position.ts';
import type { Generation } from './generation.ts';
import { lastLineEnd } from './line-start.ts';

/** A file that has been replaced is watched for late lines for this long. */
const WATCH_MS = 10 * 60_000;

interface Left {
  readonly generation: Generation;
  /** Up to here its lines have been given. */
  end: number;
  readonly until: number;
}

/**
 * Old files whose writers may not have noticed the rotation yet. Their late lines belong before what has been read meanwhile, so
 * they are not given as events: a `feed.gap` names the range, which can be fetched.
 */
export class LateWatch {
  #left: Left[] = [];

  /** `generation` was left at `end` for the next one. */
  add(generation: Generation, end: number, now: number): void {
    this.#left.push({ generation, end, until: now + WATCH_MS });
  }

  /** Gaps for whole lines that have come to old files since the last look. `at` is where the subscribers are. */
  async look(at: Position, current: Generation, now: number): Promise<Notice[]> {
    this.#left = this.#left.filter(({ until }) => until > now);
    const notices: Notice[] = [];
    for (const left of this.#left) {
      const notice = await this.#lookAt(left, at, current).catch(() => undefined);
      if (notice !== undefined) notices.push(notice);
    }
    return notices;
  }

  async #lookAt(left: Left, at: Position, current: Generation): Promise<Notice | undefined> {
    const { generation, end } = left;
    await generation.look();
    if (generation.size <= end) return undefined;
    const until = await lastLineEnd(generation, generation.size);
    if (until <= end) return undefined;
    left.end = until;
    const [since, to, cursor] = await Promise.all([
      end === 0 ? generation.startCursor(until) : generation.cursorAt(end),
      generation.cursorAt(until),
      current.cursorAt(at.offset),
    ]);
    const data = { reason: 'late', bytes: until - end, events: null, since, until: to, time: new Date().toISOString() };
    return { kind: 'notice', from: at, to: at, type: 'feed.gap', data, cursor };
  }
}
