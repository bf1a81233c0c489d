import type { Position } from '../position.ts';
import { type FileCursor, fitsContent, fitsHead } from './file-cursor.ts';
import { HEAD_BYTES } from './fingerprint.ts';
import type { Generation } from './generation.ts';
import type { Generations } from './generations.ts';
import type { Search } from './search.ts';

/** `place`: there it is. `gap`: it is gone; `position` is where its content ended, if that can be said. */
export type FoundCursor =
  | { readonly kind: 'place'; readonly position: Position }
  | { readonly kind: 'gap'; readonly reason: 'unknown' | 'ambiguous' | 'truncated'; readonly position?: Position };

/**
 * Finds the place that a cursor names: in what is open, else in the older parts of the path, else in the folder's other files.
 * Content decides; the hint only breaks ties; several that fit are never guessed between.
 */
export async function findCursor({ generations, inTurn }: Search, cursor: FileCursor): Promise<FoundCursor> {
  const inOpen = await choose(generations.all, cursor);
  // One that is open and has the right hint is the one; any other might have a rival among the older parts.
  if (inOpen?.kind === 'place' && hintOf(generations, inOpen.position) === cursor.hint) return inOpen;
  await inTurn(() => generations.loadOlder());
  const found = await choose(generations.all, cursor);
  if (found !== undefined) return found;
  const fits = (generation: Generation) => fitsPlace(generation, cursor);
  if (cursor.offset > 0 && (await inTurn(() => generations.loadOther(fits))))
    return (await choose(generations.all, cursor)) ?? UNKNOWN;
  return lostEnd(generations, cursor);
}

const UNKNOWN: FoundCursor = { kind: 'gap', reason: 'unknown' };

async function choose(candidates: readonly Generation[], cursor: FileCursor): Promise<FoundCursor | undefined> {
  const fitting: Generation[] = [];
  // A copy: the tail goes on, and adds to the list.
  for (const generation of [...candidates]) if (await fitsPlace(generation, cursor)) fitting.push(generation);
  const hinted = fitting.filter(({ hint }) => hint === cursor.hint);
  const chosen = hinted.length === 1 ? hinted[0] : fitting.length === 1 && cursor.offset > 0 ? fitting[0] : undefined;
  if (chosen !== undefined) return { kind: 'place', position: { generation: chosen.ordinal, offset: cursor.offset } };
  return fitting.length > 1 && cursor.offset > 0 ? { kind: 'gap', reason: 'ambiguous' } : undefined;
}

async function fitsPlace(generation: Generation, cursor: FileCursor): Promise<boolean> {
  if (generation.fate !== 'readable') return false;
  try {
    if (generation.head.length < cursor.headLength) await generation.look();
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
 * The place itself is nowhere. If one content begins as the cursor's did and ends before its place, that end was cut off; if the
 * file itself is there with other content, it was cut and written again.
 */
async function lostEnd(generations: Generations, cursor: FileCursor): Promise<FoundCursor> {
  const shorter = generations.readable.filter((generation) => beginsAlike(generation, cursor) && generation.size < cursor.offset);
  const [only] = shorter;
  if (only !== undefined && shorter.length === 1)
    return { kind: 'gap', reason: 'truncated', position: { generation: only.ordinal, offset: only.size } };
  const rewritten = generations.readable.find(({ hint }) => hint === cursor.hint);
  if (rewritten === undefined) return UNKNOWN;
  return { kind: 'gap', reason: 'truncated', position: { generation: rewritten.ordinal, offset: 0 } };
}

/** Only a whole kilobyte tells enough to say whose end is missing; of less, the identity must vouch as well. */
function beginsAlike(generation: Generation, cursor: FileCursor): boolean {
  if (!fitsHead(cursor, generation.head)) return false;
  return cursor.headLength === HEAD_BYTES || generation.hint === cursor.hint;
}

function hintOf(generations: Generations, { generation }: Position): string | undefined {
  return generations.get(generation)?.hint;
}
