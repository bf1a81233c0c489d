import type { Level } from './level.ts';
import { type Literal, literalOf } from './literal.ts';

export interface Pattern {
  /** In the syntax of RE2. */
  readonly text: string;
  /** Hides what it matches. */
  readonly isNot: boolean;
}

/** What a reader wants to see of a feed: all of it must hold. */
export interface Filter {
  /** Filters with the same key show the same events. */
  readonly key: string;
  readonly patterns: readonly SoughtPattern[];
  /** As bad as this or worse; undefined: whatever the level. */
  readonly level: Level | undefined;
  /** One of these types; none: whatever the type. */
  readonly types: ReadonlySet<string>;
}

export interface SoughtPattern extends Pattern {
  /** What each text that matches holds. */
  readonly literal: Literal | undefined;
}

/** Only so much of an event is looked at, bytes. */
export const MAX_LOOKED_AT_BYTES = 16 * 1024;

export interface Wanted {
  readonly patterns?: readonly Pattern[];
  readonly level?: Level | undefined;
  readonly types?: readonly string[];
}

export function filterOf({ patterns = [], level, types = [] }: Wanted): Filter {
  const texts = patterns.map(({ text, isNot }) => `${isNot ? '!' : '='}${text}`);
  return {
    key: JSON.stringify([[...new Set(texts)].sort(), level ?? null, [...new Set(types)].sort()]),
    patterns: patterns.map((pattern) => ({ ...pattern, literal: literalOf(pattern.text) })),
    level,
    types: new Set(types),
  };
}
