import { createHash } from 'node:crypto';
import { type Cursor, MAX_CURSOR_LENGTH, parseCursor } from '../cursor.ts';

/** Feeds that one connection reads at most. */
export const MAX_FEEDS = 32;

const VERSION = 'v';
const SHORT = 4;
/** In a set in which two names have the same short hash, both have a long one. */
const LONG = 8;
const LONG_MARK = '~';
const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** 1,601: a header that every server and proxy takes. */
export const MAX_VECTOR_LENGTH = VERSION.length + MAX_FEEDS * (LONG_MARK.length + LONG + 1 + MAX_CURSOR_LENGTH);

export interface VectorEntry {
  /** Of a feed's name, as in the text. */
  readonly hash: string;
  readonly cursor: Cursor;
}

/** A place in several feeds, as a client holds it: each feed's cursor under a hash of its name. */
export class Vector {
  static readonly empty = new Vector([]);
  readonly entries: readonly VectorEntry[];

  constructor(entries: readonly VectorEntry[]) {
    this.entries = entries;
  }

  /** The cursor of each of `names`; `ambiguous` where the hash may mean another; names that it does not tell of are left out. */
  cursorsOf(names: readonly string[]): Map<string, Cursor | 'ambiguous'> {
    const claims = this.#claimsOf(names);
    const cursors = new Map<string, Cursor | 'ambiguous'>();
    for (const [hash, claimants] of claims) {
      const [entry, ...more] = this.entries.filter((one) => one.hash === hash);
      const isClear = claimants.length === 1 && more.length === 0 && entry !== undefined;
      for (const name of claimants) cursors.set(name, isClear ? entry.cursor : 'ambiguous');
    }
    return cursors;
  }

  /** What it tells of other feeds. */
  without(names: readonly string[]): Vector {
    if (this.entries.length === 0) return this;
    const claims = this.#claimsOf(names);
    return claims.size === 0 ? this : new Vector(this.entries.filter(({ hash }) => !claims.has(hash)));
  }

  get text(): Cursor {
    return vectorOf(this.entries.map(entryText));
  }

  /** The newest `count` entries. */
  newest(count: number): Vector {
    return this.entries.length <= count ? this : new Vector(this.entries.slice(this.entries.length - Math.max(0, count)));
  }

  /** By which hash each name is meant: the long one where there is one. */
  #claimsOf(names: readonly string[]): Map<string, string[]> {
    const hashes = new Set(this.entries.map(({ hash }) => hash));
    const claims = new Map<string, string[]>();
    for (const name of names) {
      const hash = [longHash(name), hashOf(name, SHORT)].find((one) => hashes.has(one));
      if (hash !== undefined) claims.set(hash, [...(claims.get(hash) ?? []), name]);
    }
    return claims;
  }
}

/** What stands before the cursor of each name, but for its length: a hash that is no other's, nor `taken`. */
export function hashesOf(names: readonly string[], taken: readonly VectorEntry[] = []): Map<string, string> {
  const counts = new Map<string, number>();
  for (const hash of [...names.map((name) => hashOf(name, SHORT)), ...taken.map((entry) => entry.hash)])
    counts.set(hash, (counts.get(hash) ?? 0) + 1);
  const isUnique = (name: string) => counts.get(hashOf(name, SHORT)) === 1;
  return new Map(names.map((name) => [name, isUnique(name) ? hashOf(name, SHORT) : longHash(name)]));
}

/** `hash`, the cursor's length as one digit, the cursor. */
export function entryText({ hash, cursor }: VectorEntry): string {
  return `${hash}${lengthDigit(cursor.length)}${cursor}`;
}

export function lengthDigit(length: number): string {
  return DIGITS[length] as string;
}

export function vectorOf(entries: readonly string[]): Cursor {
  return `${VERSION}${entries.join('')}` as Cursor;
}

/** The vector, or undefined where `text` is not one. */
export function parseVector(text: string): Vector | undefined {
  if (!text.startsWith(VERSION) || text.length > MAX_VECTOR_LENGTH) return undefined;
  const entries: VectorEntry[] = [];
  for (let at = VERSION.length; at < text.length; ) {
    const hashEnd = at + (text[at] === LONG_MARK ? LONG_MARK.length + LONG : SHORT);
    const hash = text.slice(at, hashEnd);
    const length = DIGITS.indexOf(text[hashEnd] ?? '');
    const cursor = parseCursor(text.slice(hashEnd + 1, hashEnd + 1 + length));
    if (cursor === undefined || cursor.length !== length || !/^~?[A-Za-z0-9_-]+$/.test(hash)) return undefined;
    entries.push({ hash, cursor });
    at = hashEnd + 1 + length;
  }
  return entries.length > MAX_FEEDS ? undefined : new Vector(entries);
}

function longHash(name: string): string {
  return LONG_MARK + hashOf(name, LONG);
}

function hashOf(name: string, length: number): string {
  return hashed(name).slice(0, length);
}

const hashes = new Map<string, string>();
const MAX_REMEMBERED = 4096;

function hashed(name: string): string {
  const known = hashes.get(name);
  if (known !== undefined) return known;
  if (hashes.size >= MAX_REMEMBERED) hashes.clear();
  const hash = createHash('sha256').update(name).digest('base64url');
  hashes.set(name, hash);
  return hash;
}
