import { entryNamed, type Fields, findFields, valueText } from './fields.ts';
import type { LineRow } from './row.ts';
import { type FoundTime, findTime, TIME_NAMES, timeOfValue } from './timestamp.ts';

/** What a line says, besides its level. */
export interface LineReading {
  readonly time: FoundTime | undefined;
  readonly fields: Fields | undefined;
}

const MAX_KEPT = 2_000;
const MAX_KEPT_LENGTH = 4_096;
/** A time, and what stands before it, is shorter. */
const TIMED_LENGTH = 200;
const kept = new Map<string, LineReading>();

/**
 * Reads a line once for as long as it is near the view: drawn again (another filter, opened, scrolled back to) it is not read again.
 * The 2,000 lines read last are kept; long ones are not.
 */
export function readLine(text: string, nowMs: number): LineReading {
  const known = kept.get(text);
  if (known !== undefined) return known;
  const reading = read(text, nowMs);
  if (text.length > MAX_KEPT_LENGTH) return reading;
  const oldest = kept.size < MAX_KEPT ? undefined : kept.keys().next().value;
  if (oldest !== undefined) kept.delete(oldest);
  kept.set(text, reading);
  return reading;
}

/** What is so far ahead of the clock is no time of the line. */
const AHEAD_MS = 60_000;

/** When the line was written, as it tells; a time without its day is of the day when it was read. */
export function writtenAt(text: string, readAtMs: number, nowMs: number): FoundTime | undefined {
  const { time } = readLine(text, readAtMs);
  return time === undefined || time.ms > nowMs + AHEAD_MS ? undefined : time;
}

/** When the line was written, as it tells, else when the service read it. */
export function toldMs({ text, time }: Pick<LineRow, 'text' | 'time'>, nowMs: number): number | undefined {
  return writtenAt(text, time ?? nowMs, nowMs)?.ms ?? time ?? undefined;
}

function read(text: string, nowMs: number): LineReading {
  const stood = findTime(text.slice(0, TIMED_LENGTH), nowMs);
  const fields = findFields(text.slice(stood?.length ?? 0));
  return { time: stood ?? timeIn(fields, nowMs), fields };
}

function timeIn(fields: Fields | undefined, nowMs: number): FoundTime | undefined {
  const named = fields === undefined ? undefined : entryNamed(fields.root, TIME_NAMES);
  const found = named === undefined ? undefined : timeOfValue(valueText(named[1]), nowMs);
  return found === undefined ? undefined : { ...found, length: 0 };
}
