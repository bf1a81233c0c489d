import { findLevel as findStated, type Level as StatedLevel } from '../../../server/feed/filter/level.ts';

/** The three shades in which the page shows levels. Lines that state none, or `info`, have none: information has no colour. */
export type Level = 'error' | 'warn' | 'debug';

/** Where the level's word stands in the text, so that it can be marked. */
export interface FoundLevel {
  readonly level: Level | undefined;
  readonly start: number;
  readonly end: number;
}

const SHADES: Readonly<Record<StatedLevel, Level | undefined>> = {
  fatal: 'error',
  error: 'error',
  warn: 'warn',
  info: undefined,
  debug: 'debug',
  trace: 'debug',
};
const NOTHING: FoundLevel = { level: undefined, start: 0, end: 0 };

/** The level that the line itself states. `text` is free of colour sequences. */
export function findLevel(text: string): FoundLevel {
  const found = findStated(text);
  return found === undefined ? NOTHING : { ...found, level: SHADES[found.level] };
}

/** Undefined for information. */
export function shadeOf(level: StatedLevel): Level | undefined {
  return SHADES[level];
}
