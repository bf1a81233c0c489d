import type { ControlData } from '../connection/protocol.ts';
import { parseTime } from '../connection/protocol.ts';

/** What is known to be missing since the feed was opened. `unknown`: a gap whose size cannot be known is among it. */
export interface Missed {
  gaps: number;
  bytes: number;
  events: number;
  unknown: boolean;
}

/** A return after a loss, for the ten seconds in which it is told. */
export interface Return {
  readonly atMs: number;
  caughtUp: number;
  missed: boolean;
  settled: boolean;
}

/** Keeps the account of one followed feed: since when nothing was missed, and what a return brought. */
export class Continuity {
  sinceMs: number | undefined;
  missed: Missed = { gaps: 0, bytes: 0, events: 0, unknown: false };
  back: Return | undefined;
  #openMs = 0;

  /** A stream begins. */
  open(data: ControlData, nowMs: number): void {
    const isReturn = this.sinceMs !== undefined;
    this.#openMs = parseTime(data.time) ?? nowMs;
    this.sinceMs ??= nowMs;
    if (isReturn) this.back = { atMs: nowMs, caughtUp: 0, missed: data.start === 'gap', settled: false };
  }

  gap({ bytes, events }: ControlData, nowMs: number): void {
    this.missed.gaps += 1;
    this.missed.bytes += bytes ?? 0;
    this.missed.events += events ?? 0;
    if (typeof bytes !== 'number' && typeof events !== 'number') this.missed.unknown = true;
    if (this.back !== undefined && !this.back.settled) this.back.missed = true;
    this.sinceMs = nowMs;
  }

  /** What was made before the stream began has been caught up; the first event made later, and all behind the head of then, is live. */
  line(isHead: boolean, timeMs: number | null): void {
    if (this.back === undefined || this.back.settled) return;
    if (timeMs !== null && timeMs >= this.#openMs) {
      this.back.settled = true;
      return;
    }
    this.back.caughtUp += 1;
    if (isHead) this.back.settled = true;
  }

  beat({ behind }: ControlData): void {
    if (behind === 0 && this.back !== undefined) this.back.settled = true;
  }
}
