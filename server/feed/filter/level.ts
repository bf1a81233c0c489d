/** How bad a line says it is, from the least to the worst. This file is for the page as well: it imports nothing. */
export const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const;
export type Level = (typeof LEVELS)[number];

/** Where a line states its level: `start` and `end` of the word, number or letter in the text. */
export interface StatedLevel {
  readonly level: Level;
  readonly start: number;
  readonly end: number;
}

/** Levels stand near the start; a look at more would find words of the message. Objects of JSON are looked at further. */
const LOOKED_AT = 160;
/** No more of a line has to be given to `levelOf`. */
export const MAX_LEVEL_LENGTH = 4 * LOOKED_AT;

const WORDS_OF: Readonly<Record<Level, string>> = {
  trace: 'trace finer finest silly',
  debug: 'debug verbose fine',
  info: 'info information informational notice log',
  warn: 'warn warning',
  error: 'error err severe',
  fatal: 'fatal panic emerg emergency alert crit critical',
};
const BY_WORD = new Map(LEVELS.flatMap((level) => WORDS_OF[level].split(' ').map((word): [string, Level] => [word, level])));
const WORDS = [...BY_WORD.keys()].sort((a, b) => b.length - a.length).join('|');

/** JSON and logfmt name the level, so they are believed first: `"level":"warn"`, `"level":50` (pino), `lvl=error`. */
const NAMED = /["']?\b(?:level|lvl|severity|log\.level|loglevel|levelname)["']?\s{0,8}[:=]\s{0,8}["']?([A-Za-z]+|\d{1,2}\b)/i;
const BRACKETED = new RegExp(`[[<(](${WORDS})[\\])>:]`, 'i');
/** Bare words count in capitals anywhere, in lower case only as `error:`. */
const CAPITALS = new RegExp(`(?<![A-Za-z0-9_/.-])(${WORDS.toUpperCase()})(?![A-Za-z0-9_/-])`);
const WITH_COLON = new RegExp(`(?:^|[\\s\\]])(${WORDS}):(?=\\s|$)`, 'i');
/** glog and klog: `E1123 14:31:02.118 ...`. */
const GLOG = /^([EWIFD])\d{4} \d\d:\d\d:\d\d/;
const BY_LETTER = new Map<string, Level>([
  ['D', 'debug'],
  ['I', 'info'],
  ['W', 'warn'],
  ['E', 'error'],
  ['F', 'fatal'],
]);
/** RFC 5424 priority: severity is the rest modulo 8. */
const SYSLOG_PRIORITY = /^<(\d{1,3})>/;
const BY_SEVERITY: readonly Level[] = ['fatal', 'fatal', 'fatal', 'error', 'warn', 'info', 'info', 'debug'];
/** Colours, which stand around the word. */
const ESCAPES = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]{0,32}m`, 'g');

/** The level that a name or a number of pino means; undefined where it means none. */
export function levelNamed(word: string): Level | undefined {
  if (!/^\d/.test(word)) return BY_WORD.get(word.toLowerCase());
  const number = Number(word);
  return number < 10 ? undefined : LEVELS[Math.min(5, Math.floor(number / 10) - 1)];
}

/** The level that the line itself states; undefined where it states none. */
export function levelOf(line: string): Level | undefined {
  return findLevel(line.replace(ESCAPES, ''))?.level;
}

/** The same with its place, for a line that is free of colours. */
export function findLevel(text: string): StatedLevel | undefined {
  const head = text.slice(0, LOOKED_AT);
  return stated(NAMED.exec(text.startsWith('{') ? text.slice(0, MAX_LEVEL_LENGTH) : head), levelNamed) ?? statedIn(head);
}

/** Whether a line is as bad as `least`. One that states no level counts as `info`; it takes nothing from the lines before it. */
export function isAtLeast(line: string, least: Level): boolean {
  return LEVELS.indexOf(levelOf(line) ?? 'info') >= LEVELS.indexOf(least);
}

function statedIn(head: string): StatedLevel | undefined {
  const priority = SYSLOG_PRIORITY.exec(head);
  if (priority !== null) return stated(priority, (number) => BY_SEVERITY[Number(number) % 8]);
  const letter = GLOG.exec(head);
  if (letter !== null) return stated(letter, (initial) => BY_LETTER.get(initial));
  return stated(BRACKETED.exec(head) ?? CAPITALS.exec(head) ?? WITH_COLON.exec(head), levelNamed);
}

function stated(match: RegExpExecArray | null, levelMeant: (word: string) => Level | undefined): StatedLevel | undefined {
  const word = match?.[1];
  const level = word === undefined ? undefined : levelMeant(word);
  if (match === null || word === undefined || level === undefined) return undefined;
  const start = match.index + match[0].lastIndexOf(word);
  return { level, start, end: start + word.length };
}
