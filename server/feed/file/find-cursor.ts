import type { Position } from '../position.ts';
import { type FileCursor, fitsContent, fitsHead } from './file-cursor.ts';
import { HEAD_BYTES } from './fingerprint.ts';
import type { Generation } from './generation.ts';
import type { Generations } from './generations.ts';
import { lastLineEnd } from './line-start.ts';
import type { Search } from './search.ts';
import { isCopyOf, mayBeCopyOf } from './succession.ts';

/** `place`: there it is. `gap`: it is gone; `position` is where its content ended, if that can be said. */
export type FoundCursor =
  | { readonly kind: 'place'; readonly position: Position }
  | { readonly kind: 'gap'; readonly reason: 'unknown' | 'ambiguous' | 'truncated'; readonly position?: Position };

/**
 * Finds the start of a range. Where contents of one file begin alike, and the cursor may be of each of them, it is of the one in
 * which the range ends.
 */
export async function findRange(search: Search, start: FileCursor, end: FileCursor | undefined): Promise<FoundCursor> {
  const found = await findCursor(search, start);
  const isUnsure = found.kind === 'gap' && found.reason === 'ambiguous';
  if (!isUnsure || end?.hint !== start.hint || end.offset < start.offset) return found;
  const foundEnd = await findCursor(search, end);
  const generation = foundEnd.kind === 'place' ? search.generations.get(foundEnd.position.generation) : undefined;
  if (generation === undefined || !(await fitsPlace(generation, start))) return found;
  return { kind: 'place', position: { generation: generation.ordinal, offset: start.offset } };
}

/**
 * Finds the place that a cursor names: in what is open, else in the older parts of the path, else in the folder's other files.
 * Content decides; the hint only breaks ties; several that fit are never guessed between.
 */
async function findCursor({ generations, inTurn }: Search, cursor: FileCursor): Promise<FoundCursor> {
  const inOpen = await choose(generations.all, cursor);
  // One that is open and has the right hint is the one, if it was not copied; any other might have a rival among the older parts.
  const open = inOpen?.kind === 'place' ? generations.get(inOpen.position.generation) : undefined;
  if (open?.hint === cursor.hint && !(await generations.mayHaveCopies(open))) return inOpen as FoundCursor;
  await inTurn(() => generations.loadOlder());
  const found = await choose(generations.all, cursor);
  if (found?.kind === 'place') tellCopies(generations, cursor, found.position);
  if (found !== undefined) return found;
  const fits = (generation: Generation) => fitsPlace(generation, cursor);
  if (cursor.offset > 0 && (await inTurn(() => generations.loadOther(fits))))
    return (await choose(generations.all, cursor)) ?? UNKNOWN;
  return lostEnd(generations, cursor);
}

const UNKNOWN: FoundCursor = { kind: 'gap', reason: 'unknown' };

/**
 * The file that the cursor came from is there, but what was in it lies in an older part: in a copy (copytruncate), as do all parts
 * in between. What was written to it between each copying and the cut is gone.
 */
function tellCopies(generations: Generations, cursor: FileCursor, place: Position): void {
  const original = generations.all.findLast(({ hint }) => hint === cursor.hint);
  if (original === undefined) return;
  for (const generation of generations.all)
    if (generation.ordinal >= place.generation && generation.ordinal < original.ordinal) generation.wasTruncated = true;
}

async function choose(candidates: readonly Generation[], cursor: FileCursor): Promise<FoundCursor | undefined> {
  const fitting: Generation[] = [];
  // A copy: the tail goes on, and adds to the list.
  for (const generation of [...candidates]) if (await fitsPlace(generation, cursor)) fitting.push(generation);
  const [hinted, another] = fitting.filter(({ hint }) => hint === cursor.hint);
  // What it held before it was cut lies in a copy before it; what came after it begins alike, and is no copy.
  const before = fitting.slice(0, hinted === undefined ? 0 : fitting.indexOf(hinted));
  const mayBeCut = cursor.offset > 0 && hinted !== undefined && (await hasRival(hinted, before));
  const isSure = hinted !== undefined && another === undefined && !mayBeCut;
  const isOnly = fitting.length === 1 && cursor.offset > 0 && !isOfLostBanner(candidates, cursor);
  const chosen = isSure ? hinted : isOnly ? fitting[0] : undefined;
  if (chosen !== undefined) return { kind: 'place', position: { generation: chosen.ordinal, offset: cursor.offset } };
  return fitting.length > 0 && cursor.offset > 0 ? { kind: 'gap', reason: 'ambiguous' } : undefined;
}

/** Behind what several contents of the path began with, in a file that is gone: the one that is left need not be a copy of that. */
function isOfLostBanner(candidates: readonly Generation[], { isShared, hint }: FileCursor): boolean {
  return isShared && !candidates.some((generation) => generation.hint === hint);
}

/** Whether another holds what `generation` may have held before it was cut, behind the same beginning: the hint is of both. */
async function hasRival(generation: Generation, others: readonly Generation[]): Promise<boolean> {
  for (const other of others)
    if (mayBeCopyOf(other, generation) && !(await isCopyOf(other, generation).catch(() => false))) return true;
  return false;
}

async function fitsPlace(generation: Generation, cursor: FileCursor): Promise<boolean> {
  if (generation.fate !== 'readable') return false;
  try {
    if (!fitsHead(cursor, generation.head)) await generation.look();
    if (!fitsHead(cursor, generation.head)) return false;
    await generation.look();
    if (generation.size < cursor.offset) return false;
    return fitsContent(cursor, generation.head, await generation.readContext(cursor.offset));
  } catch (error) {
    generation.failed(error);
    return false;
  }
}

/**
 * The place itself is nowhere. A copy that was made before the file was cut may lack only the end; if the file itself is there with
 * other content, it was cut and written again, from a head on that is perhaps the same banner.
 */
async function lostEnd(generations: Generations, cursor: FileCursor): Promise<FoundCursor> {
  const { newest } = generations;
  const begun = generations.readable.filter(({ head, size }) => fitsHead(cursor, head) && size < cursor.offset);
  const copies = newest?.hint === cursor.hint ? begun.filter((generation) => generation !== newest && isWholeHead(cursor)) : [];
  if (copies.length > 1) return { kind: 'gap', reason: 'ambiguous' };
  const [copy] = copies;
  if (copy !== undefined) return { kind: 'gap', reason: 'truncated', position: { generation: copy.ordinal, offset: copy.size } };
  const rewritten = generations.readable.find(({ hint }) => hint === cursor.hint);
  if (rewritten === undefined) return UNKNOWN;
  const offset = begun.includes(rewritten) ? await lastLineEnd(rewritten, cursor.headLength) : 0;
  return { kind: 'gap', reason: 'truncated', position: { generation: rewritten.ordinal, offset } };
}

/** Only a whole kilobyte tells enough to say that a file is a copy of the other's beginning. */
function isWholeHead(cursor: FileCursor): boolean {
  return cursor.headLength === HEAD_BYTES;
}
