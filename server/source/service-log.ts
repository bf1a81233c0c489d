import pino from 'pino';
import type { MemoryLog } from '../feed/memory-log.ts';

const WARN = 40;
// With this a destination learns the level, the object and the message of what it is given (pino's documented symbol).
const METADATA = Symbol.for('pino.metadata');
// Control and format characters: a name from outside must not move the cursor or colour somebody's terminal.
const UNPRINTABLE = /[\p{Cc}\p{Cf}\u2028\u2029]/gu;

/** Where people read warnings: standard error. */
export interface Terminal {
  write(text: string): unknown;
  on(event: 'error', listener: () => void): unknown;
}

/**
 * The service's own log: each entry is a line of JSON in `log` (the feed `livefeed/log`); warnings and errors also go to standard error,
 * in words. What a follower of the feed logs while it is told an entry is not an entry again: the log does not feed itself.
 */
export function createServiceLog(level: pino.LevelWithSilent, log: MemoryLog, terminal: Terminal = process.stderr): pino.Logger {
  // Nobody reads a terminal that has gone away, and there is no better place to say so.
  terminal.on('error', () => {});
  const destination = {
    [METADATA]: true,
    lastLevel: 0,
    lastMsg: undefined as string | undefined,
    lastObj: undefined as unknown,
    write(line: string): void {
      if (!log.isTelling) log.append(line.trimEnd());
      if (this.lastLevel >= WARN) terminal.write(inWords(this.lastLevel, this.lastMsg, this.lastObj));
    },
  };
  const formatters = { level: (label: string) => ({ level: label }) };
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime, formatters }, destination);
}

function inWords(level: number, message: string | undefined, object: unknown): string {
  const label = level > WARN ? 'error' : 'warning';
  const cause = causeOf(object);
  const words = cause === undefined || cause === message ? (message ?? '') : `${message ?? ''}: ${cause}`;
  return `livefeed: ${label}: ${printable(words)}\n`;
}

/** The message of the error that was logged. */
function causeOf(object: unknown): string | undefined {
  const error = object instanceof Object && 'err' in object ? object.err : undefined;
  return error instanceof Error ? error.message : undefined;
}

/** Breaks become spaces: an entry is one line. */
function printable(text: string): string {
  return text.replace(/[\r\n\t]+/g, ' ').replace(UNPRINTABLE, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`);
}
