import type { ConnectionState, Loss } from '../connection/feed-connection.ts';
import { countOf, formatBytes, formatCount, formatDuration, formatMinute } from '../units.ts';
import type { Missed, Return } from './continuity.ts';

/** What the foot says first: the state in words, and the button that goes with it. */
export interface StateWords {
  readonly tone: 'ok' | 'act' | 'warn' | 'error' | 'soft';
  readonly words: string;
  readonly action?: 'try-now';
  /** The same without figures that change each second, for screen readers. */
  readonly spoken: string;
}

export interface StateFacts {
  readonly connection: ConnectionState;
  readonly view: {
    readonly is: 'following' | 'paused' | 'reading';
    readonly newLines: number;
    readonly topMs: number | undefined;
  };
  readonly back: Return | undefined;
  readonly quietMs: number | undefined;
  readonly nowMs: number;
}

const BACK_IS_TOLD_MS = 10_000;
const QUIET_MS = 60_000;

const LOSS: Readonly<Record<Loss, string>> = {
  unreachable: 'Reconnecting',
  silent: 'The connection is dead, reconnecting',
  shutdown: 'The service is stopping, reconnecting',
  removed: 'The feed was removed, looking again',
  'unknown-feed': 'The feed is not there, looking again',
};

export function stateWords(facts: StateFacts): StateWords {
  const { connection, nowMs } = facts;
  switch (connection.is) {
    case 'waiting': {
      const seconds = Math.max(0, Math.ceil((connection.untilMs - nowMs) / 1000));
      return {
        tone: 'warn',
        words: `${LOSS[connection.loss]} in ${seconds} s`,
        spoken: LOSS[connection.loss],
        action: 'try-now',
      };
    }
    case 'connecting':
      return plain('soft', connection.again ? 'Reconnecting now' : 'Opening');
    case 'refused':
      return plain('error', connection.refusal.title);
    case 'closed':
      return plain('soft', 'Closed');
    case 'live':
      return liveWords(facts);
  }
}

function liveWords({ view, back, quietMs, nowMs }: StateFacts): StateWords {
  if (back !== undefined && nowMs - back.atMs < BACK_IS_TOLD_MS) return returnWords(back);
  const fresh = formatCount(view.newLines);
  if (view.is === 'paused') return { tone: 'act', words: `Paused · ${fresh} new`, spoken: 'Paused' };
  if (view.is === 'reading') {
    const place = view.topMs === undefined ? 'Reading' : `Reading ${formatMinute(view.topMs)}`;
    return { tone: 'act', words: `${place} · ${fresh} new below`, spoken: 'Reading, not following' };
  }
  if (quietMs !== undefined && quietMs >= QUIET_MS) return plain('ok', `Live · quiet ${formatDuration(quietMs)}`, 'Live');
  return plain('ok', 'Live');
}

function returnWords(back: Return): StateWords {
  const caughtUp = back.caughtUp === 0 ? 'nothing new came' : `${formatCount(back.caughtUp)} caught up`;
  const missed = back.missed ? 'lines may be missing' : 'missed nothing';
  const words = `Back at ${formatMinute(back.atMs)} · ${missed}, ${caughtUp}`;
  return { tone: back.missed ? 'warn' : 'ok', words, spoken: `Back, ${missed}` };
}

function plain(tone: StateWords['tone'], words: string, spoken = words): StateWords {
  return { tone, words, spoken };
}

/** `0 missed`, `12.4 kB missed`, `3 lines missed`; a gap of unknown size is never a zero. */
export function missedWords(missed: Missed): { figure: string; words: string } {
  if (missed.gaps === 0) return { figure: '0', words: 'missed' };
  if (missed.unknown) return { figure: countOf(missed.gaps, 'gap'), words: 'of unknown size' };
  if (missed.events > 0) return { figure: countOf(missed.events, 'line'), words: 'missed' };
  return { figure: formatBytes(missed.bytes), words: 'missed' };
}
