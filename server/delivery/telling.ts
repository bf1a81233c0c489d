import type { Cursor } from '../feed/cursor.ts';
import type { Located } from '../feed/log.ts';
import { catchUp } from './catch-up.ts';
import type { FanOut } from './fan-out.ts';
import { firstEvents } from './first-events.ts';
import type { Latest } from './latest.ts';
import { gapControl, gapsOf, opening } from './opening.ts';
import type { Outlet } from './outlet.ts';
import { copy, type Reader, say } from './reader.ts';
import { StallWatch } from './stall-watch.ts';
import type { TimerWheel } from './timer-wheel.ts';
import { unfinishedLines } from './unfinished-lines.ts';
import type { Wish } from './wish.ts';

export interface TellingOptions {
  /** Told in `feed.open`. */
  readonly instance: string;
  readonly stallTimeoutMs: number;
  readonly wheel: TimerWheel;
  readonly fanOut: FanOut;
}

/** A client that takes nothing is looked for after this long for the first time. */
export const FIRST_LOOK_MS = 1_000;

/** What one reader is told for itself: how its answer begins, and the history that it asks for, at its own speed. */
export class Telling {
  readonly #options: TellingOptions;

  constructor(options: TellingOptions) {
    this.#options = options;
  }

  /** What comes behind this is all that comes. */
  async latest(reader: Reader, latest: Latest): Promise<Located> {
    const { format, outlet } = reader;
    await this.watched(outlet, async () => {
      reader.place = latest.start;
      await copy(reader, latest.steps({ format, framing: this.#options.fanOut.framing }, outlet.closed));
      say(outlet, format.control('feed.latest', { field: latest.report.field, time: new Date().toISOString() }));
    });
    return latest.end;
  }

  /** From the start to where the wish ends, or to the head as of now. */
  async history(reader: Reader, { start, until, limit, latest }: Wish): Promise<void> {
    const { feed, format, outlet } = reader;
    const { framing } = this.#options.fanOut;
    const { log } = feed;
    if (latest !== undefined) {
      this.open(reader, latest.start, latest.end.cursor, latest);
      return void (await this.latest(reader, latest));
    }
    // The start comes first: the last five of a feed that grows are five, and what has come since.
    const located = await log.locate(start, outlet.closed);
    const head = await log.locate({ at: 'head' }, outlet.closed);
    const end = until === undefined ? undefined : await log.locate(until, outlet.closed);
    this.open(reader, located, head.cursor);
    reader.place = located;
    // Without its end, a range is not known: nothing of it is given rather than too much.
    if (end?.gap !== undefined) {
      for (const gap of gapsOf(end)) say(outlet, gapControl(format, { ...gap, of: 'until' }, located.cursor));
      return;
    }
    const last = located.page?.end ?? end?.position;
    const stretch = { from: located.position, until: last ?? head.position, signal: outlet.closed };
    const room = { left: limit ?? Number.POSITIVE_INFINITY };
    await copy(
      reader,
      catchUp({ read: (from, options) => firstEvents(log.read(from, options), room) }, { format, framing }, stretch),
    );
    if (last !== undefined || room.left === 0 || !outlet.isOpen) return;
    for await (const { type, data } of unfinishedLines(log, head.position, outlet.closed))
      say(outlet, format.control(type, data));
  }

  /** How an answer begins. */
  open({ feed, format, outlet, connection }: Reader, located: Located, head: Cursor, latest?: Latest): void {
    const { instance, fanOut } = this.#options;
    const opened = { feed, located, head, instance, connection: connection?.id, latest: latest?.report };
    fanOut.figures.gaps += gapsOf(located).length;
    for (const bytes of opening(format, opened)) say(outlet, bytes);
  }

  /** Does `work`, and lets a client go that takes not one byte for long meanwhile. */
  async watched(outlet: Outlet, work: () => Promise<void>): Promise<void> {
    const { stallTimeoutMs, fanOut, wheel } = this.#options;
    const stall = new StallWatch(outlet, stallTimeoutMs, fanOut.figures);
    wheel.add(stall, FIRST_LOOK_MS);
    try {
      await work();
    } finally {
      wheel.remove(stall);
    }
  }
}
