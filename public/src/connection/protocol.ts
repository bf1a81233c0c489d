/** What the service sends, as docs/protocol.md says it. Everything is checked here once, and trusted afterwards. */

/** One event of a feed, as it stands in a batch. */
export interface Envelope {
  readonly id: string;
  /** Milliseconds since the epoch; null for what was in the file before the service looked. */
  readonly time: number | null;
  readonly data: string;
  readonly cut: boolean;
  /** Of several feeds, the one that it is of. */
  readonly feed?: string;
}

export const CONTROL_TYPES = [
  'feed.open',
  'feed.gap',
  'feed.hidden',
  'feed.closing',
  'feed.rotated',
  'feed.truncated',
  'feed.gone',
  'feed.back',
  'feed.partial',
  'feed.added',
  'feed.removed',
  'feed.skipped',
  'feed.beat',
] as const;
export type ControlType = (typeof CONTROL_TYPES)[number];

/** The members of a control event's data. Which are there depends on its type. */
export interface ControlData {
  readonly feed?: string;
  readonly start?: string;
  readonly head?: string;
  readonly instance?: string;
  readonly time?: string;
  readonly reason?: string;
  readonly bytes?: number | null;
  readonly events?: number | null;
  readonly retry?: number;
  readonly data?: string | null;
  readonly behind?: number;
  readonly count?: number;
  readonly atOldest?: boolean;
  /** Names, in `feed.skipped`. */
  readonly feeds?: readonly unknown[];
  readonly extent?: { readonly from: number; readonly until?: number; readonly of: number };
}

/** The envelopes of one batched event: one JSON object a line. A line that is not one is left out. */
export function parseBatch(data: string): Envelope[] {
  // Of hundreds, to take them apart at once costs half.
  const all = parseJson(`[${data.replaceAll('\n', ',')}]`);
  const values: unknown[] = Array.isArray(all) ? all : data.split('\n').map(parseJson);
  const envelopes: Envelope[] = [];
  for (const value of values) {
    const envelope = toEnvelope(value);
    if (envelope !== undefined) envelopes.push(envelope);
  }
  return envelopes;
}

export function parseControl(data: string): ControlData {
  const value = parseJson(data);
  return typeof value === 'object' && value !== null ? value : {};
}

/** Lines that come together have the same time, and to read it takes as long as all else of them. */
let lastTime: { readonly text: string; readonly ms: number | null } = { text: '', ms: null };

/** Milliseconds since the epoch of a protocol time, or null. */
export function parseTime(time: unknown): number | null {
  if (typeof time !== 'string') return null;
  if (time !== lastTime.text) {
    const ms = Date.parse(time);
    lastTime = { text: time, ms: Number.isNaN(ms) ? null : ms };
  }
  return lastTime.ms;
}

/** The event that a parsed line is; undefined where it is something else. */
export function toEnvelope(parsed: unknown): Envelope | undefined {
  const value = parsed as Record<string, unknown> | null | undefined;
  if (typeof value?.data !== 'string' || typeof value.id !== 'string') return undefined;
  return { id: value.id, time: parseTime(value.time), data: value.data, cut: value.cut === true, ...feedOf(value.feed) };
}

function feedOf(name: unknown): { feed?: string } {
  return typeof name === 'string' ? { feed: name } : {};
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
