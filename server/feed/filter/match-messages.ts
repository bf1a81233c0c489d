import type { Level } from './level.ts';

/** What a line is asked in the thread: all of it must hold. */
export interface Rule {
  readonly patterns: readonly { readonly text: string; readonly isNot: boolean }[];
  readonly level: Level | undefined;
}

/** Texts behind one another, each in UTF-8. */
export interface Texts {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly ends: Uint32Array<ArrayBuffer>;
}

export type Question =
  | { readonly id: number; readonly check: readonly string[] }
  | { readonly id: number; readonly rule: Rule; readonly texts: Texts };

/** What is wrong with a pattern. */
export interface Fault {
  readonly pattern: string;
  readonly words: string;
  /** Of the character in the pattern, from 1 on; undefined where it is not known. */
  readonly at?: number;
}

export type Answer =
  | { readonly id: number; readonly faults: readonly Fault[] }
  /** 1 for each text that holds. */
  | { readonly id: number; readonly holds: Uint8Array<ArrayBuffer> };
