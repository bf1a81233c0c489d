import type { ControlData, ControlType } from '../connection/protocol.ts';
import { parseTime } from '../connection/protocol.ts';
import { countOf, formatBytes, formatClock } from '../units.ts';

/** A row between rows: what happened at this place of the log. */
export interface NoteWords {
  readonly tone: 'plain' | 'gap';
  readonly words: string;
}

const GAP_REASONS: Readonly<Record<string, (name: string) => string>> = {
  expired: (name) => `${name} no longer keeps them`,
  truncated: (name) => `${name} was truncated before it was read`,
  unknown: (name) => `the place is not known in ${name}`,
  ambiguous: (name) => `several files of ${name} fit the place`,
  restarted: (name) => `the service was restarted, and ${name} is kept in memory only`,
  removed: (name) => `files of ${name} were removed`,
  unreadable: (name) => `${name} cannot be read`,
  late: (name) => `they came late to the old file of ${name}`,
};

/** The words for a control event that has a place in the log, or undefined for those that have none. */
export function noteWords(
  type: ControlType,
  data: ControlData,
  feed: string,
  nowMs: number,
  name = shortName(feed),
): NoteWords | undefined {
  const at = formatClock(parseTime(data.time) ?? nowMs);
  switch (type) {
    case 'feed.gap':
      return { tone: 'gap', words: `${missingWords(data)}: ${reasonWords(data.reason, name)} · ${at}` };
    case 'feed.rotated':
      return { tone: 'plain', words: `${name} was rotated, a new file begins · ${at}` };
    case 'feed.truncated':
      return { tone: 'plain', words: `${name} was truncated${lastLengthWords(data.bytes)}, it begins again · ${at}` };
    case 'feed.gone':
      return { tone: 'plain', words: `${name} is no longer there, what is open is still read · ${at}` };
    case 'feed.back':
      return { tone: 'plain', words: `${name} is there again · ${at}` };
    case 'feed.added':
      return { tone: 'plain', words: `${name} has come, it is read from its oldest line · ${at}` };
    case 'feed.removed':
      return { tone: 'plain', words: `${name} is no more, the others go on · ${at}` };
    case 'feed.skipped':
      return data.feeds === undefined ? undefined : { tone: 'gap', words: `${skippedWords(data)} · ${at}` };
    default:
      return undefined;
  }
}

const SKIPPED: Readonly<Record<string, string>> = {
  limit: 'they are more than are read together',
  unreadable: 'they cannot be read',
  'unknown-feed': 'they are not there',
};

/** Of feeds that are read together. In `feed.open` the feeds are told otherwise. */
function skippedWords({ feeds = [], reason = '' }: ControlData): string {
  return `Without ${feeds.map((feed) => shortName(String(feed))).join(', ')}: ${SKIPPED[reason] ?? reason}. The others go on`;
}

/** A stream that another process of the service gives. */
export function restartWords(resumed: boolean, nowMs: number): NoteWords {
  const what = resumed ? 'service restarted · nothing missed' : 'service restarted';
  return { tone: 'plain', words: `${what} · ${formatClock(nowMs)}` };
}

export function shortName(feed: string): string {
  return feed.slice(feed.lastIndexOf('/') + 1);
}

function missingWords({ bytes, events }: ControlData): string {
  if (typeof events === 'number') return `${countOf(events, 'line')} missing`;
  if (typeof bytes === 'number') return `${formatBytes(bytes)} missing`;
  return 'Lines may be missing, how many cannot be known';
}

function reasonWords(reason: string | undefined, name: string): string {
  return GAP_REASONS[reason ?? '']?.(name) ?? `the service says “${reason ?? 'nothing'}”`;
}

function lastLengthWords(bytes: number | null | undefined): string {
  return typeof bytes === 'number' ? ` at ${formatBytes(bytes)}` : '';
}
