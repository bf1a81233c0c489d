/** How bad a line says it is. Lines that say nothing, or `info`, have none: information has no colour. */
export type Level = 'error' | 'warn' | 'debug';

/** Where the level's word stands in the text, so that it can be marked. */
export interface FoundLevel {
  readonly level: Level | undefined;
  readonly start: number;
  readonly end: number;
}

/** Levels stand near the start; a look at more would find words of the message. */
const LOOKED_AT = 160;

const BY_WORD: Readonly<Record<string, Level | undefined>> = {
  emerg: 'error',
  emergency: 'error',
  panic: 'error',
  alert: 'error',
  crit: 'error',
  critical: 'error',
  fatal: 'error',
  severe: 'error',
  error: 'error',
  err: 'error',
  warning: 'warn',
  warn: 'warn',
  debug: 'debug',
  trace: 'debug',
  verbose: 'debug',
  fine: 'debug',
  finer: 'debug',
  finest: 'debug',
  silly: 'debug',
};
const WORDS = [...Object.keys(BY_WORD), 'notice', 'info', 'information', 'log'].sort((a, b) => b.length - a.length).join('|');

/** JSON and logfmt name the level, so they are believed first: `"level":"warn"`, `"level":50` (pino), `lvl=error`. */
const NAMED = /(?:["']?\b(?:level|lvl|severity|log\.level|loglevel|levelname)["']?\s*[:=]\s*["']?)([A-Za-z]+|\d{1,2}\b)/i;
const BRACKETED = new RegExp(`[[<(](${WORDS})[\\])>:]`, 'i');
/** Bare words count in capitals anywhere, in lower case only as `error:` or as the first word after the time. */
const CAPITALS = new RegExp(`(?<![A-Za-z0-9_/.-])(${WORDS.toUpperCase()})(?![A-Za-z0-9_/-])`);
const WITH_COLON = new RegExp(`(?:^|[\\s\\]])(${WORDS}):(?=\\s|$)`, 'i');
/** glog and klog: `E1123 14:31:02.118 ...`. */
const GLOG = /^([EWIFD])\d{4} \d\d:\d\d:\d\d/;
const GLOG_LEVEL: Readonly<Record<string, Level | undefined>> = { E: 'error', F: 'error', W: 'warn', D: 'debug' };
/** RFC 5424 priority: severity is the rest modulo 8. */
const SYSLOG_PRIORITY = /^<(\d{1,3})>/;

const NOTHING: FoundLevel = { level: undefined, start: 0, end: 0 };

/** The level that the line itself states. `text` is free of colour sequences. */
export function findLevel(text: string): FoundLevel {
  const head = text.length > LOOKED_AT ? text.slice(0, LOOKED_AT) : text;
  return found(NAMED.exec(text.startsWith('{') ? text.slice(0, 4 * LOOKED_AT) : head), ofName) ?? findStated(head) ?? NOTHING;
}

function findStated(head: string): FoundLevel | undefined {
  return (
    found(SYSLOG_PRIORITY.exec(head), ofSeverity) ??
    found(GLOG.exec(head), (letter) => GLOG_LEVEL[letter]) ??
    found(BRACKETED.exec(head), ofName) ??
    found(CAPITALS.exec(head), ofName) ??
    found(WITH_COLON.exec(head), ofName)
  );
}

function found(match: RegExpExecArray | null, levelOf: (word: string) => Level | undefined): FoundLevel | undefined {
  const word = match?.[1];
  if (match === null || word === undefined) return undefined;
  const start = match.index + match[0].lastIndexOf(word);
  return { level: levelOf(word), start, end: start + word.length };
}

function ofName(word: string): Level | undefined {
  return /^\d/.test(word) ? ofPinoNumber(Number(word)) : BY_WORD[word.toLowerCase()];
}

function ofPinoNumber(level: number): Level | undefined {
  if (level >= 50) return 'error';
  if (level >= 40) return 'warn';
  return level < 30 ? 'debug' : undefined;
}

function ofSeverity(priority: string): Level | undefined {
  const severity = Number(priority) % 8;
  if (severity <= 3) return 'error';
  if (severity === 4) return 'warn';
  return severity === 7 ? 'debug' : undefined;
}

/** Lines that go on with the one before: stack frames, causes, tracebacks. They share its level. */
export function isContinuation(text: string): boolean {
  return /^(?:\s+\S|Caused by: |Suppressed: |\.\.\. \d+ more)/.test(text);
}
