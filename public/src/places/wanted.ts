import { readable } from '../log/ansi.ts';
import type { Place } from '../log/chunk-store.ts';
import { type Filter, matches } from '../log/filter.ts';
import { findLevel, type Level } from '../log/level.ts';
import { type Asked, askedOf } from '../log/service-filter.ts';

/** A kind of line that is looked for: among the rows that are loaded, and beyond them by the service. */
export interface Wanted {
  /** What it is called. */
  readonly what: string;
  passes(place: Place): boolean;
  readonly asked: Asked;
  /** What the service finds may be more. */
  passesText(text: string): boolean;
}

export const ERRORS: Wanted = {
  what: 'error',
  passes: ({ chunk, index }) => chunk.level(index) === 'error' && !chunk.isContinued(index),
  asked: [['level', 'error']],
  passesText: (text) => findLevel(readable(text)).level === 'error',
};

export function findsOf(filter: Filter, levels: readonly Level[]): Wanted {
  const has = (text: string, level: Level | undefined) => hasLevel(levels, level) && matches(filter, text);
  return {
    what: 'find',
    passes: ({ chunk, index }) => !chunk.isNote(index) && has(readable(chunk.text(index)), chunk.level(index)),
    asked: askedOf(filter, levels) ?? [],
    passesText: (text) => has(readable(text), findLevel(readable(text)).level),
  };
}

function hasLevel(levels: readonly Level[], level: Level | undefined): boolean {
  return levels.length === 0 || (level !== undefined && levels.includes(level));
}
