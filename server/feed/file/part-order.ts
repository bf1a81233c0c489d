import { basename } from 'node:path';
import { rotationDate, rotationNumber } from './rotated-name.ts';

/** What tells how old a part is. */
export interface Aged {
  readonly path: string;
  readonly mtimeMs: number;
  /** 0 where the file system keeps no birth times. */
  readonly birthtimeMs: number;
}

/**
 * Oldest first. A date in the name rules, and so does a number, once the times have told in which direction this rotator counts.
 * The times alone would not do: a late line makes an old part young again, and two rotations can fall into one tick of the clock.
 */
export function oldestFirst<T extends Aged>(parts: readonly T[]): T[] {
  const ordered = parts.toSorted((a, b) => sinceMs(a) - sinceMs(b) || numberOf(b) - numberOf(a) || (a.path < b.path ? -1 : 1));
  reorder(ordered, (part) => rotationDate(basename(part.path)) !== undefined, byDate);
  reorder(
    ordered,
    isNumbered,
    countsFromNewest(ordered) ? (a, b) => numberOf(b) - numberOf(a) : (a, b) => numberOf(a) - numberOf(b),
  );
  return ordered;
}

/** When it began, or, for one that was compressed or restored and so was born after its last line, when it ended. */
export function sinceMs({ birthtimeMs, mtimeMs }: Aged): number {
  return birthtimeMs > 0 ? Math.min(birthtimeMs, mtimeMs) : mtimeMs;
}

/** Puts those that are of a kind into their own order, at the places that they have among the others. */
function reorder<T>(parts: T[], isOfKind: (part: T) => boolean, order: (a: T, b: T) => number): void {
  const inOrder = parts.filter(isOfKind).toSorted(order);
  for (const [place, part] of parts.entries()) if (isOfKind(part)) parts[place] = inOrder.shift() as T;
}

/** Of one date, the order of the times stands: sorting is stable. */
function byDate(a: Aged, b: Aged): number {
  const [dateA, dateB] = [rotationDate(basename(a.path)) ?? '', rotationDate(basename(b.path)) ?? ''];
  return dateA < dateB ? -1 : dateA > dateB ? 1 : 0;
}

function isNumbered(part: Aged): boolean {
  const name = basename(part.path);
  return rotationDate(name) === undefined && rotationNumber(name) !== undefined;
}

function numberOf(part: Aged): number {
  return rotationNumber(basename(part.path)) ?? 0;
}

/** logrotate and most others call the newest 1; some (log4j2's default) count up. In doubt the newest is 1. */
function countsFromNewest(parts: readonly Aged[]): boolean {
  const byNumber = parts.filter(isNumbered).toSorted((a, b) => numberOf(a) - numberOf(b));
  let votes = 0;
  let doubtful = 0;
  for (const [index, higher] of byNumber.entries()) {
    const lower = byNumber[index - 1];
    if (lower === undefined || sinceMs(lower) === sinceMs(higher)) continue;
    if (higher.mtimeMs <= sinceMs(lower)) votes += 1;
    if (lower.mtimeMs > sinceMs(higher)) continue;
    if (isBeginKnown(higher) || isCompressedBefore(lower, higher)) votes -= 1;
    else doubtful += 1;
  }
  // That one ended last may be a late line to it; that several did, one after the other, is not.
  return votes >= (doubtful > 1 ? doubtful : 0);
}

/** Not of one that was compressed or restored: that is as old as its last line, of which it is not known when it came. */
function isBeginKnown({ birthtimeMs, mtimeMs }: Aged): boolean {
  return birthtimeMs > 0 && birthtimeMs <= mtimeMs;
}

/** Whether both were compressed, and in this order: the order in which they were rotated, though a late line came to the first. */
function isCompressedBefore(a: Aged, b: Aged): boolean {
  return !isBeginKnown(a) && a.birthtimeMs > 0 && a.birthtimeMs < b.birthtimeMs;
}
